//! The ledger: what earlier runs did.
//!
//! Most of it is a hint: nothing is skipped or named at a destination on its word alone, and what is
//! lost costs requests. Two things are no hints, as nobody else knows them: when a source was first
//! seen to have some content, and what this pipeline put at a destination.

use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use std::time::Duration;

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
    /// Whether signatures or referrers of it may have been left behind, as they could not be read: they
    /// are looked for again in the next run.
    pub incomplete: bool,
}

/// What a remembered result came of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remembered {
    /// Transforms made it.
    Edit,
    /// A filter let it through.
    Choice,
    /// It is signed at a destination.
    Signature,
    /// A layer was compressed anew.
    Recompressed,
    /// A layer unpacks to it.
    Unpacked,
}

impl Remembered {
    /// The word in the state.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Choice => "choice",
            Self::Signature => "signature",
            Self::Recompressed => "recompressed",
            Self::Unpacked => "unpacked",
        }
    }
}

/// The result of an edit, remembered so that an unchanged source need not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// What it came of.
    pub kind: Remembered,
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
    /// What came out of an edit, or of what else is remembered in its way.
    fn edited(&self, kind: Remembered, source: &Digest, chain: &str) -> Option<Descriptor>;
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
    /// Keeps when a source was first seen to have a digest under a name; later times change nothing.
    fn record_seen(&self, source: &str, digest: &Digest) -> Result<(), Fault>;
    /// When a source was first seen to have a digest under a name, since 1970.
    fn first_seen(&self, source: &str, digest: &Digest) -> Option<Duration>;
    /// Keeps that this pipeline put a digest under a name of a destination.
    fn record_made(&self, destination: &str, digest: &Digest) -> Result<(), Fault>;
    /// What this pipeline last put under a name of a destination.
    fn made(&self, destination: &str) -> Option<Digest>;
    /// Writes what is still in memory, and lets go of the state: another run may have it. What a
    /// task that was stopped still records is kept, if it comes in time.
    fn close(&self) -> Result<(), Fault>;
}
