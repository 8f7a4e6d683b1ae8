//! What all connections of a run share: proxies, trusted authorities and timeouts.

use super::address::{self, Reach};
use super::proxy::Proxies;
use super::tls;
use crate::diagnostic::Fault;
use crate::http::limits::timeouts::Timeouts;
use crate::role::Surroundings;
use rustls::RootCertStore;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use url::Url;

/// What all connections of a run share. The surroundings are read when the first connection is made.
pub(in crate::http) struct Network {
    pub(in crate::http) surroundings: Arc<Surroundings>,
    pub(in crate::http) timeouts: Timeouts,
    proxies: OnceLock<Result<ProxySettings, Fault>>,
    authorities: OnceLock<Result<Arc<RootCertStore>, Fault>>,
}

/// The proxies, and the names of their hosts.
pub(in crate::http) struct ProxySettings {
    pub(in crate::http) proxies: Arc<Proxies>,
    pub(in crate::http) hosts: Arc<BTreeSet<String>>,
}

impl Network {
    /// A network as the surroundings describe it. Nothing is read yet.
    pub(in crate::http) fn new(surroundings: Arc<Surroundings>, timeouts: Timeouts) -> Self {
        Self { surroundings, timeouts, proxies: OnceLock::new(), authorities: OnceLock::new() }
    }

    /// How close the host is that answered. Behind a proxy only an address in the URL tells; a
    /// name counts as public.
    pub(in crate::http) fn reach_of(
        &self,
        answer: &reqwest::Response,
        asked: &Url,
    ) -> Option<Reach> {
        let proxied = self.proxies().is_ok_and(|settings| settings.proxies.of(asked).is_some());
        let address = if proxied {
            address::literal(asked)
        } else {
            answer.remote_addr().map(|address| address.ip())
        };
        address.map_or(Some(Reach::Public), address::reach)
    }

    /// The proxies.
    ///
    /// # Errors
    ///
    /// `http::proxy`: a variable is no URL of a proxy.
    pub(in crate::http) fn proxies(&self) -> Result<&ProxySettings, Fault> {
        let read = || {
            let proxies = Arc::new(Proxies::read(&self.surroundings)?);
            let hosts = Arc::new(proxies.hosts());
            Ok(ProxySettings { proxies, hosts })
        };
        self.proxies.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// The authorities that the system trusts: 150 certificates, read when the first one is to be
    /// checked.
    ///
    /// # Errors
    ///
    /// `http::certificates`: a file that the user named cannot be used.
    pub(in crate::http) fn authorities(&self) -> Result<Arc<RootCertStore>, Fault> {
        let read = || tls::system(&self.surroundings).map(Arc::new);
        self.authorities.get_or_init(read).clone()
    }
}
