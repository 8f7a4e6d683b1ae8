//! The client of a run: every request goes through here.

use crate::http::codes;

use super::fault;
use super::limits::patience::Patience;
use super::net::connections::{Shared, Way};
use super::permission;
use super::place::{self, Place, host_port};
use super::request::Request;
use super::response::Response;
use super::wire::{Answer, Call};
use crate::diagnostic::{Fault, Origin};
use crate::event::{Event, Events};
use crate::role::{Access, Errand, RegistrySettings, Surroundings};
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
    /// The grant that gives it the login of its registry, which goes to this origin only.
    granted: Option<String>,
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
            (Ok(admitted), Ok(headers)) => {
                let follow = request.follow;
                let patience = errand.patience.clone();
                match keep_small(request.body).await {
                    Ok((body, kept)) => {
                        let Admitted { place, way, method, url, granted } = admitted;
                        let token = false;
                        let call =
                            Call { method, url, headers, body, kept, token, follow, patience };
                        match self.check_origin(&place, granted.as_deref(), errand).await {
                            Ok(()) => self.carry_out(&place, way, call, errand).await,
                            Err(fault) => Err(fault),
                        }
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
        let asked = Asked { request, url, errand };
        if let Some(name) = &errand.registry {
            let place = self.registry(name)?;
            if place.owns(&asked.url) {
                return asked.at_registry(place, None);
            }
            if let Some(admitted) = asked.where_led(place)? {
                return Ok(admitted);
            }
        }
        let mut registries = Vec::new();
        for host in &errand.granted {
            let Some(name) = &host.login else { continue };
            let place = self.registry(name)?;
            // A registry behind a proxy may name an upload with another scheme than it has.
            let goes_on = place.owns(&asked.url) && asked.is_upload(&place);
            if goes_on || permission::covers(&host.url, &asked.url) {
                return asked.at_registry(place, Some(host.url.clone()));
            }
            registries.push(place);
        }
        let method = permission::method(&request.method, errand.access, false);
        if errand.granted.iter().any(|host| permission::covers(&host.url, &asked.url)) {
            let (method, url) = (method?, asked.url);
            let name = place::origin(&url);
            let make = || Place::granted(&url, self.settings_at(&name));
            let place = self.place(&name, MAX_PLACES, make)?;
            return Ok(Admitted { place, way: Way::Own, method, url, granted: None });
        }
        for place in registries.into_iter().filter(|place| !place.owns(&asked.url)) {
            if let Some(admitted) = asked.where_led(place)? {
                return Ok(admitted);
            }
        }
        method?;
        let (host, scheme) = (host_port(&asked.url), asked.url.scheme());
        let message = format!("the host `{host}` was not granted, and nobody led there");
        Err(fault::not_granted(&message).fact("wanted-http", format!("{scheme}://{host}")))
    }

    /// A granted login goes to the granted origin only. Where a registry whose certificate is not
    /// checked speaks plain HTTP, that is found out now.
    async fn check_origin(
        &self,
        place: &Place,
        granted: Option<&str>,
        errand: &Errand,
    ) -> Result<(), Fault> {
        let Some(granted) = granted else { return Ok(()) };
        let truth = self.truth(place, fault::origin(errand)).await?;
        if permission::covers(granted, truth) {
            return Ok(());
        }
        let (name, truth) = (&place.name, place::origin(truth));
        let message =
            format!("the login of `{name}` was granted to {granted}, and it is at {truth}");
        Err(fault::not_granted(&message).at(name))
    }

    /// A registry by its name in the spec.
    fn registry(&self, name: &str) -> Result<Arc<Place>, Fault> {
        self.place(name, usize::MAX, || Place::registry(name, self.settings(name)))
    }

    fn settings(&self, name: &str) -> RegistrySettings {
        self.registries.get(name).cloned().unwrap_or_default()
    }

    /// How a host at this origin is reached: as the registry that is there, if the spec has one.
    fn settings_at(&self, origin: &str) -> RegistrySettings {
        let is_there = |(name, settings): &(&String, &RegistrySettings)| {
            let base_url = Url::parse(&settings.base_url(name));
            base_url.is_ok_and(|base_url| place::origin(&base_url) == origin)
        };
        let known = self.registries.iter().find(is_there);
        known.map(|(_, settings)| settings.clone()).unwrap_or_default()
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

/// A request that is checked against its errand.
struct Asked<'a> {
    request: &'a Request,
    url: Url,
    errand: &'a Errand,
}

impl Asked<'_> {
    /// Whether it goes on with an upload that the registry began.
    fn is_upload(&self, place: &Place) -> bool {
        self.errand.access >= Access::Write && place.is_upload(&self.url)
    }

    /// Sent to a registry itself, and so with its login: for the repositories of the step.
    fn at_registry(self, place: Arc<Place>, granted: Option<String>) -> Result<Admitted, Fault> {
        let upload = self.is_upload(&place);
        let method = permission::method(&self.request.method, self.errand.access, upload)?;
        if !upload {
            permission::path(&self.request.url, &self.url, &method, self.errand)?;
        }
        Ok(Admitted { place, way: Way::Own, method, url: self.url, granted })
    }

    /// Sent to where a registry's protocol led, without its login.
    fn where_led(&self, place: Arc<Place>) -> Result<Option<Admitted>, Fault> {
        let upload = self.is_upload(&place);
        if !upload && !place.led_to(&self.url) {
            return Ok(None);
        }
        let method = permission::method(&self.request.method, self.errand.access, upload)?;
        let reads = matches!(method, Method::GET | Method::HEAD);
        let (way, url) = (place.way(&self.url), self.url.clone());
        let admitted = Admitted { place, way, method, url, granted: None };
        Ok((upload || reads).then_some(admitted))
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

#[cfg(test)]
#[path = "admission_tests.rs"]
mod admission_tests;
