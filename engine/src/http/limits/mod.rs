//! How many requests a host gets, how fast, and how long is waited for it.

pub(super) mod permits;
pub(super) mod quota;
pub(super) mod retry_after;
pub(super) mod timeouts;

pub use timeouts::Timeouts;
