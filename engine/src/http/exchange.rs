//! Sends one request, with everything that is the same for all: permits, timeouts, the pauses that a
//! host asks for, and one repetition when a connection was dead.

use super::fault;
use super::limits::permits::Permit;
use super::limits::retry_after;
use super::net::network::Network;
use super::net::origin::host_port;
use super::net::peer::Peer;
use super::outgoing_request::OutgoingRequest;
use super::registry_host::RegistryHost;
use super::response::SentCredential;
use super::sent_body::SentBody;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::event::{Event, Events, RequestKind};
use crate::role::{self, Clock, SystemClock};
use reqwest::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Bodies of answers that nobody reads are read to their end up to this size, which keeps the
/// connection; for more a new connection is cheaper.
const MAX_DRAINED_BYTES: u64 = 16 << 10;

/// The longest window of a quota that is waited for before a pull is sent. Some registries count the
/// requests of a second, and their window is over before the image could be tried again.
const SHORT_WINDOW: Duration = Duration::from_secs(5);
/// How often one request waits for the next window: others may use that up before it gets its turn.
const MAX_WINDOWS: u32 = 5;

/// What a fault leaves out of a window, as it counts in whole milliseconds.
const ROUNDED: Duration = Duration::from_millis(1);

/// What the exchanges of a run share.
#[derive(Clone)]
pub(super) struct Exchange {
    pub(super) network: Arc<Network>,
    pub(super) events: Events,
}

/// A response whose head has arrived, with the permit of its request.
pub(super) struct Received {
    pub(super) response: reqwest::Response,
    pub(super) permit: Permit,
}

impl Received {
    /// The request is answered, so its permit counts for the body only.
    pub(super) fn answered(self) -> Self {
        let permit = self.permit.answered(&self.response);
        Self { permit, ..self }
    }
}

impl Exchange {
    /// Sends a request to the host of its URL, and waits for the head of the answer. `peer` is who that
    /// is, as seen from the registry.
    pub(super) async fn send(
        &self,
        registry: &RegistryHost,
        peer: Peer,
        outgoing: OutgoingRequest,
        origin: Origin,
    ) -> Result<Received, Fault> {
        let permits = registry.permits(&outgoing.url);
        let mut outgoing = Some(outgoing);
        let (mut pauses, mut windows, mut died) = (0, 0, false);
        loop {
            let Some(now) = outgoing.take() else {
                return Err(fault::invalid("a request was taken twice"));
            };
            outgoing = now.again();
            let uncounted = now.uncounted.clone();
            let waiting = uncounted.wait();
            let permit = permits.acquire(now.load()).await;
            drop(waiting);
            let host = host_port(&now.url);
            let response = match self.once(registry, peer, now, origin).await {
                Ok(response) => response,
                Err(fault) if outgoing.is_some() && !died && fault::died(&fault) => {
                    died = true;
                    continue;
                }
                Err(fault) if outgoing.is_some() && windows < MAX_WINDOWS && is_short(&fault) => {
                    windows += 1;
                    drop(permit);
                    let _waiting = uncounted.wait();
                    tokio::time::sleep(window(&fault) + ROUNDED).await;
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            match self.asked_pause(&response, pauses) {
                Some(pause) => {
                    permits.close_for(pause);
                    let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                    let status = response.status().as_u16();
                    self.events.say(&Event::Waiting { host, millis, status });
                    if outgoing.is_none() || pauses >= self.network.timeouts.pauses {
                        return Ok(Received { response, permit });
                    }
                    pauses += 1;
                    self.discard(Received { response, permit }).await;
                }
                None => return Ok(Received { response, permit }),
            }
        }
    }

    /// Reads an answer that is of no interest to its end, if that is near.
    pub(super) async fn discard(&self, Received { response, permit }: Received) {
        if response.content_length().is_some_and(|size| size <= MAX_DRAINED_BYTES) {
            drop(tokio::time::timeout(self.network.timeouts.head, response.bytes()).await);
        }
        drop(permit);
    }

    async fn once(
        &self,
        registry: &RegistryHost,
        peer: Peer,
        outgoing: OutgoingRequest,
        origin: Origin,
    ) -> Result<reqwest::Response, Fault> {
        let client =
            registry.connections.to(peer, &self.network, registry.owner(), &outgoing.url).await?;
        let (host, kind, asked) = (host_port(&outgoing.url), outgoing.kind(), outgoing.url.clone());
        let pull = match (peer, kind, origin) {
            (Peer::Registry, RequestKind::ManifestGet, Origin::Source) => {
                let pull = registry.quota.pull(registry.settings.reserve);
                Some(pull.map_err(|spent| fault::quota(&host, spent))?)
            }
            _ => None,
        };
        let since = Instant::now();
        let credential = SentCredential::of(&outgoing.headers);
        let mut answer = self.send_by(client, outgoing, &host, origin).await;
        if let (Ok(answer), Some(credential)) = (&mut answer, credential) {
            answer.extensions_mut().insert(credential);
        }
        if let (Peer::Registry, Ok(answer)) = (peer, &answer) {
            registry.note_reach(self.network.reach_of(answer, &asked));
            registry.quota.answered(pull, answer.headers(), since, |remaining| {
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
        outgoing: OutgoingRequest,
        host: &str,
        origin: Origin,
    ) -> Result<reqwest::Response, Fault> {
        let timeouts = &self.network.timeouts;
        let payload = matches!(outgoing.method, Method::POST | Method::PUT | Method::PATCH);
        let (uploads, ends_upload) = (outgoing.uploads(), outgoing.ends_upload());
        let uncounted = outgoing.uncounted.clone();
        let mut request = reqwest::Request::new(outgoing.method, outgoing.url);
        *request.headers_mut() = outgoing.headers;
        let Some(body) = outgoing.body else {
            if payload {
                request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            let limit = if ends_upload { timeouts.commit } else { timeouts.head };
            let waiting = ends_upload.then(|| uncounted.wait());
            let answer = tokio::time::timeout(limit, client.execute(request)).await;
            drop(waiting);
            let answer = answer.map_err(|_| fault::late(host, limit.as_millis(), origin))?;
            return answer.map_err(|error| fault::unanswered(&error, host, origin));
        };
        if let Some(size) = body.size() {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(size));
        }
        let (sent, progress) = SentBody::new(body);
        *request.body_mut() = Some(reqwest::Body::wrap_stream(sent));
        let unanswered = async {
            tokio::select! {
                () = progress.stalled(timeouts.idle) => timeouts.idle,
                () = progress.ended(), if uploads => {
                    // The call that sends it moves no byte meanwhile, and is not idle.
                    let _waiting = uncounted.wait();
                    tokio::time::sleep(timeouts.commit).await;
                    timeouts.commit
                }
            }
        };
        tokio::select! {
            answer = client.execute(request) => {
                answer.map_err(|error| fault::unanswered(&error, host, origin))
            }
            waited = unanswered => Err(fault::late(host, waited.as_millis(), origin)),
        }
    }

    /// The pause that an answer asks for, if it does and is not longer than we wait.
    fn asked_pause(&self, answer: &reqwest::Response, pauses: u32) -> Option<Duration> {
        let timeouts = &self.network.timeouts;
        let value = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let asked = value.and_then(|value| retry_after::parse(value, SystemClock.since_epoch()));
        let pause = match answer.status() {
            StatusCode::TOO_MANY_REQUESTS => {
                asked.unwrap_or_else(|| timeouts.backoff.after(pauses + 1))
            }
            StatusCode::SERVICE_UNAVAILABLE => asked?,
            _ => return None,
        };
        (pause <= timeouts.backoff.longest).then_some(pause)
    }
}

/// Whether a pull was not sent, and may be in a moment.
fn is_short(fault: &Fault) -> bool {
    fault.is(role::codes::QUOTA) && window(fault) <= SHORT_WINDOW
}

/// How long until a quota is filled again.
fn window(fault: &Fault) -> Duration {
    match fault.retry {
        Retry::AfterMillis(millis) => Duration::from_millis(millis),
        Retry::Never | Retry::Backoff => Duration::MAX,
    }
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
