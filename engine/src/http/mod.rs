//! Requests to registries and other granted hosts.
//!
//! The attack: a guest, or a registry, that wants to send the engine where nobody meant it to go
//! (other hosts, other repositories, the machine's own addresses), or to have a credential sent to
//! a stranger. So each request is checked here against its errand, which the host made from the
//! step; addresses are checked after they are resolved; and a registry's credentials go to the
//! registry and to its token server only.
//!
//! In go a request and an errand; out comes an answer, or a fault. TLS, proxies, challenges,
//! tokens, limits and patience are dealt with on the way. Nothing is asked of the process.

mod address;
mod authorization;
mod challenge;
mod client;
mod connections;
mod fault;
mod gate;
mod patience;
mod permission;
mod place;
mod proxy;
mod quota;
mod redirect;
mod request;
mod response;
mod retry_after;
mod signing;
mod tls;
mod token;
mod turn;
mod wire;

#[cfg(test)]
mod script;
#[cfg(test)]
mod world;

pub use client::Client;
pub use patience::Patience;
pub use request::Request;
pub use response::Response;
