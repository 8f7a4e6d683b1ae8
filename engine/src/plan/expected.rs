//! What a destination shall have, as far as it is known before it is written.

use crate::oci::{Digest, Recipe};
use serde::{Deserialize, Serialize};

/// What a destination shall have, as far as it is known before it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// This digest: the source's own bytes, or an edit that was made in the survey.
    Exact(Digest),
    /// An earlier run made this digest from the same source by the same transforms: the ledger, or the
    /// annotations at the destination, have it.
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
