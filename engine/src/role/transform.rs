//! A transform: changes manifests and configs.

use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use async_trait::async_trait;
use bytes::Bytes;

/// A manifest or index, after the steps before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub descriptor: Descriptor,
    /// Its bytes.
    pub bytes: Bytes,
    /// The config's bytes, where they were asked for and it is an image.
    pub config: Option<Bytes>,
    /// Of an index: its children that have changed.
    pub changed: Vec<(Digest, Descriptor)>,
    /// The image's name at its source.
    pub reference: String,
}

/// What becomes of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The new bytes.
    pub bytes: Bytes,
    /// The config's new bytes.
    pub config: Option<Bytes>,
}

/// A component in the role of a transform, with the grants and settings of one step.
#[async_trait]
pub trait Transform: Send + Sync {
    /// What documents shall have beside their bytes.
    async fn needs(&self) -> Result<Vec<String>, Fault>;
    /// Changes a document; `None`: it stays as it is.
    async fn rewrite(&self, document: &Document) -> Result<Option<Rewritten>, Fault>;
}
