//! The engine as a library: a whole run in this process, with bounds of its own.

#[expect(clippy::module_inception, reason = "files are named after their noun")]
mod walk;

pub use walk::Walk;
