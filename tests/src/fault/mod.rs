//! Bad days, on purpose: a proxy before any server that breaks the n-th request like this one,
//! and a line that is only slow.

mod connection;
mod exchange;
mod fault_kind;
mod head;
mod line;
mod outlet;
mod proxy;
mod rule;
mod rules;
mod wire;

pub use exchange::Exchange;
pub use fault_kind::Fault;
pub use line::Line;
pub use proxy::Proxy;
pub use rule::Rule;
