//! Which addresses may be reached.
//!
//! The attack: a registry, or a guest, names a host that resolves to this machine or to its
//! neighbours, to reach what only they can. So the address is checked, not the name, after it was
//! resolved and by the resolver that the connection uses: what was checked is what is connected to.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use thiserror::Error;
use url::{Host, Url};

/// How close an address is. Who is at one may lead to those that come before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::http) enum Reach {
    /// An address of the internet.
    Public,
    /// An address of a private network.
    Private,
    /// This machine.
    Loopback,
}

/// An address that may not be reached.
#[derive(Debug, Error)]
#[error("`{host}` is at {address}, which is not reachable from here by the rules: {why}")]
pub(in crate::http) struct Refused {
    host: String,
    address: IpAddr,
    why: &'static str,
}

/// How close an address is; `None` for those that are never reached: link-local ones (where
/// clouds keep their metadata and credentials), those of many machines.
pub(in crate::http) fn reach(address: IpAddr) -> Option<Reach> {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

/// The address that stands in a URL.
pub(in crate::http) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn reach_v4(address: Ipv4Addr) -> Option<Reach> {
    /// Where Alibaba keeps its metadata, in the shared address space.
    const METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
    let [first, second, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let many = address.is_multicast() || address.is_broadcast();
    if address.is_link_local() || many || address == METADATA {
        None
    } else if address.is_loopback() || first == 0 {
        // 0.0.0.0 connects to this machine.
        Some(Reach::Loopback)
    } else if address.is_private() || shared {
        Some(Reach::Private)
    } else {
        Some(Reach::Public)
    }
}

fn reach_v6(address: Ipv6Addr) -> Option<Reach> {
    /// Where Amazon keeps its metadata.
    const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    /// Source: RFC 6052, the prefix for IPv4 addresses behind a translator.
    const TRANSLATED: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];
    if let Some(inner) = address.to_ipv4_mapped() {
        return reach_v4(inner);
    }
    let segments = address.segments();
    if segments.starts_with(&TRANSLATED) {
        let [.., a, b, c, d] = address.octets();
        return reach_v4(Ipv4Addr::new(a, b, c, d));
    }
    if address.is_unicast_link_local() || address.is_multicast() || address == METADATA {
        None
    } else if address.is_loopback() || address.is_unspecified() {
        Some(Reach::Loopback)
    } else if address.is_unique_local() {
        Some(Reach::Private)
    } else {
        Some(Reach::Public)
    }
}

/// Refuses an address beyond `bound`.
pub(in crate::http) fn check(host: &str, address: IpAddr, bound: Reach) -> Result<(), Refused> {
    let why = match reach(address) {
        None => "link-local, metadata and multicast addresses never are",
        Some(reach) if reach > bound => {
            "the one who led there is not that close (`leadsTo` of the registry opens it)"
        }
        Some(_) => return Ok(()),
    };
    Err(Refused { host: host.to_owned(), address, why })
}

/// Resolves names to addresses within a bound.
pub(in crate::http) struct Resolver {
    /// The bound.
    pub(in crate::http) bound: Reach,
    /// Hosts without a bound: the proxies, which the user named.
    pub(in crate::http) unbound: Arc<BTreeSet<String>>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let bound = if self.unbound.contains(&host) { Reach::Loopback } else { self.bound };
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let mut allowed: Vec<SocketAddr> = Vec::new();
            let mut refused = None;
            for address in found {
                match check(&host, address.ip(), bound) {
                    Ok(()) => allowed.push(address),
                    Err(refusal) => refused = Some(refusal),
                }
            }
            match refused {
                Some(refusal) if allowed.is_empty() => Err(refusal.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_reach() {
        for (address, expected) in [
            ("93.184.216.34", Some(Reach::Public)),
            ("2606:4700::1", Some(Reach::Public)),
            ("10.1.2.3", Some(Reach::Private)),
            ("192.168.0.1", Some(Reach::Private)),
            ("100.64.0.1", Some(Reach::Private)),
            ("fd12::1", Some(Reach::Private)),
            ("127.0.0.1", Some(Reach::Loopback)),
            ("127.8.8.8", Some(Reach::Loopback)),
            ("0.0.0.0", Some(Reach::Loopback)),
            ("::1", Some(Reach::Loopback)),
            ("::", Some(Reach::Loopback)),
            ("::ffff:127.0.0.1", Some(Reach::Loopback)),
            ("64:ff9b::a00:1", Some(Reach::Private)),
            ("169.254.169.254", None),
            ("::ffff:169.254.169.254", None),
            ("64:ff9b::a9fe:a9fe", None),
            ("fe80::1", None),
            ("fd00:ec2::254", None),
            ("100.100.100.200", None),
            ("224.0.0.1", None),
        ] {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn nobody_leads_closer_than_they_are() {
        let allowed = |address: &str, bound| check("h", address.parse().unwrap(), bound).is_ok();
        assert!(allowed("8.8.8.8", Reach::Public));
        assert!(!allowed("10.0.0.1", Reach::Public));
        assert!(allowed("10.0.0.1", Reach::Private));
        assert!(!allowed("127.0.0.1", Reach::Private));
        assert!(allowed("127.0.0.1", Reach::Loopback));
        assert!(!allowed("169.254.169.254", Reach::Loopback));
    }

    #[tokio::test]
    async fn names_are_checked_where_they_are_resolved() {
        let resolver = Resolver { bound: Reach::Private, unbound: Arc::default() };
        let error = resolver.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(error.downcast_ref::<Refused>().is_some());
        let unbound = Arc::new(BTreeSet::from(["localhost".to_owned()]));
        let resolver = Resolver { bound: Reach::Public, unbound };
        assert!(resolver.resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
