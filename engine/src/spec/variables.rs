//! What is filled into a file.

use std::collections::BTreeMap;

/// Where `${env:X}` and `${var:x}` get their values.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// What `--var name=value` says; it wins over the block `vars`.
    pub vars: BTreeMap<String, String>,
}
