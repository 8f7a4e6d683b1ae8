//! Which addresses may be reached.
//!
//! The attack: a registry, or a guest, names a host that resolves to this machine or to its
//! neighbours, to reach what only they can. So the address is checked, not the name, after it was
//! resolved and by the resolver that the connection uses: what was checked is what is connected to.

use super::special;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use thiserror::Error;
use url::{Host, Url};

/// How close an address is. Who is at one may lead to those that come before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::http) enum Reach {
    /// An address that is reached from everywhere.
    Public,
    /// Any other: of a private network, or reserved.
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

/// How close an address is; `None` for those that are never reached: link-local ones, those where
/// clouds keep metadata and credentials, those of many machines.
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
    let many = address.is_multicast() || address.is_broadcast();
    if special::is_metadata_v4(address) || address.is_link_local() || many {
        None
    } else if address.is_loopback() || address.octets()[0] == 0 {
        // 0.0.0.0 connects to this machine.
        Some(Reach::Loopback)
    } else if special::is_global_v4(address) {
        Some(Reach::Public)
    } else {
        Some(Reach::Private)
    }
}

fn reach_v6(address: Ipv6Addr) -> Option<Reach> {
    if let Some(inner) = address.to_ipv4_mapped() {
        return reach_v4(inner);
    }
    if address.is_loopback() || address.is_unspecified() {
        return Some(Reach::Loopback);
    }
    if special::is_metadata_v6(address) || address.is_unicast_link_local() || address.is_multicast()
    {
        return None;
    }
    match special::translated(address) {
        // Where a translator is in use, it is reached by everybody; the address behind it decides.
        Some((inner, true)) => reach_v4(inner),
        Some((inner, false)) => reach_v4(inner).map(|inner| inner.max(Reach::Private)),
        None if special::is_global_v6(address) => Some(Reach::Public),
        None => Some(Reach::Private),
    }
}

/// Refuses an address beyond `bound`.
pub(in crate::http) fn check(host: &str, address: IpAddr, bound: Reach) -> Result<(), Refused> {
    let why = match reach(address) {
        None => "link-local, metadata and multicast addresses never are",
        Some(reach) if reach > bound => {
            "who led there is not that close, or a grant has `*.` (`leadsTo` of the registry, or a grant \
             of the name, opens it)"
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
            ("64:ff9b::808:808", Some(Reach::Public)),
            // Reserved, or in another writing: never as public.
            ("192.0.0.8", Some(Reach::Private)),
            ("192.0.2.1", Some(Reach::Private)),
            ("192.88.99.1", Some(Reach::Private)),
            ("198.18.0.1", Some(Reach::Private)),
            ("198.51.100.1", Some(Reach::Private)),
            ("203.0.113.1", Some(Reach::Private)),
            ("240.0.0.1", Some(Reach::Private)),
            ("64:ff9b:1::a00:1", Some(Reach::Private)),
            ("64:ff9b:1::808:808", Some(Reach::Private)),
            ("2002:a00:1::1", Some(Reach::Private)),
            ("2002:7f00:1::1", Some(Reach::Loopback)),
            ("2001::f5ff:fffe", Some(Reach::Private)),
            ("2001:db8::1", Some(Reach::Private)),
            ("3fff::1", Some(Reach::Private)),
            ("100::1", Some(Reach::Private)),
            ("fec0::1", Some(Reach::Private)),
            ("::808:808", Some(Reach::Private)),
            ("4000::1", Some(Reach::Private)),
            ("192.0.0.9", Some(Reach::Public)),
            ("2001:4:112::1", Some(Reach::Public)),
            ("2001:30::1", Some(Reach::Public)),
            ("2001:1::3", Some(Reach::Public)),
            ("2001:1::4", Some(Reach::Private)),
            ("169.254.169.254", None),
            ("::ffff:169.254.169.254", None),
            ("64:ff9b::a9fe:a9fe", None),
            ("fe80::1", None),
            ("fd00:ec2::254", None),
            ("100.100.100.200", None),
            ("168.63.129.16", None),
            ("192.0.0.192", None),
            ("fd00:ec2::23", None),
            ("fd20:ce::254", None),
            ("fd00:c1::a9fe:a9fe", None),
            ("64:ff9b:1::a9fe:a9fe", None),
            ("2002:a9fe:a9fe::1", None),
            ("2001:0:808:808::5601:5601", None),
            ("::a9fe:a9fe", None),
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
