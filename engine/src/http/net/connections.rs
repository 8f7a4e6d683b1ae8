//! The connections to one registry and to where it leads, made when they are first needed.

use super::address::{self, Reach, Resolver};
use super::network::Network;
use super::peer::Peer;
use super::tls;
use crate::config::Certificates;
use crate::diagnostic::{Fault, Origin};
use crate::http::codes;
use crate::http::fault;
use crate::role::RegistrySettings;
use rustls::RootCertStore;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use url::Url;

/// Connections that nobody uses are closed before most servers do it.
const POOL_IDLE: Duration = Duration::from_secs(90);

const USER_AGENT: &str = concat!("engine/", env!("CARGO_PKG_VERSION"));

/// The connections of one registry.
#[derive(Default)]
pub(in crate::http) struct Connections {
    registry: OnceCell<reqwest::Client>,
    /// By the bound that holds for them.
    referred: [OnceCell<reqwest::Client>; 3],
    allowed: OnceCell<reqwest::Client>,
}

/// The registry that connections belong to.
#[derive(Clone, Copy)]
pub(in crate::http) struct Owner<'a> {
    /// Its name in the spec.
    pub(in crate::http) name: &'a str,
    /// How it is reached.
    pub(in crate::http) settings: &'a RegistrySettings,
    /// Whether it gets the client's certificate, if there is one.
    pub(in crate::http) identified: bool,
    /// How close it may be.
    pub(in crate::http) bound: Reach,
    /// How close it is, and so how close what it refers to may be.
    pub(in crate::http) reach: Reach,
}

impl Connections {
    /// The connections to a peer, after the host of `url` was checked where it is an address.
    ///
    /// # Errors
    ///
    /// `http::not-granted`: the address may not be reached. `http::set-up`, `http::proxy`,
    /// `http::certificates`: connections cannot be made.
    pub(in crate::http) async fn to(
        &self,
        peer: Peer,
        network: &Network,
        owner: Owner<'_>,
        url: &Url,
    ) -> Result<&reqwest::Client, Fault> {
        let (client, bound) = match peer {
            Peer::Registry => {
                let make = async || build(network, owner, owner.bound, owner.identified);
                (self.registry.get_or_try_init(make).await?, owner.bound)
            }
            Peer::Allowed => {
                let make = async || build(network, owner, Reach::Loopback, false);
                (self.allowed.get_or_try_init(make).await?, Reach::Loopback)
            }
            Peer::Referred => {
                let bound = owner.reach;
                let make = async || build(network, owner, bound, false);
                let [public, private, loopback] = &self.referred;
                let cell = match bound {
                    Reach::Public => public,
                    Reach::Private => private,
                    Reach::Loopback => loopback,
                };
                (cell.get_or_try_init(make).await?, bound)
            }
        };
        let host = url.host_str().unwrap_or_default();
        let named = peer != Peer::Referred && owner.bound == Reach::Loopback;
        if !named && network.proxies()?.hosts.contains(host) {
            // The resolver lets the proxies' names pass, whatever their address.
            let message = format!("`{}` leads to the proxy `{host}`", owner.name);
            return Err(fault::not_granted(&message).at(host));
        }
        // An address in the URL is connected to without asking the resolver.
        if let Some(address) = address::literal(url) {
            address::check(host, address, bound)
                .map_err(|refused| fault::not_granted(&refused.to_string()).at(host))?;
        }
        Ok(client)
    }
}

fn build(
    network: &Network,
    Owner { name, settings, .. }: Owner<'_>,
    bound: Reach,
    identified: bool,
) -> Result<reqwest::Client, Fault> {
    let proxy_settings = network.proxies()?;
    let found = Certificates::find(&network.surroundings, name)?;
    let authorities =
        if settings.tls.verify { network.authorities()? } else { Arc::new(RootCertStore::empty()) };
    let tls = tls::settings(&authorities, &settings.tls, &found, identified)?;
    let unbound = Arc::clone(&proxy_settings.hosts);
    // First no proxy of the process, then those of the surroundings, if there are any: asking for
    // one takes each request's URL apart and puts it together again.
    let client = reqwest::Client::builder().no_proxy();
    let client = if proxy_settings.hosts.is_empty() {
        client
    } else {
        let proxies = Arc::clone(&proxy_settings.proxies);
        client.proxy(reqwest::Proxy::custom(move |url| proxies.of(url)))
    };
    client
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(Resolver { bound, unbound }))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .http1_only()
        .connect_timeout(network.timeouts.connect)
        .pool_idle_timeout(POOL_IDLE)
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| {
            let message = format!("set up connections to `{name}`: {error}");
            Fault::new(codes::SET_UP, Origin::Local, message)
        })
}
