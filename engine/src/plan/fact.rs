//! Facts: what the survey saw. Only the survey makes them, only `make` takes them apart.

use super::{Copying, Expected, Listing, Sign, Skip, Verdict};
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest, Reference};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What was seen at the sources and the destinations.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub(crate) sightings: Vec<Sighting>,
    pub(crate) skips: Vec<Skip>,
    pub(crate) faults: Vec<(String, Fault)>,
    pub(crate) empty: BTreeSet<Reference>,
    pub(crate) listings: Vec<Listing>,
}

/// One image at one sink, as it was seen. What many sightings have in common is shared: there may
/// be tens of thousands.
#[derive(Debug, Clone)]
pub(crate) struct Sighting {
    /// The sink, by its place in the graph.
    pub sink: usize,
    /// The source image.
    pub source: Arc<Reference>,
    /// What the source's name points to; `None` when that could not be found out.
    pub pinned: Option<Descriptor>,
    /// The steps that the image passed, source first, sink last.
    pub trace: Arc<[String]>,
    /// The digest of the chain of transforms; empty without transforms.
    pub chain: String,
    /// Where it goes.
    pub destination: Reference,
    /// Whether it goes there by its digest alone.
    pub by_digest: bool,
    /// Whether the tag may come to point elsewhere.
    pub mutable: bool,
    /// The signatures that it shall have there.
    pub signs: Vec<Sign>,
    /// The steps whose signatures are missing there.
    pub unsigned: Vec<String>,
    /// What policies said; where it is refused, the last one refuses it.
    pub verdicts: Vec<Verdict>,
    /// What the ledger remembers of its way: the chain and the signatures.
    pub done_by: String,
    /// Whether an earlier run left signatures or referrers of it behind that could not be read.
    pub incomplete: bool,
    /// What stands there.
    pub standing: Standing,
    /// The blobs of what would be written, where its manifests were read anyway.
    pub sizes: Option<Sizes>,
}

/// Blobs with their bytes, each once.
pub(crate) type Sizes = Vec<(Digest, u64)>;

/// What stands at a destination.
#[derive(Debug, Clone)]
pub(crate) enum Standing {
    /// An earlier run put this digest there, the tag never moves, and both tag lists have it.
    Known(Digest),
    /// It was looked at.
    Seen {
        /// What the destination shall have.
        wanted: Expected,
        /// What it has.
        has: Option<Digest>,
        /// Whether it is certain that what it has is something else, where what it shall have is
        /// known only after it is written.
        differs: bool,
        /// What would be written; `None` where the destination has what is wanted.
        copying: Option<Box<Copying>>,
    },
    /// A policy refuses it.
    Refused(Option<Fault>),
    /// The source or the destination could not be looked at, or an edit failed.
    Unknown(Fault),
}

impl Facts {
    /// How many images were seen, counted once per sink.
    pub fn len(&self) -> usize {
        self.sightings.len()
    }

    /// Repositories at destinations that have no tag at all: no blob needs to be asked for there.
    pub fn empty_repositories(&self) -> &BTreeSet<Reference> {
        &self.empty
    }

    /// The images that were looked at, with what their names point to; once for each sink.
    pub fn pinned(&self) -> impl Iterator<Item = (&Reference, &Digest)> {
        let looked =
            self.sightings.iter().filter(|seen| !matches!(seen.standing, Standing::Known(_)));
        looked.filter_map(|seen| Some((seen.source.as_ref(), &seen.pinned.as_ref()?.digest)))
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
    }
}
