//! Reaching a host: its addresses, connections, proxies and certificates.

pub(super) mod address;
pub(super) mod connections;
pub(super) mod network;
pub(super) mod origin;
mod own_certificate;
pub(super) mod peer;
pub(super) mod proxy;
mod special;
pub(super) mod tls;
