//! The role of a filter, in plain Rust. See `wit/filter.wit`.

use crate::Fault;
use engine_oci::Descriptor;

/// An image that may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its place and repository, as the source names them.
    pub repository: String,
    /// Its tag.
    pub tag: Option<String>,
    /// What it is, where `needs` says `digest`.
    pub descriptor: Option<Descriptor>,
    /// What `needs` asked for: `platform`, `label` (`key=value`), `created`.
    pub facts: Vec<(String, String)>,
}

/// What becomes of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It passes.
    Keep,
    /// It does not, for this reason.
    Drop(String),
}

/// Says which images pass.
pub trait Filter: 'static {
    /// What to find out about each candidate: `digest`, `platforms`, `labels`, `created`; each costs
    /// requests.
    fn needs(settings: &str) -> Result<Vec<String>, Fault>;

    /// One choice for each candidate of a repository, in their order.
    fn select(candidates: &[Candidate], settings: &str) -> Result<Vec<Choice>, Fault>;
}
