//! The rest of the outside: log lines, the time, entropy.

use crate::{Fault, imports};

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something is odd.
    Warn,
    /// Something that users may want to know.
    Info,
    /// Something for the plugin's author.
    Debug,
}

/// Writes a line to the log, under the name of the step.
pub fn log(level: Level, line: &str) {
    imports::log(level, line);
}

/// Milliseconds since 1970-01-01 00:00:00 UTC.
pub fn now_millis() -> u64 {
    imports::now_millis()
}

/// Random bytes; `length` is at most 4096.
pub fn random(length: u32) -> Vec<u8> {
    imports::random(length)
}

/// A file that the step was granted, at most 4 MiB, by the name that the grant gives it.
pub fn material(name: &str) -> Result<Vec<u8>, Fault> {
    imports::material(name)
}
