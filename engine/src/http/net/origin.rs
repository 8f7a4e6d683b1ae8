//! Scheme, host and port of a URL. Source: RFC 6454.

use url::Url;

/// `scheme://host:port`.
pub(in crate::http) fn origin(url: &Url) -> String {
    format!("{}://{}", url.scheme(), host_port(url))
}

/// The host with its port, for people and for counting.
pub(in crate::http) fn host_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Whether two URLs are at one host. The default ports of the two schemes count as one.
pub(in crate::http) fn same_host(one: &Url, other: &Url) -> bool {
    one.host() == other.host() && one.port() == other.port()
}
