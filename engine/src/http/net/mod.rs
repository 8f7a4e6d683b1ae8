//! Reaching a host: its addresses, connections, proxies, certificates, and where it leads.

pub(in crate::http) mod address;
pub(in crate::http) mod connections;
pub(in crate::http) mod proxy;
pub(in crate::http) mod redirect;
pub(in crate::http) mod tls;
