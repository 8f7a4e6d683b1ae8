//! One registry, or one granted host: what is known about it in this run.

use super::auth::authorization::Authorization;
use super::auth::single_flight::SingleFlight;
use super::fault;
use super::limits::permits::Permits;
use super::limits::quota::Quota;
use super::net::address::Reach;
use super::net::connections::{Connections, Owner};
use super::net::origin::{host_port, origin, same_host};
use super::net::peer::Peer;
use super::referrals::Referrals;
use crate::diagnostic::{Fault, Origin};
use crate::event::{Event, Events};
use crate::http::codes;
use crate::role::{AuthSettings, RegistrySettings};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use url::Url;

/// What is known about one registry in this run.
pub(super) struct RegistryHost {
    /// Its name, as the spec writes it.
    pub(super) name: String,
    /// No login and no client's certificate goes there: it was granted by its URL alone.
    pub(super) anonymous: bool,
    pub(super) settings: RegistrySettings,
    /// `https://NAME/`, or the endpoint where the spec gives one.
    pub(super) configured_url: Url,
    /// Where requests go. Whether that is TLS may have to be found out.
    pub(super) found_url: OnceLock<Url>,
    /// Held by the one who finds that out.
    pub(super) finding_url: SingleFlight<()>,
    pub(super) authorization: Authorization,
    pub(super) connections: Connections,
    /// `https://NAME`, as requests call it.
    named_url: Option<Url>,
    pub(super) quota: Quota,
    bound: Reach,
    reach: Mutex<Option<Reach>>,
    permits: Mutex<BTreeMap<String, Arc<Permits>>>,
    referrals: Mutex<Referrals>,
}

impl RegistryHost {
    /// A registry by the name that the spec gives it.
    pub(super) fn registry(name: &str, settings: RegistrySettings) -> Result<Self, Fault> {
        let plain = |url: &Url| {
            let web = matches!(url.scheme(), "http" | "https") && url.has_host();
            let user = !url.username().is_empty() || url.password().is_some();
            web && !user && url.path() == "/" && url.query().is_none()
        };
        // What is wrong is not repeated: it may hold a password.
        let url = Url::parse(&settings.base_url(name)).ok().filter(plain).ok_or_else(|| {
            let message = "the registry's place is not `https://host[:port]` or `http://…`";
            Fault::new(codes::BAD_ENDPOINT, Origin::Spec, message)
        })?;
        let decided = settings.tls.verify || settings.endpoint.is_some();
        Ok(Self::new(name, settings, url, decided))
    }

    /// A host that the spec grants by its URL, without a login. `settings` say how it is reached,
    /// `bound` how close it may be.
    pub(super) fn granted(
        url: &Url,
        settings: RegistrySettings,
        bound: Reach,
    ) -> Result<Self, Fault> {
        let base = Url::parse(&origin(url)).map_err(|error| fault::invalid(error.to_string()))?;
        let settings = RegistrySettings { auth: Some(AuthSettings::Anonymous), ..settings };
        let host = Self::new(&host_port(url), settings, base, true);
        Ok(Self { anonymous: true, bound, ..host })
    }

    fn new(name: &str, settings: RegistrySettings, configured_url: Url, decided: bool) -> Self {
        let found_url = OnceLock::new();
        if decided {
            found_url.get_or_init(|| configured_url.clone());
        }
        Self {
            name: name.to_owned(),
            anonymous: false,
            settings,
            configured_url,
            found_url,
            finding_url: SingleFlight::default(),
            authorization: Authorization::default(),
            connections: Connections::default(),
            named_url: Url::parse(&format!("https://{name}")).ok(),
            quota: Quota::default(),
            bound: Reach::Loopback,
            reach: Mutex::default(),
            permits: Mutex::default(),
            referrals: Mutex::default(),
        }
    }

    /// Whether a URL is of the registry itself: by the name that the spec uses, or as it truly is.
    /// The scheme does not count, since requests go to where the registry is in any case.
    pub(super) fn owns(&self, url: &Url) -> bool {
        same_host(&self.configured_url, url)
            || self.named_url.as_ref().is_some_and(|named| same_host(named, url))
    }

    /// The base URL of requests, as far as it is known.
    pub(super) fn base_url(&self) -> &Url {
        self.found_url.get().unwrap_or(&self.configured_url)
    }

    /// Whom its connections belong to.
    pub(super) fn owner(&self) -> Owner<'_> {
        let (name, settings) = (self.name.as_str(), &self.settings);
        let (identified, bound, reach) = (!self.anonymous, self.bound, self.reach());
        Owner { name, settings, identified, bound, reach }
    }

    /// Takes note of how close the registry was when it answered.
    pub(super) fn note_reach(&self, reach: Option<Reach>) {
        let mut known = self.reach.lock().unwrap_or_else(PoisonError::into_inner);
        *known = known.into_iter().chain(reach).min();
    }

    /// How close the registry is: as far as it ever was, since it may change its address to be
    /// believed more. One that never answered counts as far away.
    fn reach(&self) -> Reach {
        let known = self.reach.lock().unwrap_or_else(PoisonError::into_inner);
        known.unwrap_or(Reach::Public)
    }

    /// The permits of a host; the registry's own requests have a rate too.
    pub(super) fn permits(&self, url: &Url) -> Arc<Permits> {
        let rate = self.settings.requests_per_second.filter(|_| self.owns(url));
        let mut all = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
        let permits = all.entry(host_port(url));
        Arc::clone(permits.or_insert_with(|| Permits::new(self.settings.concurrent, rate)))
    }

    /// Who is asked at a host that is not the registry itself.
    pub(super) fn peer(&self, url: &Url) -> Peer {
        let host = host_port(url);
        let named = |known: &String| known.eq_ignore_ascii_case(&host);
        if self.settings.leads_to.iter().any(named) { Peer::Allowed } else { Peer::Referred }
    }

    /// The registry refers to `url` by `challenge` or `redirect`.
    pub(super) fn refer(&self, url: &Url, by: &str, events: &Events) -> Result<Peer, Fault> {
        if self.owns(url) {
            return Ok(Peer::Registry);
        }
        let mut referrals = self.referrals();
        let report = referrals.add_host(&self.name, url)?;
        if by == "redirect" {
            referrals.add_redirect(url);
        }
        if report {
            self.report(url, by, events);
        }
        Ok(self.peer(url))
    }

    /// An upload goes on at `url`. An unsafe one after a safe one is not remembered, nor one at a host
    /// that nobody would be told of, as the registry led to too many.
    pub(super) fn note_upload(&self, from: &Url, url: &Url, events: &Events) {
        let own = self.owns(url);
        if !own && from.scheme() == "https" && url.scheme() != "https" {
            return;
        }
        let mut referrals = self.referrals();
        if !own && !referrals.has_room_for(url) {
            return;
        }
        if referrals.add_location(self.location(url)) && !own && referrals.report_location(url) {
            self.report(url, "location", events);
        }
    }

    /// Whether an upload goes on at `url`.
    pub(super) fn is_upload(&self, url: &Url) -> bool {
        let location = self.location(url);
        self.referrals().has_location(&location)
    }

    /// Whether a redirect led to the host of `url`.
    pub(super) fn has_redirected_to(&self, url: &Url) -> bool {
        self.referrals().has_redirect(url)
    }

    fn location(&self, url: &Url) -> String {
        let origin = if self.owns(url) { String::new() } else { origin(url) };
        format!("{origin}{}", url.path())
    }

    fn report(&self, url: &Url, by: &str, events: &Events) {
        let (registry, host) = (self.name.clone(), host_port(url));
        events.say(&Event::LedTo { registry, host, by: by.to_owned() });
    }

    fn referrals(&self) -> MutexGuard<'_, Referrals> {
        self.referrals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> RegistryHost {
        RegistryHost::registry(name, RegistrySettings::default()).unwrap()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_registry_knows_itself() {
        let docker = host("docker.io");
        for own in ["https://docker.io/v2/", "https://registry-1.docker.io/x", "http://docker.io/"]
        {
            assert!(docker.owns(&url(own)), "{own}");
        }
        assert!(!docker.owns(&url("https://auth.docker.io/")));
        let local = host("127.0.0.1:5000");
        assert!(local.owns(&url("http://127.0.0.1:5000/v2/")));
        assert!(!local.owns(&url("http://127.0.0.1:5001/v2/")));
        assert!(!local.owns(&url("http://127.0.0.1/v2/")));
        assert!(host("h:443").owns(&url("https://h/")));
    }

    #[test]
    fn a_registry_is_at_a_host_and_nowhere_else() {
        for endpoint in ["https://u:pw@h", "https://h/path", "ftp://h", "h:5000", "https://h/?x"] {
            let settings =
                RegistrySettings { endpoint: Some(endpoint.to_owned()), ..Default::default() };
            let fault = RegistryHost::registry("h", settings).err().unwrap();
            assert_eq!(fault.code, "http::bad-endpoint", "{endpoint}");
            assert!(!fault.message.contains("pw"));
        }
        assert!(RegistryHost::registry("h/../x", RegistrySettings::default()).is_err());
        assert!(RegistryHost::registry("u@h", RegistrySettings::default()).is_err());
    }

    #[test]
    fn uploads_go_on_where_the_registry_says() {
        let host = host("h");
        let events = Events::default();
        let from = url("https://h/v2/a/blobs/uploads/");
        host.note_upload(&from, &url("https://store/up/1?x=y"), &events);
        host.note_upload(&from, &url("http://store/up/2"), &events);
        host.note_upload(&from, &url("http://h/else/3"), &events);
        assert!(host.is_upload(&url("https://store/up/1?other=state")));
        assert!(!host.is_upload(&url("http://store/up/2")), "unsafe");
        assert!(host.is_upload(&url("https://h/else/3")));
        assert!(!host.has_redirected_to(&url("https://store/")), "a location opens one path");
        assert!(!host.is_upload(&url("https://store/up/1/../../x")));
    }

    #[test]
    fn uploads_go_on_only_where_it_is_told() {
        let host = host("h");
        let from = url("https://h/v2/a/blobs/uploads/");
        let store = |number: u32| url(&format!("https://store-{number}/up"));
        (0..300).for_each(|number| host.note_upload(&from, &store(number), &Events::default()));
        let open = (0..300).filter(|number| host.is_upload(&store(*number))).count();
        assert_eq!(open, 256);
        host.note_upload(&from, &url("https://store-7/more"), &Events::default());
        assert!(host.is_upload(&url("https://store-7/more")), "it is told of already");
        host.note_upload(&from, &url("https://h/own"), &Events::default());
        assert!(host.is_upload(&url("https://h/own")));
    }

    #[test]
    fn a_registry_is_as_far_as_it_ever_was() {
        let host = host("h");
        assert_eq!(host.reach(), Reach::Public);
        for (seen, expected) in [
            (Reach::Loopback, Reach::Loopback),
            (Reach::Private, Reach::Private),
            (Reach::Loopback, Reach::Private),
            (Reach::Public, Reach::Public),
            (Reach::Loopback, Reach::Public),
        ] {
            host.note_reach(Some(seen));
            host.note_reach(None);
            assert_eq!(host.reach(), expected);
        }
    }

    #[test]
    fn redirects_open_hosts() {
        let host = host("h");
        let events = Events::default();
        assert_eq!(host.refer(&url("https://cdn/x"), "redirect", &events).unwrap(), Peer::Referred);
        assert_eq!(
            host.refer(&url("https://auth/x"), "challenge", &events).unwrap(),
            Peer::Referred
        );
        assert_eq!(host.refer(&url("https://h/x"), "redirect", &events).unwrap(), Peer::Registry);
        assert!(host.has_redirected_to(&url("https://cdn/other")));
        assert!(
            !host.has_redirected_to(&url("https://auth/x")),
            "token servers are not for guests"
        );
        assert!(!host.has_redirected_to(&url("https://cdn:444/x")));
    }
}
