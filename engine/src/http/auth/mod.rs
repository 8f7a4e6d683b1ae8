//! Logging in: what a registry asks for, the tokens that it gives, and who asks for them first.

pub(super) mod authorization;
mod challenge;
mod current_login;
pub(super) mod login;
pub(super) mod redirected;
mod refusal;
mod scope;
pub(super) mod single_flight;
mod token;
mod token_request;
