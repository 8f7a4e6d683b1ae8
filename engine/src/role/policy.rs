//! A policy: says whether an image may pass.

use super::{Claim, Evidence, Exhibit, Subject};
use crate::diagnostic::Fault;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Why a policy does not let an image pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// What must speak for it is not there.
    Missing,
    /// A rule forbids it, or what speaks for it is wrong.
    Violation,
    /// It could not be judged: a fault, a trap, a timeout.
    Error,
}

/// A verdict on one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Why it may not pass; `None`: it may.
    pub refusal: Option<Refusal>,
    /// What was established.
    pub claims: Vec<Claim>,
    /// Why not, in words for people.
    pub reasons: Vec<String>,
}

/// A component in the role of a policy, with the grants and settings of one step.
#[async_trait]
pub trait Policy: Send + Sync {
    /// Forms of evidence that it wants to see for a subject.
    async fn needs(&self, subject: &Subject) -> Result<Vec<String>, Fault>;
    /// Decides. A fault means no.
    async fn decide(
        &self,
        subject: &Subject,
        evidence: &[Evidence],
        exhibit: Arc<dyn Exhibit>,
    ) -> Result<Decision, Fault>;
}
