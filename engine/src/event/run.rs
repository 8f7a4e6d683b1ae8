//! What a run has to do.

use serde::{Deserialize, Serialize};

/// How many items of a plan have which action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Tags to be made.
    pub copy: u64,
    /// Tags to be moved.
    #[serde(rename = "move")]
    pub moved: u64,
    /// Unchanged, and to be signed.
    #[serde(default)]
    pub sign: u64,
    /// Nothing to do.
    pub unchanged: u64,
    /// Conflicts at the destination.
    pub conflict: u64,
    /// Refused by a policy.
    #[serde(default)]
    pub rejected: u64,
    /// Images that failed to be planned.
    pub failed: u64,
}
