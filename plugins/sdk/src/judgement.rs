//! What is judged or signed, and what speaks for it. See `wit/judgement.wit`.

use engine_oci::{Descriptor, Digest};

/// One manifest or index, whose bytes the engine hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What it is.
    pub descriptor: Descriptor,
    /// Its exact bytes.
    pub bytes: Vec<u8>,
    /// Its expanded name; none where a place has no names.
    pub reference: Option<String>,
    /// The transport word.
    pub transport: String,
    /// The scopes of policy.json, narrowest first.
    pub scopes: Vec<String>,
    /// The index that names it, where it is judged or signed as a child.
    pub within: Option<Digest>,
}

/// Something that may speak for a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// `attachment`, `referrer` or `signature`.
    pub form: String,
    /// What it is.
    pub descriptor: Descriptor,
    /// The bytes; none where they were not asked for yet.
    pub bytes: Option<Vec<u8>>,
    /// The manifest that carried it.
    pub carrier: Option<Descriptor>,
}

/// A fact that a policy established.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which piece of evidence, counted from 0; none where it follows from the image itself.
    pub evidence: Option<u32>,
    /// Who says so: `key:…`, `rule:…`.
    pub by: String,
    /// What it says, in plain words.
    pub says: String,
}
