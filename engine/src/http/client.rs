//! The client of a run: every request goes through here.

use super::admission::Admission;
use super::auth::login;
use super::base_url;
use super::exchange::{Exchange, Received};
use super::fault;
use super::limits::timeouts::Timeouts;
use super::net::network::Network;
use super::net::peer::Peer;
use super::outgoing_request::OutgoingRequest;
use super::permission;
use super::redirect;
use super::registry_host::RegistryHost;
use super::request::Request;
use super::response::Response;
use crate::diagnostic::Fault;
use crate::event::{Event, Events, RequestKind};
use crate::http::codes;
use crate::role::{CallAccess, RegistrySettings, Surroundings};
use crate::stream::Body;
use bytes::Bytes;
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Refusals of one run that are reported.
const MAX_REPORTED: usize = 1000;

/// Bytes of the largest body that is kept while it is sent.
const MAX_KEPT_BYTES: u64 = 512 << 10;

/// Sends requests. Cheap to clone; one for each run, so that tokens, connections and limits are
/// shared by all. Nothing is read and no connection is made before the first request.
#[derive(Clone)]
pub struct Client {
    exchange: Exchange,
    admission: Arc<Admission>,
    /// What was refused to which step: a guest that asks again and again is reported once.
    reported: Arc<Mutex<BTreeSet<(String, String)>>>,
}

impl Client {
    /// A client with the timeouts that users get. `registries`: settings by the names that the spec uses.
    pub fn new(
        surroundings: Arc<Surroundings>,
        registries: BTreeMap<String, RegistrySettings>,
        events: Events,
    ) -> Self {
        Self::with_timeouts(surroundings, registries, events, Timeouts::default())
    }

    /// A client with timeouts of its own.
    pub fn with_timeouts(
        surroundings: Arc<Surroundings>,
        registries: BTreeMap<String, RegistrySettings>,
        events: Events,
        timeouts: Timeouts,
    ) -> Self {
        let network = Arc::new(Network::new(surroundings, timeouts));
        Self {
            exchange: Exchange { network, events },
            admission: Arc::new(Admission::new(registries)),
            reported: Arc::default(),
        }
    }

    /// Sends a request and waits for the head of the answer. An answer is an answer whatever its
    /// status, but for a 401 that no login helps against.
    ///
    /// A request without a body is sent once more when its connection died before an answer, and
    /// up to five times when the host asks for patience with 429, or 503 and Retry-After.
    ///
    /// # Errors
    ///
    /// `http::not-granted` and `http::invalid-request` before anything is sent;
    /// `http::unauthorized`, `http::token` and `http::asked-late` for logins; `http::unreachable`,
    /// `http::timeout`, `http::tls`, `http::cut` and `http::too-many-redirects`; what the
    /// request's own body was broken by; what `config` finds wrong. The answer's body fails with
    /// `http::cut` or `http::stalled`.
    pub async fn send(
        &self,
        request: Request,
        call_access: &CallAccess,
    ) -> Result<Response, Fault> {
        let sent = self.answered(request, call_access).await;
        sent.inspect_err(|fault| {
            if fault.is(codes::NOT_GRANTED) {
                self.report_refusal(&call_access.step, &fault.message);
            }
        })
    }

    async fn answered(
        &self,
        mut request: Request,
        call_access: &CallAccess,
    ) -> Result<Response, Fault> {
        // Nothing to send is no body: such a request can be made again.
        request.body = request.body.filter(|body| body.size() != Some(0));
        let admitted = self.admission.admit(&request, call_access)?;
        let headers = permission::headers(&request.headers)?;
        let (body, kept) = keep_small(request.body).await?;
        let origin = fault::origin(call_access);
        let base = base_url::find(&self.exchange, &admitted.host, origin).await?;
        admitted.check_origin(base)?;
        let (method, peer) = (admitted.method.clone(), admitted.peer);
        let url = match peer {
            Peer::Registry => base_url::rebased(&admitted.url, base),
            Peer::Referred | Peer::Allowed => admitted.url.clone(),
        };
        let (token, follow, uncounted) = (false, request.follow, call_access.uncounted.clone());
        let outgoing =
            OutgoingRequest { method, url, headers, body, kept, token, follow, uncounted };
        let reads_manifest = outgoing.kind() == RequestKind::ManifestGet;
        let received = self.carry_out(&admitted.host, peer, outgoing, call_access).await?;
        let Received { response, permit } = received;
        let led = !admitted.host.owns(response.url());
        let response = Response::of(response, permit, led, self.exchange.network.timeouts, origin);
        // A blob's digest is of its bytes as they are sent, so it is left as it is.
        Ok(if reads_manifest { response.unpacked() } else { response })
    }

    /// Sends a request, and follows where the answer leads.
    async fn carry_out(
        &self,
        host: &RegistryHost,
        peer: Peer,
        request: OutgoingRequest,
        call_access: &CallAccess,
    ) -> Result<Received, Fault> {
        let exchange = &self.exchange;
        let reads = matches!(request.method, Method::GET | Method::HEAD);
        let again = request.again().filter(|request| request.follow && reads);
        let method = request.method.clone();
        let received = match peer {
            Peer::Registry => login::send(exchange, host, request, call_access).await?,
            peer => exchange.send(host, peer, request, fault::origin(call_access)).await?,
        };
        redirect::note_upload(exchange, host, &method, &received.response);
        match again {
            Some(again) => redirect::follow(exchange, host, again, received, call_access).await,
            None => Ok(received),
        }
    }

    fn report_refusal(&self, step: &str, wanted: &str) {
        let refusal = (step.to_owned(), wanted.to_owned());
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.len() < MAX_REPORTED && reported.insert(refusal.clone()) {
            let (step, wanted) = refusal;
            self.exchange.events.say(&Event::GrantRefused { step, wanted });
        }
    }
}

/// Reads a small body, and keeps its bytes beside it. Manifests and most configs are small: a
/// token that runs out while one is sent then costs a request, not an attempt.
async fn keep_small(body: Option<Body>) -> Result<(Option<Body>, Option<Bytes>), Fault> {
    match body {
        Some(body) if body.size().is_some_and(|size| size <= MAX_KEPT_BYTES) => {
            let promised = body.size();
            let bytes = body.read_all(MAX_KEPT_BYTES).await?;
            if promised != Some(bytes.len() as u64) {
                return Err(fault::invalid("the body is not as long as it says"));
            }
            Ok((Some(Body::from_bytes(bytes.clone())), Some(bytes)))
        }
        body => Ok((body, None)),
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
