//! An answer.

use super::fault;
use super::limits::patience::Patience;
use super::limits::permits::Pass;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::http::codes;
use crate::stream::Body;
use futures_util::{StreamExt, stream};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

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

/// What a request was signed with, beside its answer: a registry may tell what it was sent.
#[derive(Clone)]
pub(super) struct SignedWith(HeaderValue);

impl SignedWith {
    /// The signature of a request.
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
    /// are about logins or hold what the request was signed with.
    pub headers: Vec<(String, String)>,
    /// The URL that answered, after redirects, as it truly is.
    pub final_url: String,
    /// The body. It counts as one of the registry's requests in flight until it ends or is
    /// dropped.
    pub body: Body,
}

impl Response {
    /// Takes over an answer. `pass` is given back when the body ended.
    pub(super) fn of(
        answer: reqwest::Response,
        pass: Pass,
        host: String,
        patience: Patience,
        origin: Origin,
    ) -> Self {
        let headers = answer.headers().iter().filter(|(name, _)| !KEPT.contains(&name.as_str()));
        let signed = answer.extensions().get::<SignedWith>();
        let tells = |text: &&str| signed.is_some_and(|signed| signed.is_in(text));
        let headers = headers.filter_map(|(name, value)| {
            let value = value.to_str().ok().filter(|value| !tells(value))?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        let headers = headers.collect();
        let status = answer.status().as_u16();
        let final_url = answer.url().to_string();
        let size = answer.content_length();
        let body = if size == Some(0) {
            Body::from_bytes("")
        } else {
            let pass = pass.answered(&answer);
            let state = Some((answer.bytes_stream(), pass, host));
            let chunks = stream::unfold(state, move |state| async move {
                let (mut chunks, pass, host) = state?;
                match tokio::time::timeout(patience.idle, chunks.next()).await {
                    Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some((chunks, pass, host)))),
                    Ok(Some(Err(error))) => Some((Err(fault::broken(&error, &host, origin)), None)),
                    Ok(None) => None,
                    Err(_) => Some((Err(stalled(&host, patience, origin)), None)),
                }
            });
            Body::new(size, chunks)
        };
        Self { status, headers, final_url, body }
    }
}

fn stalled(host: &str, patience: Patience, origin: Origin) -> Fault {
    let message = format!("`{host}` sent nothing for {} ms", patience.idle.as_millis());
    Fault::new(codes::STALLED, origin, message).retry(Retry::Backoff).at(host)
}
