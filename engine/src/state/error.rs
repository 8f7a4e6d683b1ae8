//! What can go wrong with the state file.

use crate::diagnostic::{Fault, Origin};
use crate::state::codes;
use std::path::PathBuf;

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum StateFault {
    /// Another run has it.
    #[error("another run holds the state file `{}`", .0.display())]
    Held(PathBuf),
    /// It cannot be opened or made.
    #[error("the state file `{}` cannot be opened: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// It is no `SQLite` file, or a broken one.
    #[error("the state file `{}` is damaged", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where it was put.
        kept: PathBuf,
    },
    /// A newer engine wrote it.
    #[error("the state file `{}` is of a newer engine (version {version})", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: i64,
    },
    /// It cannot be written.
    #[error("the state cannot be written: {0}")]
    Unwritable(String),
}

impl From<StateFault> for Fault {
    fn from(fault: StateFault) -> Self {
        let message = fault.to_string();
        let local = |code| Self::new(code, Origin::Local, message);
        match fault {
            StateFault::Held(_) => local(codes::HELD).help(
                "wait for the other run to end, or give this one a file of its own with \
                 `run.state`",
            ),
            StateFault::Unreadable { .. } => local(codes::UNREADABLE)
                .help("check the path and its permissions, or set `run.state` to another path"),
            StateFault::Corrupt { kept, .. } => local(codes::CORRUPT).help(format!(
                "it was moved to `{}`; run again to begin with an empty state, which costs \
                 requests and nothing else",
                kept.display()
            )),
            StateFault::Newer { .. } => {
                local(codes::NEWER).help("use the newer engine, or set `run.state` to another path")
            }
            StateFault::Unwritable(_) => local(codes::UNWRITABLE)
                .help("check the free space; the next run asks the registries instead"),
        }
    }
}
