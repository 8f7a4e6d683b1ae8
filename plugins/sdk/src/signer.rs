//! The role of a signer, in plain Rust. See `wit/signer.wit`.

use crate::{Evidence, Fault, Subject};

/// Something to attach to a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// How it is attached.
    pub form: Form,
    /// The media type of the bytes.
    pub media_type: String,
    /// At most 4 MiB.
    pub bytes: Vec<u8>,
    /// Annotations of the layer.
    pub annotations: Vec<(String, String)>,
}

/// How an artifact is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// As a layer of the image under the tag `sha256-<hex>.sig`.
    Attachment,
    /// As the layer of a manifest whose subject the image is.
    Referrer {
        /// The artifact type.
        artifact_type: Option<String>,
        /// Annotations of the manifest.
        annotations: Vec<(String, String)>,
    },
}

/// Whether a subject has what the signer would make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has.
    Yes,
    /// It has not.
    No,
    /// That depends on bytes that are not among the evidence yet.
    Fetch,
}

/// Makes what speaks for an image.
pub trait Signer: 'static {
    /// Forms of evidence that `present` looks at: `attachment`, `referrer`.
    fn needs(settings: &str) -> Result<Vec<String>, Fault>;

    /// Looks whether the subject is signed already.
    fn present(subject: &Subject, evidence: &[Evidence], settings: &str)
    -> Result<Presence, Fault>;

    /// Signs.
    fn sign(subject: &Subject, settings: &str) -> Result<Vec<Artifact>, Fault>;
}
