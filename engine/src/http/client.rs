//! The client of a run: every request goes through here.

use crate::http::codes;

use super::fault;
use super::limits::patience::Patience;
use super::net::connections::{Shared, Way};
use super::permission;
use super::place::{Place, host_port};
use super::request::Request;
use super::response::Response;
use super::wire::{Answer, Call};
use crate::diagnostic::{Fault, Origin};
use crate::event::{Event, Events};
use crate::role::{Access, AuthSettings, Errand, RegistrySettings, Surroundings};
use crate::stream::Body;
use bytes::Bytes;
use futures_util::future::{Either, select};
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// Hosts of one run that a guest may add. A grant with `*.` covers any number; a run has a few
/// dozen. Registries that the spec names are there in any case.
const MAX_PLACES: usize = 1024;

/// Refusals of one run that are told.
const MAX_TOLD: usize = 1000;

/// Sends requests. Cheap to clone; one for each run, so that tokens, connections and limits are
/// shared by all. Nothing is read and no connection is made before the first request.
#[derive(Clone)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) events: Events,
    registries: Arc<BTreeMap<String, RegistrySettings>>,
    places: Arc<Mutex<BTreeMap<String, Arc<Place>>>>,
    /// What was refused to which step: a guest that asks again and again is told of once.
    told: Arc<Mutex<BTreeSet<(String, String)>>>,
}

/// Bytes of the largest body that is kept while it is sent.
const MAX_KEPT_BYTES: u64 = 512 << 10;

/// A request that was found to be within its errand, and where it goes.
struct Admitted {
    place: Arc<Place>,
    way: Way,
    method: Method,
    url: Url,
}

impl Client {
    /// A client with the users' patience. `registries`: settings by the names that the spec uses.
    pub fn new(
        surroundings: Arc<Surroundings>,
        registries: BTreeMap<String, RegistrySettings>,
        events: Events,
    ) -> Self {
        Self::with_patience(surroundings, registries, events, Patience::default())
    }

    /// A client that waits as long as it is told.
    pub fn with_patience(
        surroundings: Arc<Surroundings>,
        registries: BTreeMap<String, RegistrySettings>,
        events: Events,
        patience: Patience,
    ) -> Self {
        Self {
            shared: Arc::new(Shared::new(surroundings, patience)),
            events,
            registries: Arc::new(registries),
            places: Arc::default(),
            told: Arc::default(),
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
    pub async fn send(&self, mut request: Request, errand: &Errand) -> Result<Response, Fault> {
        // Nothing to send is no body: such a request can be made again.
        request.body = request.body.filter(|body| body.size() != Some(0));
        let admitted = self.admit(&request, errand);
        let headers = permission::headers(&request.headers);
        let sent = match (admitted, headers) {
            (Ok(Admitted { place, way, method, url }), Ok(headers)) => {
                let follow = request.follow;
                let patience = errand.patience.clone();
                match keep_small(request.body).await {
                    Ok((body, kept)) => {
                        let token = false;
                        let call =
                            Call { method, url, headers, body, kept, token, follow, patience };
                        self.carry_out(&place, way, call, errand).await
                    }
                    Err(fault) => Err(fault),
                }
            }
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
        };
        sent.inspect_err(|fault| {
            if fault.is(codes::NOT_GRANTED) {
                self.tell_refusal(&errand.step, &fault.message);
            }
        })
    }

    fn tell_refusal(&self, step: &str, wanted: &str) {
        let refusal = (step.to_owned(), wanted.to_owned());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MAX_TOLD && told.insert(refusal.clone()) {
            let (step, wanted) = refusal;
            self.events.say(&Event::GrantRefused { step, wanted });
        }
    }

    async fn carry_out(
        &self,
        place: &Place,
        way: Way,
        mut call: Call,
        errand: &Errand,
    ) -> Result<Response, Fault> {
        let origin = fault::origin(errand);
        let truth = self.truth(place, origin).await?;
        if way == Way::Own {
            call.url = Place::moved(&call.url, truth);
        }
        let reads = matches!(call.method, Method::GET | Method::HEAD);
        let spare = call.again().filter(|call| call.follow && reads);
        let method = call.method.clone();
        let answer = match way {
            Way::Own => self.signed(place, call, errand).await?,
            way => self.exchange(place, way, call, origin).await?,
        };
        self.note_upload(place, &method, &answer.0);
        let (answer, pass) = match spare {
            Some(spare) => self.follow(place, spare, answer, errand).await?,
            None => answer,
        };
        let host = host_port(answer.url());
        Ok(Response::of(answer, pass, host, self.shared.patience, origin))
    }

    /// Where a registry is, found out by one caller for all.
    async fn truth<'a>(&self, place: &'a Place, origin: Origin) -> Result<&'a Url, Fault> {
        if let Some(found) = place.found.get() {
            return Ok(found);
        }
        let turn = place.finding.take().await.map_err(|fault| fault.from_origin(origin))?;
        if let Some(found) = place.found.get() {
            return Ok(found);
        }
        let found = self.find_truth(place, origin).await;
        place.finding.end(found.as_ref().err());
        let found = found?;
        let found = place.found.get_or_init(|| found);
        drop(turn);
        Ok(found)
    }

    /// Finds out whether a registry whose certificate is not checked speaks TLS at all. Asked
    /// once; the answer also says how it wants requests to be signed.
    ///
    /// Both are asked at the same time, as one after the other costs two round trips more; the
    /// plain answer counts only where TLS is refused.
    async fn find_truth(&self, place: &Place, origin: Origin) -> Result<Url, Fault> {
        let secure = place.nominal.clone();
        let mut plain = secure.clone();
        if plain.set_scheme("http").is_err() {
            let tried = self.probe(place, &secure, origin).await;
            return self.found(place, &secure, tried).await;
        }
        let tried = pin!(self.probe(place, &secure, origin));
        let in_plain = pin!(self.probe(place, &plain, origin));
        let (tried, in_plain) = match select(tried, in_plain).await {
            Either::Left((tried, in_plain)) if needs_plain(&tried, &secure) => {
                (tried, Some(in_plain.await))
            }
            Either::Left((tried, _)) => (tried, None),
            Either::Right((in_plain, tried)) => (tried.await, Some(in_plain)),
        };
        match in_plain {
            Some(Ok(answer)) if needs_plain(&tried, &secure) => {
                self.found(place, &plain, Ok(answer)).await
            }
            _ => self.found(place, &secure, tried).await,
        }
    }

    async fn probe(&self, place: &Place, at: &Url, origin: Origin) -> Result<Answer, Fault> {
        let url = at.join("/v2/").map_err(|error| fault::invalid(error.to_string()))?;
        self.exchange(place, Way::Own, Call::new(Method::GET, url), origin).await
    }

    /// Learns from the answer that counts.
    async fn found(
        &self,
        place: &Place,
        at: &Url,
        answer: Result<Answer, Fault>,
    ) -> Result<Url, Fault> {
        let answer = answer?;
        place.authorization.learn(&answer.0);
        self.discard(answer).await;
        Ok(at.clone())
    }

    /// Checks a request against its errand, and finds out who it is for.
    fn admit(&self, request: &Request, errand: &Errand) -> Result<Admitted, Fault> {
        let url = permission::url(&request.url)?;
        if request.body.is_some() && !matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            return Err(fault::invalid("only POST, PUT and PATCH have a body"));
        }
        if let Some(name) = &errand.registry {
            let make = || Place::registry(name, self.settings(name));
            let place = self.place(name, usize::MAX, make)?;
            let upload = errand.access >= Access::Write && place.is_upload(&url);
            let method = permission::method(&request.method, errand.access, upload)?;
            if place.owns(&url) {
                if !upload {
                    permission::path(&request.url, &url, &method, errand)?;
                }
                return Ok(Admitted { place, way: Way::Own, method, url });
            }
            let reads = matches!(method, Method::GET | Method::HEAD);
            if upload || (reads && place.led_to(&url)) {
                let way = place.way(&url);
                return Ok(Admitted { place, way, method, url });
            }
        }
        let method = permission::method(&request.method, errand.access, false)?;
        if permission::granted(&url, &errand.granted) {
            let name = format!("{}://{}", url.scheme(), host_port(&url));
            let make = || Place::granted(&url, self.granted_settings(&url));
            let place = self.place(&name, MAX_PLACES, make)?;
            return Ok(Admitted { place, way: Way::Own, method, url });
        }
        let host = host_port(&url);
        let message = format!("the host `{host}` was not granted, and nobody led there");
        Err(fault::not_granted(&message).fact("wanted-http", format!("{}://{host}", url.scheme())))
    }

    fn settings(&self, name: &str) -> RegistrySettings {
        self.registries.get(name).cloned().unwrap_or_default()
    }

    /// Settings of a granted host: what the spec says, and no login that it does not name. A name
    /// without a port is that of the usual one, not of whatever else runs on that machine.
    fn granted_settings(&self, url: &Url) -> RegistrySettings {
        let usual = url.host_str().filter(|_| url.port().is_none()).unwrap_or_default();
        let known = self.registries.get(&host_port(url));
        let known = known.or_else(|| self.registries.get(usual));
        let mut settings = known.cloned().unwrap_or_default();
        settings.auth.get_or_insert(AuthSettings::Anonymous);
        settings
    }

    fn place(
        &self,
        name: &str,
        most: usize,
        make: impl FnOnce() -> Result<Place, Fault>,
    ) -> Result<Arc<Place>, Fault> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get(name) {
            return Ok(Arc::clone(place));
        }
        if places.len() >= most {
            let message = format!("more than {most} hosts in one run");
            return Err(fault::not_granted(&message));
        }
        let place = Arc::new(make()?);
        places.insert(name.to_owned(), Arc::clone(&place));
        Ok(place)
    }
}

/// Whether an attempt at TLS failed in a way that plain HTTP may explain.
fn needs_plain<T>(tried: &Result<T, Fault>, secure: &Url) -> bool {
    let Err(refused) = tried else { return false };
    refused.is(codes::TLS)
        || refused.is(codes::CUT)
        // Without a port in its name, the other scheme is at another port.
        || refused.is(codes::UNREACHABLE) && secure.port().is_none()
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
