//! The connections to one registry and to where it leads, made when they are first needed.

use super::address::{self};
use super::proxy::Proxies;
use super::tls;
use crate::config::Certificates;
use crate::diagnostic::{Fault, Origin};
use crate::http::codes;
use crate::http::limits::patience::Patience;
use crate::http::net::address::{Reach, Resolver};
use crate::http::place::Place;
use crate::role::{RegistrySettings, Surroundings};
use rustls::RootCertStore;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::OnceCell;
use url::{Host, Url};

/// Connections that nobody uses are closed before most servers do it.
const POOL_IDLE: Duration = Duration::from_secs(90);

const USER_AGENT: &str = concat!("engine/", env!("CARGO_PKG_VERSION"));

/// By which way a host is reached. Each way has connections of its own, so one that was opened
/// under one rule is never used under another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Way {
    /// The registry itself, or a host that the spec grants.
    Own,
    /// The registry led there; it cannot lead closer to us than it is.
    Led,
    /// The registry led there, and the spec allows it to.
    Open,
}

/// What all connections of a run share.
pub(in crate::http) struct Shared {
    pub(in crate::http) surroundings: Arc<Surroundings>,
    pub(in crate::http) patience: Patience,
    outside: OnceLock<Result<Outside, Fault>>,
    trust: OnceLock<Result<Arc<RootCertStore>, Fault>>,
}

/// What the surroundings say; read when the first connection is made.
struct Outside {
    proxies: Arc<Proxies>,
    proxy_hosts: Arc<BTreeSet<String>>,
}

impl Shared {
    pub(in crate::http) fn new(surroundings: Arc<Surroundings>, patience: Patience) -> Self {
        Self { surroundings, patience, outside: OnceLock::new(), trust: OnceLock::new() }
    }

    /// How close the host is that answered. Behind a proxy only an address in the URL tells; a
    /// name counts as public.
    pub(in crate::http) fn reach_of(
        &self,
        answer: &reqwest::Response,
        asked: &Url,
    ) -> Option<Reach> {
        let proxied = self.outside().is_ok_and(|outside| outside.proxies.of(asked).is_some());
        let address =
            if proxied { literal(asked) } else { answer.remote_addr().map(|address| address.ip()) };
        address.map_or(Some(Reach::Public), address::reach)
    }

    fn outside(&self) -> Result<&Outside, Fault> {
        let read = || {
            let proxies = Arc::new(Proxies::read(&self.surroundings)?);
            let proxy_hosts = Arc::new(proxies.hosts());
            Ok(Outside { proxies, proxy_hosts })
        };
        self.outside.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// Whom the system trusts: 150 certificates, read when the first one is to be checked.
    fn trust(&self) -> Result<Arc<RootCertStore>, Fault> {
        let read = || tls::system(&self.surroundings).map(Arc::new);
        self.trust.get_or_init(read).clone()
    }
}

/// The connections of one registry.
#[derive(Default)]
pub(in crate::http) struct Connections {
    own: OnceCell<reqwest::Client>,
    /// By the bound that holds for them.
    led: [OnceCell<reqwest::Client>; 3],
    open: OnceCell<reqwest::Client>,
}

impl Connections {
    /// The connections for a way, after the host was checked where it is an address already.
    pub(in crate::http) async fn by(
        &self,
        way: Way,
        shared: &Shared,
        place: &Place,
        host: &Url,
    ) -> Result<&reqwest::Client, Fault> {
        let named = (place.name.as_str(), &place.settings);
        let (client, bound) = match way {
            Way::Own => {
                let make = async || build(shared, named, Reach::Loopback, !place.anonymous);
                (self.own.get_or_try_init(make).await?, Reach::Loopback)
            }
            Way::Open => {
                let make = async || build(shared, named, Reach::Loopback, false);
                (self.open.get_or_try_init(make).await?, Reach::Loopback)
            }
            Way::Led => {
                let bound = place.reach();
                let make = async || build(shared, named, bound, false);
                let [public, private, loopback] = &self.led;
                let cell = match bound {
                    Reach::Public => public,
                    Reach::Private => private,
                    Reach::Loopback => loopback,
                };
                (cell.get_or_try_init(make).await?, bound)
            }
        };
        let name = host.host_str().unwrap_or_default();
        if way == Way::Led && shared.outside()?.proxy_hosts.contains(name) {
            // The resolver lets the proxies' names pass, whatever their address.
            let message = format!("`{}` leads to the proxy `{name}`", place.name);
            return Err(crate::http::fault::not_granted(&message).at(name));
        }
        // An address in the URL is connected to without asking the resolver.
        if let Some(address) = literal(host) {
            address::check(name, address, bound).map_err(|refused| {
                crate::http::fault::not_granted(&refused.to_string()).at(name)
            })?;
        }
        Ok(client)
    }
}

/// The address that stands in a URL.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn build(
    shared: &Shared,
    (name, settings): (&str, &RegistrySettings),
    bound: Reach,
    identity: bool,
) -> Result<reqwest::Client, Fault> {
    let outside = shared.outside()?;
    let found = Certificates::find(&shared.surroundings, name)?;
    let trust =
        if settings.tls.verify { shared.trust()? } else { Arc::new(RootCertStore::empty()) };
    let tls = tls::settings(&trust, &settings.tls, &found, identity)?;
    let unbound = Arc::clone(&outside.proxy_hosts);
    // First no proxy of the process, then those of the surroundings, if there are any: asking for
    // one takes each request's URL apart and puts it together again.
    let client = reqwest::Client::builder().no_proxy();
    let client = if outside.proxy_hosts.is_empty() {
        client
    } else {
        let proxies = Arc::clone(&outside.proxies);
        client.proxy(reqwest::Proxy::custom(move |url| proxies.of(url)))
    };
    client
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(Resolver { bound, unbound }))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .http1_only()
        .connect_timeout(shared.patience.connect)
        .pool_idle_timeout(POOL_IDLE)
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| {
            let message = format!("set up connections to `{name}`: {error}");
            Fault::new(codes::SET_UP, Origin::Local, message)
        })
}
