//! The role of a transform, in plain Rust. See `wit/transform.wit`.

use crate::Fault;
use engine_oci::{Descriptor, Digest};

/// A manifest or index, after the steps before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub descriptor: Descriptor,
    /// Its exact bytes.
    pub bytes: Vec<u8>,
    /// The config's bytes, where it is an image and `needs` says `config`.
    pub config: Option<Vec<u8>>,
    /// Of an index: its children that have changed, by their old digests.
    pub changed: Vec<(Digest, Descriptor)>,
    /// `reference`: the image's name at its source.
    pub extra: Vec<(String, String)>,
}

/// What becomes of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The new bytes.
    pub bytes: Vec<u8>,
    /// The config's new bytes.
    pub config: Option<Vec<u8>>,
}

/// Changes manifests and configs.
pub trait Transform: 'static {
    /// What documents shall have beside their bytes: `config`.
    fn needs(settings: &str) -> Result<Vec<String>, Fault>;

    /// Changes a document; none: it stays as it is.
    fn rewrite(document: &Document, settings: &str) -> Result<Option<Edit>, Fault>;
}
