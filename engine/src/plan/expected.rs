//! What a destination shall have, as far as it is known before it is written.

use crate::oci::{Digest, Recipe};
use serde::{Deserialize, Serialize};

/// What a destination shall have, as far as it is known before it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// This digest: the source's own bytes, or an edit that was made in the survey.
    Exact(Digest),
    /// This digest came of the same image by the same chain of transforms: an earlier run remembers
    /// it, or the destination says so.
    Remembered(Digest),
    /// What this recipe makes: known only after it is done.
    After(Recipe),
}

impl Expected {
    /// The digest, where it is known.
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Exact(digest) | Self::Remembered(digest) => Some(digest),
            Self::After(_) => None,
        }
    }
}
