//! Logging in: what a registry asks for, the tokens that it gives, and who asks for them first.

pub(super) mod authorization;
mod challenge;
pub(super) mod login;
mod scope;
pub(super) mod single_flight;
mod token;
mod token_request;
