//! The command line: arguments, printing, progress, signals.
//!
//! In goes what the process was given (arguments, environment, signals); out come text on standard
//! output (data only), text on standard error (logs and progress) and an exit code. It reads the
//! environment once, into [`Surroundings`](crate::role::Surroundings), and nobody else does. It
//! never decides what a run does: each command is a call into `run` and some words around it.

mod amounts;
mod arguments;
mod calls_below;
mod commands;
mod exit;
mod log;
mod long_command;
mod output;
mod output_style;
mod panics;
mod passphrase_prompt;
mod printable;
mod readers;
mod refusal;
mod spec_arguments;
mod standard_error;
mod start;
mod surroundings;
mod whole_file;

pub use start::main;
pub use surroundings::surroundings;
