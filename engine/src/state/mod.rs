//! What runs remember: one `SQLite` file for each pipeline, held by one run at a time.
//!
//! In: what was copied, edited and found. Out: hints for later runs. It never decides anything:
//! a lost or wrong row costs requests, not correctness. No secret gets into it.

mod codes;
mod error;
mod file;
mod forgetful;
mod held;
mod rows;
mod writer;

#[cfg(test)]
mod state_tests;

pub use file::open;
pub use forgetful::{Forgetful, none};
pub use held::State;
