//! What requests are counted by.

use serde::{Deserialize, Serialize};

/// What kind of request was made, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// GET of a manifest: what registries count as a pull.
    ManifestGet,
    /// HEAD of a manifest.
    ManifestHead,
    /// GET of anything else.
    Get,
    /// HEAD of anything else.
    Head,
    /// POST, PUT, PATCH or DELETE.
    Write,
    /// For a token.
    Token,
}
