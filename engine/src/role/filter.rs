//! A filter: says which images pass.

use crate::diagnostic::Fault;
use crate::oci::Descriptor;
use async_trait::async_trait;

/// An image that may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its place and repository.
    pub repository: String,
    /// Its tag.
    pub tag: Option<String>,
    /// What it is, where that was asked for.
    pub descriptor: Option<Descriptor>,
    /// What else was asked for: `platform`, `label`, `created`.
    pub facts: Vec<(String, String)>,
}

/// A component in the role of a filter, with the grants and settings of one step.
#[async_trait]
pub trait Filter: Send + Sync {
    /// What it wants to know of each candidate.
    async fn needs(&self) -> Result<Vec<String>, Fault>;
    /// Chooses among candidates of one repository, at most [`MAX_CANDIDATES`]. For each, in their
    /// order: `None` where it passes, else why not.
    async fn select(&self, candidates: &[Candidate]) -> Result<Vec<Option<String>>, Fault>;
}

/// Candidates of one call. Source: `wit/filter.wit`, `select`.
pub const MAX_CANDIDATES: usize = 10_000;
