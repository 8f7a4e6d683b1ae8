//! What is known of a blob before its bytes move.

use crate::oci::{Descriptor, Digest};

/// What is known of a blob before its bytes move. Without a digest nothing is mounted, asked for or
/// gone on with in the middle: nobody could say of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedBlob {
    /// Its media type.
    pub media_type: String,
    /// Its digest; `None` where the bytes are made on their way.
    pub digest: Option<Digest>,
    /// Its bytes, where known.
    pub size: Option<u64>,
}

impl From<Descriptor> for ExpectedBlob {
    /// Of a descriptor whose size is 0 the size is unknown (Docker's schema 1).
    fn from(blob: Descriptor) -> Self {
        let size = Some(blob.size).filter(|size| *size > 0);
        Self { media_type: blob.media_type, digest: Some(blob.digest), size }
    }
}
