//! Logging in: what a registry asks for, the tokens that it gives, and who asks for them first.

pub(in crate::http) mod authorization;
pub(in crate::http) mod challenge;
pub(in crate::http) mod login;
pub(in crate::http) mod single_flight;
pub(in crate::http) mod token;
