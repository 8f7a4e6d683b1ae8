//! The files that the container tools share: logins (auth.json, Docker's config.json, credential
//! helpers) and certificates (certs.d).
//!
//! In go the surroundings of the run and a registry's name; out come a credential, or paths of
//! certificates. Nothing is asked of the process, nothing is written, and no secret is kept here,
//! put into an argument list or into a message.

mod auth_file;
mod certificates;
mod codes;
mod credential;
mod login;
mod names;
mod program;
mod secret_source;

pub use certificates::Certificates;
pub use credential::Credential;
pub use login::{Login, find_login};
pub use secret_source::read as read_secret;
