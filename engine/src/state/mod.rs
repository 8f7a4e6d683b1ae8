//! What runs remember: one `SQLite` file for each pipeline, held by one run at a time.
//!
//! In: what was copied, edited and found. Out: hints for later runs, of which a lost or wrong one
//! costs requests, not correctness; and two tables that are no hints: when a source was first seen to
//! have some content, and what this pipeline put where. It never decides anything. No secret gets
//! into it.

mod codes;
mod error;
mod file;
mod forgetful;
mod rows;
mod schema;
#[expect(clippy::module_inception, reason = "files are named after their noun")]
mod state;
mod writer;

#[cfg(test)]
mod state_tests;

pub use file::open;
pub use forgetful::{Forgetful, none};
pub use state::State;
