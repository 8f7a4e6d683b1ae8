//! The role of a policy, in plain Rust. See `wit/policy.wit`.

use crate::{Claim, Evidence, Fault, Subject};

/// A verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was established.
    pub claims: Vec<Claim>,
    /// Why not; empty: it may pass.
    pub reasons: Vec<String>,
    /// Where it may not pass: whether what must speak for it is not there.
    pub missing: bool,
}

impl Decision {
    /// It may pass.
    pub fn allowed(claims: Vec<Claim>) -> Self {
        Self { claims, reasons: Vec::new(), missing: false }
    }

    /// A rule forbids it, or what speaks for it is wrong. Without a reason the engine takes the
    /// verdict for a fault, which means no as well.
    pub fn violation(reasons: Vec<String>) -> Self {
        Self { claims: Vec::new(), reasons, missing: false }
    }

    /// What must speak for it is not there.
    pub fn missing(reasons: Vec<String>) -> Self {
        Self { claims: Vec::new(), reasons, missing: true }
    }
}

/// Says whether an image may pass.
pub trait Policy: 'static {
    /// Forms of evidence to fetch: `attachment`, `referrer`, `signature`; none: decide at once.
    fn needs(subject: &Subject, settings: &str) -> Result<Vec<String>, Fault>;

    /// Decides. A fault means no.
    fn decide(subject: &Subject, evidence: &[Evidence], settings: &str) -> Result<Decision, Fault>;
}
