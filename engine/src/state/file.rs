//! Opens the state file: its folder, its lock, its permissions, its version.

use super::error::StateFault;
use super::schema;
use super::state::State;
use crate::diagnostic::Fault;
use rusqlite::{Connection, ErrorCode};
use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a statement waits for somebody else's, such as a backup's.
const BUSY: Duration = Duration::from_secs(5);

/// Opens the state file, makes it if it is not there, and holds it until the value is dropped.
/// Only the owner may read it.
///
/// # Errors
///
/// `state::held` when another run has it; `state::corrupt` when it is no state file, which is then
/// moved aside; `state::newer` when a newer engine wrote it; `state::unreadable` else.
pub fn open(path: &Path) -> Result<State, Fault> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|cause| unreadable(path, &cause))?;
    }
    let lock = lock(path)?;
    own(path).map_err(|cause| unreadable(path, &cause))?;
    match connect(path) {
        Ok(reading) => Ok(State::new(path, reading, lock)?),
        Err(Opening::Newer(version)) => {
            Err(StateFault::Newer { path: path.to_owned(), version }.into())
        }
        Err(Opening::Sqlite(cause)) if is_corrupt(&cause) => Err(move_aside(path)),
        Err(Opening::Sqlite(cause)) => Err(unreadable(path, &cause)),
    }
}

enum Opening {
    Sqlite(rusqlite::Error),
    Newer(i64),
}

impl From<rusqlite::Error> for Opening {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Sqlite(cause)
    }
}

/// A connection to a file with the tables of today. Nothing is written where they are there: a run that
/// has nothing to do does not wait for the disk.
fn connect(path: &Path) -> Result<Connection, Opening> {
    let connection = connection(path)?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > schema::VERSION {
        return Err(Opening::Newer(version));
    }
    if version < schema::VERSION {
        connection.execute_batch("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE")?;
        connection.execute_batch(schema::SCHEMA)?;
        if version == 1 {
            connection.execute_batch(schema::FROM_1)?;
        }
        if version == 1 || version == 2 {
            connection.execute_batch(schema::FROM_2)?;
        }
        connection.execute_batch("COMMIT")?;
    }
    Ok(connection)
}

/// One more connection to a state file that was opened.
pub(super) fn connection(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // A lost tail of a crash is lost hints; a sync for each commit would cost more than they do.
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    Ok(connection)
}

fn is_corrupt(cause: &rusqlite::Error) -> bool {
    let code = cause.sqlite_error_code();
    matches!(code, Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Locks a file beside the state, as `SQLite` itself locks the state's own bytes.
fn lock(path: &Path) -> Result<File, Fault> {
    let file = private(&beside(path, ".lock")).map_err(|cause| unreadable(path, &cause))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StateFault::Held(path.to_owned()).into()),
        Err(TryLockError::Error(cause)) => Err(unreadable(path, &cause)),
    }
}

/// Makes the file, if need be, so that only its owner can read it; `SQLite` gives the same
/// permissions to the files that it puts beside it.
fn own(path: &Path) -> std::io::Result<()> {
    let file = private(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

/// Moves a damaged file aside, so that it can be looked at and the next run begins anew.
fn move_aside(path: &Path) -> Fault {
    let kept = beside(path, ".damaged");
    match std::fs::rename(path, &kept) {
        Ok(()) => {
            for end in ["-wal", "-shm"] {
                // What is not there need not be removed; what cannot be is reported next time.
                drop(std::fs::remove_file(beside(path, end)));
            }
            StateFault::Corrupt { path: path.to_owned(), kept }.into()
        }
        Err(cause) => unreadable(path, &cause),
    }
}

fn unreadable(path: &Path, cause: &dyn std::fmt::Display) -> Fault {
    StateFault::Unreadable { path: path.to_owned(), cause: cause.to_string() }.into()
}
