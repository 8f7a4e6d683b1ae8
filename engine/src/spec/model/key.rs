//! The block `keys`.

use super::SecretFrom;
use crate::spec::Text;
use crate::spec::fill::fills;
use schemars::JsonSchema;
use serde::Deserialize;

/// A key, private or public.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Key {
    /// Its file, as cosign, Skopeo or OpenSSL write it.
    pub file: Text,
    /// Where the passphrase of an encrypted file is; never the passphrase itself. Without it somebody
    /// is asked, if there is a terminal.
    #[serde(default)]
    pub passphrase: Option<SecretFrom>,
}

fills!(Key { file: "file", passphrase: "passphrase" });
