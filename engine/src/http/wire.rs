//! Sends one request, with everything that is the same for all: the gate, the bounds of waiting,
//! patience when a host asks for it, and one repetition when a connection was dead.

use super::client::Client;
use super::fault;
use super::limits::permits::{Load, Pass};
use super::limits::retry_after;
use super::net::connections::Way;
use super::place::{Place, host_port};
use super::response::SignedWith;
use crate::diagnostic::{Fault, Origin};
use crate::event::{Event, RequestKind};
use crate::role::{Clock, Patience, Secret, SystemClock};
use crate::stream::{Body, Chunks};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// Bodies of answers that nobody reads are read to their end up to this size, which keeps the
/// connection; for more a new connection is cheaper.
const MAX_DRAINED_BYTES: u64 = 16 << 10;

/// A request that was found to be within its errand.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
    /// The bytes of a small body, for a registry that wants another login once it was sent.
    pub(super) kept: Option<Bytes>,
    /// Whether it is for a token.
    pub(super) token: bool,
    /// Whether redirects are followed.
    pub(super) follow: bool,
    /// Where waiting is noted that the guest's call is not to blame for.
    pub(super) patience: Patience,
}

/// An answer, with the pass that it was let in by.
pub(super) type Answer = (reqwest::Response, Pass);

impl Call {
    /// A request of our own.
    pub(super) fn new(method: Method, url: Url) -> Self {
        let (headers, patience) = (HeaderMap::new(), Patience::default());
        Self { method, url, headers, body: None, kept: None, token: false, follow: false, patience }
    }

    /// The same once more; `None` where a body was given away.
    pub(super) fn again(&self) -> Option<Self> {
        self.body.is_none().then(|| self.without_body())
    }

    /// The same once more after a refusal, which took nothing: with its body, if that was kept.
    pub(super) fn after_refusal(&self) -> Option<Self> {
        let kept = self.kept.clone();
        match (&self.body, &kept) {
            (Some(_), None) => None,
            (body, _) => {
                let body = body.as_ref().and(kept.clone()).map(Body::from_bytes);
                Some(Self { body, kept, ..self.without_body() })
            }
        }
    }

    fn without_body(&self) -> Self {
        let Self { method, url, headers, token, follow, patience, .. } = self;
        let (method, url, headers) = (method.clone(), url.clone(), headers.clone());
        let (token, follow, patience) = (*token, *follow, patience.clone());
        Self { method, url, headers, body: None, kept: None, token, follow, patience }
    }

    /// A request whose waiting is noted.
    pub(super) fn noting(self, patience: &Patience) -> Self {
        Self { patience: patience.clone(), ..self }
    }

    /// With an `Authorization` header, which is kept out of every text.
    pub(super) fn signed(mut self, value: Option<&Secret>) -> Self {
        self.headers.remove(AUTHORIZATION);
        let value = value.and_then(|value| HeaderValue::try_from(value.reveal()).ok());
        if let Some(mut value) = value {
            value.set_sensitive(true);
            self.headers.insert(AUTHORIZATION, value);
        }
        self
    }

    /// A token is read like a body: whoever needs one may be what an upload waits for.
    fn load(&self) -> Load {
        match (&self.method, &self.body) {
            _ if self.token => Load::Read,
            (_, Some(_)) => Load::Send,
            (&Method::GET, None) => Load::Read,
            _ => Load::Ask,
        }
    }

    fn kind(&self) -> RequestKind {
        let manifest = self.url.path().contains("/manifests/");
        match (self.token, &self.method) {
            (true, _) => RequestKind::Token,
            (false, &Method::GET) if manifest => RequestKind::ManifestGet,
            (false, &Method::HEAD) if manifest => RequestKind::ManifestHead,
            (false, &Method::GET) => RequestKind::Get,
            (false, &Method::HEAD) => RequestKind::Head,
            _ => RequestKind::Write,
        }
    }
}

impl Client {
    /// Sends a request to where its URL says, by a way, and waits for the head of the answer.
    pub(super) async fn exchange(
        &self,
        place: &Place,
        way: Way,
        call: Call,
        origin: Origin,
    ) -> Result<Answer, Fault> {
        let gate = place.gate(&call.url);
        let mut call = Some(call);
        let (mut pauses, mut died) = (0, false);
        loop {
            let Some(now) = call.take() else {
                return Err(fault::invalid("a request was taken twice"));
            };
            call = now.again();
            let waiting = now.patience.wait();
            let pass = gate.enter(now.load()).await;
            drop(waiting);
            let host = host_port(&now.url);
            let answer = match self.once(place, way, now, origin).await {
                Ok(answer) => answer,
                Err(fault) if call.is_some() && !died && fault::died(&fault) => {
                    died = true;
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            match self.asked_pause(&answer, pauses) {
                Some(pause) => {
                    gate.close_for(pause);
                    let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                    let status = answer.status().as_u16();
                    self.events.say(&Event::Waiting { host, millis, status });
                    if call.is_none() || pauses >= self.shared.patience.pauses {
                        return Ok((answer, pass));
                    }
                    pauses += 1;
                    self.discard((answer, pass)).await;
                }
                None => return Ok((answer, pass)),
            }
        }
    }

    /// Reads an answer that is of no interest to its end, if that is near.
    pub(super) async fn discard(&self, (answer, pass): Answer) {
        if answer.content_length().is_some_and(|size| size <= MAX_DRAINED_BYTES) {
            drop(tokio::time::timeout(self.shared.patience.head, answer.bytes()).await);
        }
        drop(pass);
    }

    async fn once(
        &self,
        place: &Place,
        way: Way,
        call: Call,
        origin: Origin,
    ) -> Result<reqwest::Response, Fault> {
        let client = place.connections.by(way, &self.shared, place, &call.url).await?;
        let (host, kind, asked) = (host_port(&call.url), call.kind(), call.url.clone());
        let pull = match (way, kind, origin) {
            (Way::Own, RequestKind::ManifestGet, Origin::Source) => {
                let pull = place.quota.pull(place.settings.reserve);
                Some(pull.map_err(|spent| fault::quota(&host, spent))?)
            }
            _ => None,
        };
        let since = Instant::now();
        let signed = SignedWith::of(&call.headers);
        let mut answer = self.send_by(client, call, &host, origin).await;
        if let (Ok(answer), Some(signed)) = (&mut answer, signed) {
            answer.extensions_mut().insert(signed);
        }
        if let (Way::Own, Ok(answer)) = (way, &answer) {
            place.note_reach(self.shared.reach_of(answer, &asked));
            place.quota.answered(pull, answer.headers(), since, |remaining| {
                self.events.say(&Event::QuotaTold { host: host.clone(), remaining });
            });
        }
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        self.events.say(&Event::Requested { host, kind, status });
        answer
    }

    async fn send_by(
        &self,
        client: &reqwest::Client,
        call: Call,
        host: &str,
        origin: Origin,
    ) -> Result<reqwest::Response, Fault> {
        let patience = &self.shared.patience;
        let payload = matches!(call.method, Method::POST | Method::PUT | Method::PATCH);
        let mut request = reqwest::Request::new(call.method, call.url);
        *request.headers_mut() = call.headers;
        let Some(body) = call.body else {
            if payload {
                request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            let answer = tokio::time::timeout(patience.head, client.execute(request)).await;
            let answer =
                answer.map_err(|_| fault::late(host, patience.head.as_millis(), origin))?;
            return answer.map_err(|error| fault::unanswered(&error, host, origin));
        };
        if let Some(size) = body.size() {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(size));
        }
        let progress = Arc::new(Progress::new());
        let sent = Sent { chunks: body.into_chunks(), progress: Arc::clone(&progress) };
        *request.body_mut() = Some(reqwest::Body::wrap_stream(sent));
        tokio::select! {
            answer = client.execute(request) => {
                answer.map_err(|error| fault::unanswered(&error, host, origin))
            }
            () = progress.stalled(patience.idle) => {
                Err(fault::late(host, patience.idle.as_millis(), origin))
            }
        }
    }

    /// The pause that an answer asks for, if it does and is not beyond our patience.
    fn asked_pause(&self, answer: &reqwest::Response, pauses: u32) -> Option<Duration> {
        let patience = &self.shared.patience;
        let value = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let asked = value.and_then(|value| retry_after::parse(value, SystemClock.since_epoch()));
        let pause = match answer.status() {
            StatusCode::TOO_MANY_REQUESTS => {
                asked.unwrap_or_else(|| patience.first_pause * 2_u32.saturating_pow(pauses))
            }
            StatusCode::SERVICE_UNAVAILABLE => asked?,
            _ => return None,
        };
        (pause <= patience.pause).then_some(pause)
    }
}

/// When the last bytes of a request's body were taken, in milliseconds since its start;
/// `WAITING` while the body's own source is being waited for, which has bounds of its own.
struct Progress {
    start: Instant,
    last: AtomicU64,
}

const WAITING: u64 = u64::MAX;

impl Progress {
    fn new() -> Self {
        Self { start: Instant::now(), last: AtomicU64::new(0) }
    }

    fn note(&self, waiting: bool) {
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(WAITING - 1);
        self.last.store(if waiting { WAITING } else { millis }, Ordering::Relaxed);
    }

    /// Ends when the other side took nothing, and answered nothing, for `idle`.
    async fn stalled(&self, idle: Duration) {
        loop {
            let last = match self.last.load(Ordering::Relaxed) {
                WAITING => self.start.elapsed(),
                last => Duration::from_millis(last),
            };
            let until = self.start + last + idle;
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

/// A body on its way out.
struct Sent {
    chunks: Chunks,
    progress: Arc<Progress>,
}

impl Stream for Sent {
    type Item = Result<Bytes, Fault>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.chunks.poll_next_unpin(context);
        self.progress.note(polled.is_pending());
        polled
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
