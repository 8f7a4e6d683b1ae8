//! The files that the container tools share: logins (auth.json, Docker's config.json, credential
//! helpers), certificates (certs.d) and the trust policy (policy.json).
//!
//! In go the surroundings of the run and a registry's name; out come a credential, paths of
//! certificates, or what is asked of an image. Nothing is asked of the process, nothing is written, and no secret is kept here,
//! put into an argument list or into a message.

mod auth_file;
mod certificates;
mod codes;
mod credential;
mod login;
mod names;
mod policy_document;
mod policy_file;
mod program;
mod requirement_shape;
mod secret_source;

pub use certificates::Certificates;
pub use credential::Credential;
pub use login::{Login, find_login};
pub use policy_file::{PolicyFile, PolicyRefused, find_policy};
pub use secret_source::read as read_secret;
