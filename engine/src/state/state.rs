//! The state of a pipeline, while a run holds it.

use super::rows::{self, Change};
use super::writer::Writer;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use crate::role::{Clock, Edited, Ledger, Mirrored, Remembered, SystemClock};
use rusqlite::Connection;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The state of a pipeline, held by this run. Dropping it writes what is left and lets it go.
pub struct State {
    // In the order of dropping: all is written and closed before the lock ends.
    writer: Writer,
    reading: Mutex<Connection>,
    lock: Mutex<Option<Lock>>,
}

/// The lock file, held. A program that is being started has our files open for a moment, and would
/// hold the lock as long: so it is let go in words, not by closing the file.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // What cannot be let go goes with the file.
        drop(self.0.unlock());
    }
}

impl State {
    pub(super) fn new(path: &Path, reading: Connection, lock: File) -> Result<Self, Fault> {
        let writer = Writer::start(path)?;
        Ok(Self { writer, reading: Mutex::new(reading), lock: Mutex::new(Some(Lock(lock))) })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> T) -> T {
        read(&self.reading.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ledger for State {
    fn mirrored(&self, destination: &str) -> Option<Mirrored> {
        self.read(|connection| rows::mirrored(connection, destination))
    }

    fn edited(&self, kind: Remembered, source: &Digest, chain: &str) -> Option<Descriptor> {
        self.read(|connection| rows::edited(connection, kind, source, chain))
    }

    fn locations(&self, place: &str, blob: &Digest) -> Vec<String> {
        self.read(|connection| rows::locations(connection, place, blob))
    }

    fn record_mirrored(&self, entry: &Mirrored) -> Result<(), Fault> {
        self.writer.write(Change::Mirrored(entry.clone()))
    }

    fn record_edited(&self, entry: &Edited) -> Result<(), Fault> {
        self.writer.write(Change::Edited(entry.clone()))
    }

    fn record_location(&self, place: &str, repository: &str, blob: &Digest) -> Result<(), Fault> {
        let change = Change::Located(place.to_owned(), repository.to_owned(), blob.clone());
        self.writer.write(change)
    }

    fn forget_location(&self, place: &str, repository: &str, blob: &Digest) -> Result<(), Fault> {
        let change = Change::Forgotten(place.to_owned(), repository.to_owned(), blob.clone());
        self.writer.write(change)
    }

    fn record_seen(&self, source: &str, digest: &Digest) -> Result<(), Fault> {
        let at = SystemClock.since_epoch();
        self.writer.write(Change::Seen(source.to_owned(), digest.clone(), at))
    }

    fn first_seen(&self, source: &str, digest: &Digest) -> Option<Duration> {
        self.read(|connection| rows::first_seen(connection, source, digest))
    }

    fn record_made(&self, destination: &str, digest: &Digest) -> Result<(), Fault> {
        let at = SystemClock.since_epoch();
        self.writer.write(Change::Made(destination.to_owned(), digest.clone(), at))
    }

    fn made(&self, destination: &str) -> Option<Digest> {
        self.read(|connection| rows::made(connection, destination))
    }

    fn close(&self) -> Result<(), Fault> {
        let flushed = self.writer.flush();
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        flushed
    }
}
