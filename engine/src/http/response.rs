//! An answer.

use super::fault;
use super::limits::permits::Permit;
use super::limits::timeouts::Timeouts;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::http::codes;
use crate::role::without_secrets;
use crate::stream::Body;
use futures_util::{StreamExt, stream};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use std::borrow::Cow;

/// Headers that are about who we are, and so for the engine alone.
const KEPT: [&str; 8] = [
    "authentication-info",
    "authorization",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "www-authenticate",
];

/// The credential of a request, kept beside its answer: a registry may tell what it was sent.
#[derive(Clone)]
pub(super) struct SentCredential(HeaderValue);

impl SentCredential {
    /// The credential of a request with these headers.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        headers.get(AUTHORIZATION).cloned().map(Self)
    }

    /// Whether a text holds the credential, which follows the word for its kind.
    fn is_in(&self, text: &str) -> bool {
        let credential = self.0.to_str().ok().and_then(|value| value.split_once(' '));
        credential.is_some_and(|(_, secret)| !secret.is_empty() && text.contains(secret))
    }
}

/// An answer, whatever its status.
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case. Values that are not text are left out, and those that
    /// are about logins or hold the credential of the request.
    pub headers: Vec<(String, String)>,
    /// The URL that answered, after redirects, as it truly is but for secrets.
    pub final_url: String,
    /// The body. It counts as one of the registry's requests in flight until it ends or is
    /// dropped.
    pub body: Body,
}

impl Response {
    /// Takes over an answer. `permit` is given back when the body ended.
    pub(super) fn of(
        answer: reqwest::Response,
        permit: Permit,
        host: String,
        timeouts: Timeouts,
        origin: Origin,
    ) -> Self {
        let headers = answer.headers().iter().filter(|(name, _)| !KEPT.contains(&name.as_str()));
        let sent = answer.extensions().get::<SentCredential>();
        let tells = |text: &&str| {
            let is_known = || matches!(without_secrets(text), Cow::Owned(_));
            sent.is_some_and(|sent| sent.is_in(text)) || is_known()
        };
        let headers = headers.filter_map(|(name, value)| {
            let value = value.to_str().ok().filter(|value| !tells(value))?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        let headers = headers.collect();
        let status = answer.status().as_u16();
        let final_url = without_secrets(answer.url().as_str()).into_owned();
        let size = answer.content_length();
        let body = if size == Some(0) {
            Body::from_bytes("")
        } else {
            let permit = permit.answered(&answer);
            let state = Some((answer.bytes_stream(), permit, host));
            let chunks = stream::unfold(state, move |state| async move {
                let (mut chunks, permit, host) = state?;
                match tokio::time::timeout(timeouts.idle, chunks.next()).await {
                    Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some((chunks, permit, host)))),
                    Ok(Some(Err(error))) => Some((Err(fault::broken(&error, &host, origin)), None)),
                    Ok(None) => None,
                    Err(_) => Some((Err(stalled(&host, timeouts, origin)), None)),
                }
            });
            Body::new(size, chunks)
        };
        Self { status, headers, final_url, body }
    }
}

fn stalled(host: &str, timeouts: Timeouts, origin: Origin) -> Fault {
    let message = format!("`{host}` sent nothing for {} ms", timeouts.idle.as_millis());
    Fault::new(codes::STALLED, origin, message).retry(Retry::Backoff).at(host)
}
