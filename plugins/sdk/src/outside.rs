//! The rest of the outside: log lines, the time, entropy.

use crate::{Fault, imports};

/// How much a log line matters.
///
/// ```
/// use engine_plugin_sdk::{Level, log};
///
/// log(Level::Warn, "the catalog names a file twice");
/// ```
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
///
/// ```
/// use engine_plugin_sdk::{Level, log, testing};
///
/// log(Level::Info, "42 images");
/// assert!(testing::with(|outside| outside.log[0].contains("42 images")));
/// ```
pub fn log(level: Level, line: &str) {
    imports::log(level, line);
}

/// Milliseconds since 1970-01-01 00:00:00 UTC.
///
/// ```
/// use engine_plugin_sdk::{now_millis, testing};
///
/// testing::with(|outside| outside.now_millis = 1_000);
/// assert_eq!(now_millis(), 1_000);
/// ```
pub fn now_millis() -> u64 {
    imports::now_millis()
}

/// Random bytes; `length` is at most 4096.
///
/// ```
/// use engine_plugin_sdk::random;
///
/// assert_eq!(random(16).len(), 16);
/// ```
pub fn random(length: u32) -> Vec<u8> {
    imports::random(length)
}

/// A file that the step was granted, at most 4 MiB, by the name that the grant gives it.
pub fn material(name: &str) -> Result<Vec<u8>, Fault> {
    imports::material(name)
}

/// Keeps a text about the place for later instances of this plugin, in this run. At most 16 keys of 1
/// to 64 bytes, with texts of at most 256 bytes; fails with `invalid` beyond that. For transports.
///
/// ```
/// use engine_plugin_sdk::{note, noted};
///
/// assert_eq!(noted("upload"), None);
/// note("upload", "patch")?;
/// assert_eq!(noted("upload").as_deref(), Some("patch"));
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub fn note(key: &str, text: &str) -> Result<(), Fault> {
    imports::note(key, text)
}

/// What an instance of this plugin noted about the place in this run.
pub fn noted(key: &str) -> Option<String> {
    imports::noted(key)
}
