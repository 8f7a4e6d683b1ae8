//! The built-in rules without a run around them, to see what a verdict costs.

mod judging;

pub use judging::Judging;
