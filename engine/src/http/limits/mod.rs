//! How many requests a host gets, how fast, and how long is waited for it.

pub(in crate::http) mod patience;
pub(in crate::http) mod permits;
pub(in crate::http) mod quota;
pub(in crate::http) mod retry_after;

pub use patience::Patience;
