//! The command line: arguments, printing, progress, signals.
//!
//! In goes what the process was given (arguments, environment, signals); out come text on standard
//! output (data only), text on standard error (logs and progress) and an exit code. It reads the
//! environment once, into [`Surroundings`](crate::role::Surroundings), and nobody else does. It
//! never decides what a run does: each command is a call into `run` and some words around it.

mod amounts;
mod arguments;
mod asking;
mod clean;
mod commands;
mod exit;
mod log;
mod output;
mod panics;
mod readers;
mod refusal;
mod seams;
mod speaker;
mod spec_arguments;
mod start;
mod surroundings;
mod voice;
mod walking;
mod whole_file;

pub use start::main;
pub use surroundings::surroundings;
