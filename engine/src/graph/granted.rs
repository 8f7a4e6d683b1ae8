//! The hosts that the spec grants to plugins, and the logins that go there.
//!
//! A login goes to the origin of its registry and nowhere else: another scheme or port is another
//! server, and one in the clear gives the password to everybody on the way.

use super::convert::{is_grant, registry_name};
use super::faults::{Faults, fault};
use crate::diagnostic::{Fault, Place, suggestion};
use crate::graph::codes;
use crate::role::{GrantedHost, RegistrySettings};
use crate::spec::{HttpGrant, Spec};
use std::collections::{BTreeMap, BTreeSet};

/// The granted hosts of each plugin, by its id.
pub(super) fn granted_hosts(
    spec: &Spec,
    registries: &BTreeMap<String, RegistrySettings>,
    faults: &mut Faults,
) -> BTreeMap<String, Vec<GrantedHost>> {
    let logins = Logins { spec, registries };
    let mut all = BTreeMap::new();
    for (id, plugin) in spec.plugins.iter() {
        let at = Place::root().key("plugins").key(id).key("grants").key("http");
        let (mut hosts, mut seen) = (Vec::new(), BTreeSet::new());
        for (index, grant) in plugin.grants.http.iter().enumerate() {
            let at = at.index(index);
            let (url_at, url) = grant.url(&at);
            if !is_grant(url) {
                let message = format!("`{url}` is not a host to grant");
                let help = "write `https://host`, `https://host:port` or `https://*.host`";
                faults.add(&url_at, fault(codes::BAD_GRANT, message).help(help));
            } else if !seen.insert(origin(url)) {
                let help = "keep one: a host is asked with a login or without";
                let message = format!("`{url}` is granted twice");
                faults.add(&url_at, fault(codes::BAD_GRANT, message).help(help));
            } else {
                hosts.extend(logins.of(grant, &at, faults));
            }
        }
        all.insert(id.to_owned(), hosts);
    }
    all
}

/// The logins that the spec has.
struct Logins<'a> {
    spec: &'a Spec,
    registries: &'a BTreeMap<String, RegistrySettings>,
}

impl Logins<'_> {
    /// The host of a grant, with the registry whose login it names, if it names one; `None` where
    /// that is wrong, with a fault kept.
    fn of(&self, grant: &HttpGrant, at: &Place, faults: &mut Faults) -> Option<GrantedHost> {
        let (url_at, url) = grant.url(at);
        let granted = |login| Some(GrantedHost { url: url.to_owned(), login });
        let Some(written) = grant.auth() else { return granted(None) };
        let known = registry_name(written).and_then(|name| {
            let settings = self.registries.get(&name)?;
            Some((settings.base_url(&name), name))
        });
        let Some((base_url, name)) = known else {
            // A registry that stands there, and is wrong, has its own fault.
            if self.spec.registries.get(written).is_none() {
                faults.add(&at.key("auth"), self.unknown(written));
            }
            return None;
        };
        if origin(url) == origin(&base_url) {
            return granted(Some(name));
        }
        let message = format!("the login of `{name}` goes to `{base_url}` only, not to `{url}`");
        let help = format!("write `url: {base_url}`, or say `endpoint: {url}` for this registry");
        faults.add(&url_at, fault(codes::WRONG_ORIGIN, message).help(help));
        None
    }

    fn unknown(&self, written: &str) -> Fault {
        let message = format!("no registry is called `{written}`");
        let fault = fault(codes::UNKNOWN_REGISTRY, message);
        match suggestion(written, self.spec.registries.keys()) {
            Some(help) => fault.help(help),
            None => fault.help("name it in the block `registries`, whose login is meant"),
        }
    }
}

/// Scheme, host and port, in one writing. Source: RFC 6454 section 4.
fn origin(url: &str) -> Option<(String, String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let default = if scheme == "https" { 443 } else { 80 };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (rest, default),
    };
    Some((scheme.to_owned(), host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_has_scheme_host_and_port() {
        for (one, other, same) in [
            ("https://a.example", "https://A.example:443/", true),
            ("http://a.example", "http://a.example:80", true),
            ("http://[::1]:5000", "http://[::1]:5000/", true),
            ("https://a.example", "http://a.example", false),
            ("https://a.example", "https://a.example:8443", false),
            ("https://a.example", "https://b.a.example", false),
            ("https://*.a.example", "https://a.example", false),
        ] {
            assert_eq!(origin(one) == origin(other), same, "{one} {other}");
        }
    }
}
