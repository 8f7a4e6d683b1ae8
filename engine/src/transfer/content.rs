//! What a blob is known by before it is written.

use crate::oci::{Digest, Recompression};

/// A blob by its digest or, as long as nobody knows that, by what it is made of and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Content {
    /// What is read at the source.
    pub(super) read: Digest,
    /// What is done to it on the way; `None`: it is written as it is read.
    pub(super) recompression: Option<Recompression>,
}

impl Content {
    /// A blob that is written as it is read.
    pub(super) fn of(digest: &Digest) -> Self {
        Self { read: digest.clone(), recompression: None }
    }

    /// A blob that is made of another one.
    pub(super) fn made(read: &Digest, recompression: Recompression) -> Self {
        Self { read: read.clone(), recompression: Some(recompression) }
    }
}
