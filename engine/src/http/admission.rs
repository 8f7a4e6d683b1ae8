//! Whether a request may be sent, and to which registry or granted host.

use super::fault;
use super::net::address::Reach;
use super::net::origin::{host_port, origin};
use super::net::peer::Peer;
use super::permission;
use super::registry_host::RegistryHost;
use super::request::Request;
use crate::diagnostic::Fault;
use crate::role::{Access, CallAccess, GrantedHost, RegistrySettings};
use reqwest::Method;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// The number of hosts in a run, registries included, at which a guest can add no more. A grant with
/// `*.` covers any number; a usual run has a few dozen. A registry of the spec is never refused by it.
const MAX_GRANTED_HOSTS: usize = 1024;

/// The registries and granted hosts of a run.
pub(super) struct Admission {
    settings: BTreeMap<String, RegistrySettings>,
    hosts: Mutex<BTreeMap<String, Arc<RegistryHost>>>,
}

/// A request that was found to be within the access of its call, and where it goes.
pub(super) struct Admitted {
    pub(super) host: Arc<RegistryHost>,
    pub(super) peer: Peer,
    pub(super) method: Method,
    pub(super) url: Url,
    /// The URL of the grant that gives the host its login, which goes to this origin only.
    pub(super) granted_url: Option<String>,
}

/// A request that is checked against the access of its call.
struct RequestToCheck<'a> {
    request: &'a Request,
    url: Url,
    call_access: &'a CallAccess,
}

impl Admission {
    /// `settings`: of registries, by the names that the spec uses.
    pub(super) fn new(settings: BTreeMap<String, RegistrySettings>) -> Self {
        Self { settings, hosts: Mutex::default() }
    }

    /// Checks a request against the access of its call, and finds out which host it is for.
    ///
    /// # Errors
    ///
    /// `http::not-granted`, `http::invalid-request`, `http::bad-endpoint`.
    pub(super) fn admit(
        &self,
        request: &Request,
        call_access: &CallAccess,
    ) -> Result<Admitted, Fault> {
        let url = permission::url(&request.url)?;
        if request.body.is_some() && !matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            return Err(fault::invalid("only POST, PUT and PATCH have a body"));
        }
        let asked = RequestToCheck { request, url, call_access };
        if let Some(name) = &call_access.registry {
            let registry = self.registry(name)?;
            if registry.owns(&asked.url) {
                return asked.at_registry(registry, None);
            }
            if let Some(admitted) = asked.at_referred_host(registry)? {
                return Ok(admitted);
            }
        }
        self.admit_granted(asked)
    }

    /// Checks a request against the grants. A request to a host that is granted with a login carries
    /// that login, or is not sent.
    fn admit_granted(&self, asked: RequestToCheck<'_>) -> Result<Admitted, Fault> {
        let call_access = asked.call_access;
        let mut registries = Vec::new();
        for host in &call_access.granted {
            let Some(name) = &host.login else { continue };
            let registry = self.registry(name)?;
            // A registry behind a proxy may give an upload a location with another scheme than its own.
            let continues_upload = registry.owns(&asked.url) && asked.is_upload(&registry);
            if continues_upload || permission::covers(&host.url, &asked.url) {
                return asked.at_registry(registry, Some(host.url.clone()));
            }
            registries.push(registry);
        }
        if call_access.granted.iter().any(|host| permission::covers(&host.url, &asked.url)) {
            return self.anonymous(asked);
        }
        for registry in registries.into_iter().filter(|one| !one.owns(&asked.url)) {
            if let Some(admitted) = asked.at_referred_host(registry)? {
                return Ok(admitted);
            }
        }
        asked.method(false)?;
        let (host, scheme) = (host_port(&asked.url), asked.url.scheme());
        let message = format!("the host `{host}` is not granted, and no registry led to it");
        Err(fault::not_granted(&message).fact("wanted-http", format!("{scheme}://{host}")))
    }

    /// Sent to a host that was granted by its URL alone, without a login.
    fn anonymous(&self, asked: RequestToCheck<'_>) -> Result<Admitted, Fault> {
        let method = asked.method(false)?;
        let name = origin(&asked.url);
        let named = |host: &GrantedHost| {
            permission::covers(&host.url, &asked.url) && !permission::has_wildcard(&host.url)
        };
        // Who owns the zone chooses where names below `*.` lead: to public addresses only. Such a host is
        // another one than the same host that another step was granted by its name.
        let (key, bound) = if asked.call_access.granted.iter().any(named) {
            (name.clone(), Reach::Loopback)
        } else {
            (format!("{name} by `*.`"), Reach::Public)
        };
        let make = || RegistryHost::granted(&asked.url, self.settings_at(&name), bound);
        let host = self.host(&key, MAX_GRANTED_HOSTS, make)?;
        Ok(Admitted { host, peer: Peer::Registry, method, url: asked.url, granted_url: None })
    }

    /// A registry by its name in the spec.
    fn registry(&self, name: &str) -> Result<Arc<RegistryHost>, Fault> {
        let settings = || self.settings.get(name).cloned().unwrap_or_default();
        self.host(name, usize::MAX, || RegistryHost::registry(name, settings()))
    }

    /// How a host at this origin is reached: as the registry that is there, if the spec has one.
    fn settings_at(&self, wanted: &str) -> RegistrySettings {
        let is_there = |(name, settings): &(&String, &RegistrySettings)| {
            Url::parse(&settings.base_url(name)).is_ok_and(|url| origin(&url) == wanted)
        };
        let known = self.settings.iter().find(is_there);
        known.map(|(_, settings)| settings.clone()).unwrap_or_default()
    }

    fn host(
        &self,
        name: &str,
        most: usize,
        make: impl FnOnce() -> Result<RegistryHost, Fault>,
    ) -> Result<Arc<RegistryHost>, Fault> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(name) {
            return Ok(Arc::clone(host));
        }
        if hosts.len() >= most {
            let message = format!("more than {most} hosts in one run");
            return Err(fault::not_granted(&message));
        }
        let host = Arc::new(make()?);
        hosts.insert(name.to_owned(), Arc::clone(&host));
        Ok(host)
    }
}

impl Admitted {
    /// Checks that a granted login goes to the granted origin. A registry without verification of TLS
    /// may speak plain HTTP, which only the base URL that was found shows.
    ///
    /// # Errors
    ///
    /// `http::not-granted`.
    pub(super) fn check_origin(&self, base_url: &Url) -> Result<(), Fault> {
        let Some(granted) = &self.granted_url else { return Ok(()) };
        if permission::covers(granted, base_url) {
            return Ok(());
        }
        let (name, is_at) = (&self.host.name, origin(base_url));
        let message = format!(
            "the login of `{name}` is granted for {granted}, but the registry is at {is_at}"
        );
        Err(fault::not_granted(&message).at(name))
    }
}

impl RequestToCheck<'_> {
    /// The method; `upload`: the request goes on with an upload that the registry began.
    fn method(&self, upload: bool) -> Result<Method, Fault> {
        permission::method(&self.request.method, self.call_access.access, upload)
    }

    /// Whether it goes on with an upload that the registry began.
    fn is_upload(&self, registry: &RegistryHost) -> bool {
        self.call_access.access >= Access::Write && registry.is_upload(&self.url)
    }

    /// Admits a request to the registry itself, with its login: for the repositories of the step.
    fn at_registry(
        self,
        host: Arc<RegistryHost>,
        granted_url: Option<String>,
    ) -> Result<Admitted, Fault> {
        let upload = self.is_upload(&host);
        let method = self.method(upload)?;
        if !upload {
            permission::path(&self.request.url, &self.url, &method, self.call_access)?;
        }
        Ok(Admitted { host, peer: Peer::Registry, method, url: self.url, granted_url })
    }

    /// Admits a request, without a login, to a host that the registry led to by a redirect or the
    /// location of an upload.
    fn at_referred_host(&self, host: Arc<RegistryHost>) -> Result<Option<Admitted>, Fault> {
        let upload = self.is_upload(&host);
        if !upload && !host.has_redirected_to(&self.url) {
            return Ok(None);
        }
        let method = self.method(upload)?;
        let reads = matches!(method, Method::GET | Method::HEAD);
        let (peer, url) = (host.peer(&self.url), self.url.clone());
        let admitted = Admitted { host, peer, method, url, granted_url: None };
        Ok((upload || reads).then_some(admitted))
    }
}

#[cfg(test)]
#[path = "admission_tests.rs"]
mod admission_tests;
