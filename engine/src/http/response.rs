//! An answer.

use super::fault;
use super::limits::permits::Permit;
use super::limits::timeouts::Timeouts;
use super::net::origin::host_port;
use crate::diagnostic::{Fault, Kind, Origin, Retry};
use crate::http::codes;
use crate::oci::{Codec, MAX_MANIFEST_BYTES};
use crate::role::without_secrets;
use crate::stream::{Body, UnpackBounds};
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

/// What a manifest may unpack to: a little more than the largest that is read, so that it is the reader who
/// says that one is too large.
const MANIFEST_BOUNDS: UnpackBounds = UnpackBounds {
    free_bytes: 2 * MAX_MANIFEST_BYTES,
    ratio: 1,
    total_bytes: 2 * MAX_MANIFEST_BYTES,
};
/// Bytes of the shortest credential that is looked for in headers, as in the list of known secrets. A shorter
/// one stands in most texts by chance: with the token `t` of a registry that gives everybody the same, its
/// answers would have no `Location`, and no upload could go on.
const SHORTEST_BYTES: usize = 4;

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
        credential
            .is_some_and(|(_, secret)| secret.len() >= SHORTEST_BYTES && text.contains(secret))
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
    /// Whether a login went with the request.
    pub with_login: bool,
    /// The host that answered, with its port, where the registry led to another one than itself.
    pub led_to: Option<String>,
    /// The body. It counts as one of the registry's requests in flight until it ends or is
    /// dropped.
    pub body: Body,
}

impl Response {
    /// The same without the compression by gzip that proxies add although nothing asks for it.
    pub(super) fn unpacked(mut self) -> Self {
        let is_gzip = |(name, value): &(String, String)| {
            let value = value.trim().to_ascii_lowercase();
            name == "content-encoding" && matches!(value.as_str(), "gzip" | "x-gzip")
        };
        if !self.headers.iter().any(is_gzip) {
            return self;
        }
        self.headers.retain(|(name, _)| name != "content-encoding" && name != "content-length");
        let packed = std::mem::replace(&mut self.body, Body::from_bytes(""));
        let plain = packed.decompressed(Codec::Gzip, MANIFEST_BOUNDS).into_chunks();
        self.body = Body::new(None, plain.map(|chunk| chunk.map_err(not_unpacked)));
        self
    }

    /// Takes over an answer. `permit` is given back when the body ended; `led`: another host answered
    /// than the one that was asked.
    pub(super) fn of(
        answer: reqwest::Response,
        permit: Permit,
        led: bool,
        timeouts: Timeouts,
        origin: Origin,
    ) -> Self {
        let host = host_port(answer.url());
        let led_to = led.then(|| host.clone());
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
        let with_login = sent.is_some();
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
        Self { status, headers, final_url, with_login, led_to, body }
    }
}

/// What is wrong with a manifest that a proxy compressed.
fn not_unpacked(fault: Fault) -> Fault {
    if !matches!(fault.kind, Kind::Corrupt | Kind::Exhausted) {
        return fault;
    }
    let message =
        format!("the manifest came compressed by gzip, and does not unpack: {}", fault.message);
    let help = "a proxy before the registry must leave manifests as they are";
    Fault { message, ..fault }.help(help)
}

fn stalled(host: &str, timeouts: Timeouts, origin: Origin) -> Fault {
    let message = format!("`{host}` sent nothing for {} ms", timeouts.idle.as_millis());
    Fault::new(codes::STALLED, origin, message).retry(Retry::Backoff).at(host)
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
