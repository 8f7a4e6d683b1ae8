//! What a component may import: each interface of `wit/`, with the check of what was granted.

mod blocking;
mod body;
pub(in crate::host) mod directory;
mod fs;
pub(in crate::host) mod handle;
mod http;
mod image;
mod keys;
mod lock_file;
mod log_clock_random;
pub(in crate::host) mod only_file;
mod remove;
