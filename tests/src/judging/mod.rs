//! The built-in rules without a run around them, to see what a verdict costs.

#[expect(clippy::module_inception, reason = "files are named after their noun")]
mod judging;

pub use judging::Judging;
