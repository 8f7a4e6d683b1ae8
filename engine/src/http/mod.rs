//! Requests to registries and other granted hosts.
//!
//! The attack: a guest, or a registry, that wants to send the engine where nobody meant it to go
//! (other hosts, other repositories, the machine's own addresses), or to have a credential sent to
//! a stranger. So each request is checked here against what its call may do, which the host made from the
//! step; addresses are checked after they are resolved; and a registry's credentials go to the
//! registry and to its token server only, for the repositories of the step. A host that was granted
//! by its URL is asked without a login, unless its grant names the registry whose login it is.
//!
//! In go a request and what its call may do; out comes an answer, or a fault. A request passes `admission` (may
//! it be sent, and to whom?), `base_url` (where is that?), `auth` (with which login?) and `exchange`
//! (permits, timeouts, the line itself); `redirect` follows where the answer leads. TLS, proxies,
//! challenges, tokens, limits and timeouts are dealt with on the way. Nothing is asked of the process.

mod admission;
mod auth;
mod base_url;
mod client;
mod codes;
mod exchange;
mod fault;
mod limits;
mod net;
mod outgoing_request;
mod permission;
mod redirect;
mod referrals;
mod registry_host;
mod request;
mod response;
mod sent_body;

#[cfg(test)]
mod testing;

pub use client::Client;
pub use limits::Timeouts;
pub use request::Request;
pub use response::Response;
