//! The ledger: what earlier runs did, as a hint. Nothing is skipped or named at a destination on
//! its word alone.

use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};

/// What an earlier run left at a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The destination reference, in full.
    pub destination: String,
    /// What its tag pointed to after the run.
    pub digest: Digest,
    /// The source reference, in full.
    pub source: String,
    /// What the source's tag pointed to.
    pub source_digest: Digest,
    /// The digest of the chain of transforms and their settings; empty without transforms.
    pub chain: String,
}

/// The result of an edit, remembered so that an unchanged source need not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// What was edited.
    pub source: Digest,
    /// The digest of the chain of transforms and their settings.
    pub chain: String,
    /// What came out.
    pub result: Descriptor,
}

/// Keeps what runs did. Reads are from memory or a local file and do not block for long.
pub trait Ledger: Send + Sync {
    /// What an earlier run left at `destination`.
    fn mirrored(&self, destination: &str) -> Option<Mirrored>;
    /// What came out of an edit.
    fn edited(&self, source: &Digest, chain: &str) -> Option<Descriptor>;
    /// Repositories of `place` that are known to have a blob, most recent first, at most four.
    fn locations(&self, place: &str, blob: &Digest) -> Vec<String>;
    /// Remembers what was left at a destination.
    fn record_mirrored(&self, entry: &Mirrored) -> Result<(), Fault>;
    /// Remembers an edit.
    fn record_edited(&self, entry: &Edited) -> Result<(), Fault>;
    /// Remembers where a blob is.
    fn record_location(&self, place: &str, repository: &str, blob: &Digest) -> Result<(), Fault>;
    /// Forgets where a blob is: the place said that it is not.
    fn forget_location(&self, place: &str, repository: &str, blob: &Digest) -> Result<(), Fault>;
    /// Writes what is still in memory, and lets go of the state: another run may have it. What a
    /// task that was stopped still records is kept, if it comes in time.
    fn close(&self) -> Result<(), Fault>;
}
