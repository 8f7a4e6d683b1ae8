//! Which requests go through a proxy: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` of the
//! surroundings, in capitals or not, read as the container tools read them.

use crate::diagnostic::{Fault, Origin};
use crate::http::codes;
use crate::role::Surroundings;
use std::collections::BTreeSet;
use std::net::IpAddr;
use url::{Host, Url};

/// The proxies of a run.
#[derive(Debug, Default)]
pub(in crate::http) struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    direct: Vec<Direct>,
}

/// What is reached without a proxy.
#[derive(Debug)]
enum Direct {
    Everything,
    Network(IpAddr, u8),
    /// A name, its subdomains, and the only port, if one is named. `below`: subdomains alone.
    Name {
        name: String,
        below: bool,
        port: Option<u16>,
    },
}

impl Proxies {
    /// Reads the surroundings.
    pub(in crate::http) fn read(surroundings: &Surroundings) -> Result<Self, Fault> {
        let value = |name: &str| {
            let lower = name.to_ascii_lowercase();
            surroundings.variable(name).or_else(|| surroundings.variable(&lower))
        };
        let proxy = |name: &str| value(name).map(|text| parse(name, text)).transpose();
        let direct = value("NO_PROXY").unwrap_or_default();
        let direct = direct.split(',').filter_map(Direct::parse).collect();
        Ok(Self { http: proxy("HTTP_PROXY")?, https: proxy("HTTPS_PROXY")?, direct })
    }

    /// The proxy for a URL; this machine is always reached directly.
    pub(in crate::http) fn of(&self, url: &Url) -> Option<Url> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        let proxy = proxy.as_ref()?;
        let here = match url.host()? {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let direct = here || self.direct.iter().any(|direct| direct.holds(url));
        (!direct).then(|| proxy.clone())
    }

    /// The names of the proxies' hosts.
    pub(in crate::http) fn hosts(&self) -> BTreeSet<String> {
        let both = self.http.iter().chain(&self.https);
        both.filter_map(|url| url.host_str().map(str::to_owned)).collect()
    }
}

impl Direct {
    fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim().to_ascii_lowercase();
        if entry.is_empty() {
            return None;
        }
        if entry == "*" {
            return Some(Self::Everything);
        }
        if let Some((address, bits)) = entry.split_once('/') {
            return Some(Self::Network(address.parse().ok()?, bits.parse().ok()?));
        }
        let address = entry.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = address.parse::<IpAddr>() {
            return Some(Self::Network(address, if address.is_ipv4() { 32 } else { 128 }));
        }
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (entry.as_str(), None),
        };
        let name = name.strip_prefix('*').unwrap_or(name);
        let below = name.starts_with('.');
        Some(Self::Name { name: name.trim_start_matches('.').to_owned(), below, port })
    }

    fn holds(&self, url: &Url) -> bool {
        match self {
            Self::Everything => true,
            Self::Network(network, bits) => match url.host() {
                Some(Host::Ipv4(address)) => within(IpAddr::V4(address), *network, *bits),
                Some(Host::Ipv6(address)) => within(IpAddr::V6(address), *network, *bits),
                _ => false,
            },
            Self::Name { name, below, port } => {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
                let fits = match host.strip_suffix(name.as_str()) {
                    Some("") => !below,
                    Some(rest) => rest.ends_with('.'),
                    None => false,
                };
                fits && port.is_none_or(|port| url.port_or_known_default() == Some(port))
            }
        }
    }
}

/// Whether an address has the first `bits` bits of a network.
fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (u128::from(u32::from(a)), u128::from(u32::from(n)), 32),
        (IpAddr::V6(a), IpAddr::V6(n)) => (u128::from(a), u128::from(n), 128),
        _ => return false,
    };
    let rest = u32::from(width - bits.min(width));
    address.checked_shr(rest).unwrap_or(0) == network.checked_shr(rest).unwrap_or(0)
}

fn parse(name: &str, text: &str) -> Result<Url, Fault> {
    // The value may hold a password: it is not repeated.
    let wrong = || {
        let message = format!("use the proxy of `{name}`: it is no URL of an HTTP proxy");
        Fault::new(codes::PROXY, Origin::Local, message)
    };
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&text).map_err(|_| wrong())?;
    let fine = matches!(url.scheme(), "http" | "https") && url.has_host();
    if fine { Ok(url) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, Fault> {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let variables = pairs.collect();
        Proxies::read(&Surroundings { variables, ..Surroundings::default() })
    }

    #[test]
    fn proxies_are_chosen_by_scheme() {
        let proxies = proxies(&[("http_proxy", "p:1"), ("HTTPS_PROXY", "https://u:pw@q")]).unwrap();
        let of = |url: &str| proxies.of(&Url::parse(url).unwrap()).map(|url| url.to_string());
        assert_eq!(of("http://h/").unwrap(), "http://p:1/");
        assert_eq!(of("https://h/").unwrap(), "https://u:pw@q/");
        for local in ["http://localhost:5000/", "https://127.3.2.1/", "http://[::1]:1/"] {
            assert_eq!(of(local), None, "{local}");
        }
        assert_eq!(proxies.hosts().into_iter().collect::<Vec<_>>(), ["p", "q"]);
    }

    #[test]
    fn exceptions_are_kept() {
        let no_proxy = "a.com, .b.com,*.c.com,d.com:5000,10.0.0.0/8,192.168.1.1,fd00::/8";
        let proxies = proxies(&[("HTTP_PROXY", "p"), ("no_proxy", no_proxy)]).unwrap();
        let direct =
            |host: &str| proxies.of(&Url::parse(&format!("http://{host}/")).unwrap()).is_none();
        for host in [
            "a.com",
            "x.a.com",
            "x.b.com",
            "x.c.com",
            "d.com:5000",
            "10.9.9.9",
            "192.168.1.1",
            "[fd11::1]",
        ] {
            assert!(direct(host), "{host}");
        }
        for host in ["aa.com", "b.com", "c.com", "d.com", "11.0.0.1", "192.168.1.2", "[fe00::1]"] {
            assert!(!direct(host), "{host}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_not_repeated() {
        let fault = proxies(&[("HTTPS_PROXY", "socks5://u:s3cr3t@h")]).unwrap_err();
        assert_eq!(fault.code, "http::proxy");
        assert!(!fault.message.contains("s3cr3t"));
        assert!(
            proxies(&[("NO_PROXY", "*"), ("HTTP_PROXY", "p")])
                .unwrap()
                .of(&Url::parse("http://h/").unwrap())
                .is_none()
        );
    }
}
