//! The one place that asks the process for its environment and its arguments.

use crate::role::Surroundings;
use std::env;
use std::ffi::OsString;
use std::io::{IsTerminal, stderr, stdin};
use std::path::PathBuf;

/// Reads the environment of this process. Variables that are not UTF-8 are left out.
pub fn surroundings() -> Surroundings {
    let variables = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    Surroundings {
        variables,
        home,
        directory: env::current_dir().unwrap_or_default(),
        terminal: stderr().is_terminal(),
    }
}

/// The arguments of this process, the program's name first.
pub(super) fn arguments() -> impl Iterator<Item = OsString> {
    env::args_os()
}

/// Whether somebody would have to type what standard input holds.
pub(super) fn stdin_is_a_terminal() -> bool {
    stdin().is_terminal()
}
