//! A signer: makes what speaks for an image.

use super::{Evidence, Subject};
use crate::diagnostic::Fault;
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::BTreeMap;

/// Something to attach to a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// How it is attached.
    pub form: ArtifactForm,
    /// The media type of the bytes.
    pub media_type: String,
    /// The bytes.
    pub bytes: Bytes,
    /// Annotations of the layer.
    pub annotations: BTreeMap<String, String>,
}

/// How an artifact is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArtifactForm {
    /// As a layer of the image under the tag `sha256-<hex>.sig`.
    Attachment,
    /// As the layer of a manifest whose subject the image is.
    Referrer {
        /// The artifact type.
        artifact_type: Option<String>,
        /// Annotations of the manifest.
        annotations: BTreeMap<String, String>,
    },
}

/// Whether a subject has what a signer would make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has.
    Yes,
    /// It has not.
    No,
    /// That depends on bytes that are not among the evidence yet.
    Fetch,
}

/// A component in the role of a signer, with the grants and settings of one step.
#[async_trait]
pub trait Signer: Send + Sync {
    /// Forms of evidence that [`Signer::present`] looks at.
    async fn needs(&self) -> Result<Vec<String>, Fault>;
    /// Looks whether the subject is signed already.
    async fn present(&self, subject: &Subject, evidence: &[Evidence]) -> Result<Presence, Fault>;
    /// Signs.
    async fn sign(&self, subject: &Subject) -> Result<Vec<Artifact>, Fault>;
}
