//! One registry, or one granted host: what is known about it in this run.

use super::auth::authorization::Authorization;
use super::auth::single_flight::Turn;
use super::fault;
use super::limits::permits::Gate;
use super::limits::quota::Quota;
use super::net::address::Reach;
use super::net::connections::{Connections, Way};
use crate::diagnostic::{Fault, Origin};
use crate::event::{Event, Events};
use crate::http::codes;
use crate::role::{AuthSettings, RegistrySettings};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use url::Url;

/// Hosts that one registry may lead to. A registry has a token server and a few blob stores.
const MAX_LED_HOSTS: usize = 256;

/// Upload locations that are remembered; more uploads than this are not open at once.
const MAX_LOCATIONS: usize = 4096;

/// What is known about one registry in this run.
pub(super) struct Place {
    /// Its name, as the spec writes it.
    pub(super) name: String,
    /// No login and no client's certificate goes there: it was granted by its URL alone.
    pub(super) anonymous: bool,
    pub(super) settings: RegistrySettings,
    /// `https://NAME/`, or the true URL where the spec gives one.
    pub(super) nominal: Url,
    /// Where requests go. Whether that is TLS may have to be found out.
    pub(super) found: OnceLock<Url>,
    /// Had by the one who finds that out.
    pub(super) finding: Turn<()>,
    pub(super) authorization: Authorization,
    pub(super) connections: Connections,
    /// `https://NAME`, as requests call it.
    named: Option<Url>,
    pub(super) quota: Quota,
    reach: Mutex<Option<Reach>>,
    gates: Mutex<BTreeMap<String, Arc<Gate>>>,
    led: Mutex<Led>,
}

/// Where the registry's protocol led to.
#[derive(Default)]
struct Led {
    told: BTreeSet<String>,
    /// `scheme://host:port`, reached by redirects.
    hosts: BTreeSet<String>,
    /// `scheme://host:port/path` of uploads.
    locations: BTreeSet<String>,
    /// The same, the oldest first.
    in_order: VecDeque<String>,
}

impl Place {
    /// A registry by the name that the spec gives it.
    pub(super) fn registry(name: &str, settings: RegistrySettings) -> Result<Self, Fault> {
        let endpoint = settings.base_url(name);
        let plain = |url: &Url| {
            let web = matches!(url.scheme(), "http" | "https") && url.has_host();
            let user = !url.username().is_empty() || url.password().is_some();
            web && !user && url.path() == "/" && url.query().is_none()
        };
        // What is wrong is not repeated: it may hold a password.
        let nominal = Url::parse(&endpoint).ok().filter(plain).ok_or_else(|| {
            let message = "the registry's place is not `https://host[:port]` or `http://…`";
            Fault::new(codes::BAD_ENDPOINT, Origin::Spec, message)
        })?;
        let decided = settings.tls.verify || settings.endpoint.is_some();
        Ok(Self::new(name, settings, nominal, decided))
    }

    /// A host that the spec grants by its URL, without a login. `settings` say how it is reached.
    pub(super) fn granted(url: &Url, settings: RegistrySettings) -> Result<Self, Fault> {
        let nominal =
            Url::parse(&origin(url)).map_err(|error| fault::invalid(error.to_string()))?;
        let settings = RegistrySettings { auth: Some(AuthSettings::Anonymous), ..settings };
        let place = Self::new(&host_port(url), settings, nominal, true);
        Ok(Self { anonymous: true, ..place })
    }

    fn new(name: &str, settings: RegistrySettings, nominal: Url, decided: bool) -> Self {
        let found = OnceLock::new();
        if decided {
            found.get_or_init(|| nominal.clone());
        }
        Self {
            name: name.to_owned(),
            anonymous: false,
            settings,
            nominal,
            found,
            finding: Turn::default(),
            authorization: Authorization::default(),
            connections: Connections::default(),
            named: Url::parse(&format!("https://{name}")).ok(),
            quota: Quota::default(),
            reach: Mutex::default(),
            gates: Mutex::default(),
            led: Mutex::default(),
        }
    }

    /// Whether a URL is of the registry itself: by the name that the spec uses, or as it truly is.
    /// The scheme does not count, since requests go to where the registry is in any case.
    pub(super) fn owns(&self, url: &Url) -> bool {
        same_host(&self.nominal, url)
            || self.named.as_ref().is_some_and(|named| same_host(named, url))
    }

    /// Takes note of how close the registry was when it answered.
    pub(super) fn note_reach(&self, reach: Option<Reach>) {
        let mut known = self.reach.lock().unwrap_or_else(PoisonError::into_inner);
        *known = known.into_iter().chain(reach).min();
    }

    /// How close the registry is: as far as it ever was, since it may change its address to be
    /// believed more. Who never answered is far away.
    pub(super) fn reach(&self) -> Reach {
        let known = self.reach.lock().unwrap_or_else(PoisonError::into_inner);
        known.unwrap_or(Reach::Public)
    }

    /// Where requests go, as far as that is known.
    pub(super) fn truth(&self) -> &Url {
        self.found.get().unwrap_or(&self.nominal)
    }

    /// The same path and query where the registry truly is.
    pub(super) fn moved(url: &Url, truth: &Url) -> Url {
        let mut moved = truth.clone();
        moved.set_path(url.path());
        moved.set_query(url.query());
        moved
    }

    /// The gate of a host; the registry's own has its pace too.
    pub(super) fn gate(&self, url: &Url) -> Arc<Gate> {
        let pace = self.settings.requests_per_second.filter(|_| self.owns(url));
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(host_port(url));
        Arc::clone(gate.or_insert_with(|| Gate::new(self.settings.concurrent, pace)))
    }

    /// By which way a host is reached that is not the registry itself.
    pub(super) fn way(&self, url: &Url) -> Way {
        let host = host_port(url);
        let named = |known: &String| known.eq_ignore_ascii_case(&host);
        if self.settings.leads_to.iter().any(named) { Way::Open } else { Way::Led }
    }

    /// The registry leads to `url` by `challenge` or `redirect`.
    pub(super) fn lead(&self, url: &Url, by: &str, events: &Events) -> Result<Way, Fault> {
        if self.owns(url) {
            return Ok(Way::Own);
        }
        let mut led = self.led.lock().unwrap_or_else(PoisonError::into_inner);
        if led.told.len() >= MAX_LED_HOSTS && !led.told.contains(&host_port(url)) {
            let message = format!("`{}` leads to more than {MAX_LED_HOSTS} hosts", self.name);
            return Err(fault::not_granted(&message).at(&self.name));
        }
        if by == "redirect" {
            led.hosts.insert(origin(url));
        }
        self.tell(&mut led, url, by, events);
        Ok(self.way(url))
    }

    /// An upload goes on at `url`. An unsafe one after a safe one is not remembered.
    pub(super) fn lead_upload(&self, from: &Url, url: &Url, events: &Events) {
        let own = self.owns(url);
        if !own && from.scheme() == "https" && url.scheme() != "https" {
            return;
        }
        let mut led = self.led.lock().unwrap_or_else(PoisonError::into_inner);
        let location = self.location(url);
        if !led.locations.insert(location.clone()) {
            return;
        }
        led.in_order.push_back(location);
        if led.in_order.len() > MAX_LOCATIONS
            && let Some(oldest) = led.in_order.pop_front()
        {
            led.locations.remove(&oldest);
        }
        if !own && led.told.len() < MAX_LED_HOSTS {
            self.tell(&mut led, url, "location", events);
        }
    }

    /// Whether an upload goes on at `url`.
    pub(super) fn is_upload(&self, url: &Url) -> bool {
        let location = self.location(url);
        let led = self.led.lock().unwrap_or_else(PoisonError::into_inner);
        led.locations.contains(&location)
    }

    /// Whether a redirect led to the host of `url`.
    pub(super) fn led_to(&self, url: &Url) -> bool {
        let led = self.led.lock().unwrap_or_else(PoisonError::into_inner);
        led.hosts.contains(&origin(url))
    }

    fn location(&self, url: &Url) -> String {
        let origin = if self.owns(url) { String::new() } else { origin(url) };
        format!("{origin}{}", url.path())
    }

    fn tell(&self, led: &mut Led, url: &Url, by: &str, events: &Events) {
        let host = host_port(url);
        if led.told.insert(host.clone()) {
            let registry = self.name.clone();
            events.say(&Event::LedTo { registry, host, by: by.to_owned() });
        }
    }
}

/// The host with its port, for people and for counting.
pub(super) fn host_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Scheme, host and port. Source: RFC 6454.
pub(super) fn origin(url: &Url) -> String {
    format!("{}://{}", url.scheme(), host_port(url))
}

/// Whether two URLs are at one host. The default ports of the two schemes count as one.
fn same_host(one: &Url, other: &Url) -> bool {
    one.host() == other.host() && one.port() == other.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> Place {
        Place::registry(name, RegistrySettings::default()).unwrap()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_registry_knows_itself() {
        let docker = place("docker.io");
        for own in ["https://docker.io/v2/", "https://registry-1.docker.io/x", "http://docker.io/"]
        {
            assert!(docker.owns(&url(own)), "{own}");
        }
        assert!(!docker.owns(&url("https://auth.docker.io/")));
        let local = place("127.0.0.1:5000");
        assert!(local.owns(&url("http://127.0.0.1:5000/v2/")));
        assert!(!local.owns(&url("http://127.0.0.1:5001/v2/")));
        assert!(!local.owns(&url("http://127.0.0.1/v2/")));
        assert!(place("h:443").owns(&url("https://h/")));
    }

    #[test]
    fn a_registry_is_at_a_host_and_nowhere_else() {
        for endpoint in ["https://u:pw@h", "https://h/path", "ftp://h", "h:5000", "https://h/?x"] {
            let settings =
                RegistrySettings { endpoint: Some(endpoint.to_owned()), ..Default::default() };
            let fault = Place::registry("h", settings).err().unwrap();
            assert_eq!(fault.code, "http::bad-endpoint", "{endpoint}");
            assert!(!fault.message.contains("pw"));
        }
        assert!(Place::registry("h/../x", RegistrySettings::default()).is_err());
        assert!(Place::registry("u@h", RegistrySettings::default()).is_err());
    }

    #[test]
    fn uploads_go_on_where_the_registry_says() {
        let place = place("h");
        let events = Events::default();
        let from = url("https://h/v2/a/blobs/uploads/");
        place.lead_upload(&from, &url("https://store/up/1?x=y"), &events);
        place.lead_upload(&from, &url("http://store/up/2"), &events);
        place.lead_upload(&from, &url("http://h/else/3"), &events);
        assert!(place.is_upload(&url("https://store/up/1?other=state")));
        assert!(!place.is_upload(&url("http://store/up/2")), "unsafe");
        assert!(place.is_upload(&url("https://h/else/3")));
        assert!(!place.led_to(&url("https://store/")), "a location opens one path");
        assert!(!place.is_upload(&url("https://store/up/1/../../x")));
    }

    #[test]
    fn a_registry_is_as_far_as_it_ever_was() {
        let place = place("h");
        assert_eq!(place.reach(), Reach::Public);
        for (seen, expected) in [
            (Reach::Loopback, Reach::Loopback),
            (Reach::Private, Reach::Private),
            (Reach::Loopback, Reach::Private),
            (Reach::Public, Reach::Public),
            (Reach::Loopback, Reach::Public),
        ] {
            place.note_reach(Some(seen));
            place.note_reach(None);
            assert_eq!(place.reach(), expected);
        }
    }

    #[test]
    fn redirects_open_hosts() {
        let place = place("h");
        let events = Events::default();
        assert_eq!(place.lead(&url("https://cdn/x"), "redirect", &events).unwrap(), Way::Led);
        assert_eq!(place.lead(&url("https://auth/x"), "challenge", &events).unwrap(), Way::Led);
        assert_eq!(place.lead(&url("https://h/x"), "redirect", &events).unwrap(), Way::Own);
        assert!(place.led_to(&url("https://cdn/other")));
        assert!(!place.led_to(&url("https://auth/x")), "token servers are not for guests");
        assert!(!place.led_to(&url("https://cdn:444/x")));
    }
}
