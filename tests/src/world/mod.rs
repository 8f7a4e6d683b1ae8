//! A world for one run of the program: a home of its own, a clean environment, a time limit.

mod hermetic;
mod outcome;
mod process;

pub use hermetic::World;
pub use outcome::Outcome;
pub use process::Process;
