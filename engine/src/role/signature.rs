//! A signature beside a manifest, which is no manifest itself.

use bytes::Bytes;

/// A signature beside a manifest, in the way that a place keeps such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedSignature {
    /// `openpgp` or `sigstore`.
    pub form: String,
    /// The whole of it.
    pub bytes: Bytes,
}
