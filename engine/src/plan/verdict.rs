//! Verdicts of policies, as plans and reports keep them.

use crate::oci::Digest;
use crate::role::{Claim, Refusal};
use serde::{Deserialize, Serialize};

/// What a policy said about one manifest or index of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The step.
    pub step: String,
    /// What was judged.
    pub digest: Digest,
    /// Why it may not pass; none: it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// What was established.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Why not, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}
