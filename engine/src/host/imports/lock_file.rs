//! Files that stand for locks: opened without waiting, and tried without waiting.

use super::directory::at_once;
use cap_std::fs::{Dir, OpenOptions};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::io;

/// Opens the file of a lock, which is made if it is not there.
pub(super) fn open(dir: &Dir, path: &str) -> io::Result<File> {
    let options = at_once(OpenOptions::new().write(true).create(true));
    dir.open_with(path, &options).map(cap_std::fs::File::into_std)
}

/// Takes the lock, unless somebody else has it. Says whether it was taken.
pub(super) fn try_hold(file: &File, exclusive: bool) -> io::Result<bool> {
    let operation = if exclusive {
        FlockOperation::NonBlockingLockExclusive
    } else {
        FlockOperation::NonBlockingLockShared
    };
    match flock(file, operation) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}
