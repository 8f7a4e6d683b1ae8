//! What the spec says about keys.

use super::SecretSource;
use std::path::PathBuf;

/// Settings of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySettings {
    /// Its file, private or public.
    pub file: PathBuf,
    /// The passphrase of an encrypted file; `None`: somebody is asked.
    pub passphrase: Option<SecretSource>,
}
