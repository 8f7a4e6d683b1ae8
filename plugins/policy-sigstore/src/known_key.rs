//! A key that may have signed.

use engine_plugin_sdk::keys::{self, Key};
use engine_plugin_sdk::{Digest, Fault};

/// A key, opened, and how its signatures are checked.
pub(crate) struct KnownKey {
    /// Its name in the spec.
    pub(crate) name: String,
    schemes: Vec<String>,
    public: Vec<u8>,
}

impl KnownKey {
    pub(crate) fn open(name: &str) -> Result<Self, Fault> {
        let key = Key::open(name)?;
        Ok(Self { name: name.to_owned(), schemes: key.schemes(), public: key.public() })
    }

    /// Whether this key made that signature over the text.
    pub(crate) fn made(&self, text: &[u8], signature: &[u8]) -> bool {
        self.schemes.iter().any(|scheme| keys::verify(scheme, &self.public, text, signature))
    }

    /// Who this is, in a claim: the same in every spec, whatever the key is called there.
    pub(crate) fn fingerprint(&self) -> String {
        format!("key:{}", Digest::of(&self.public).hex())
    }
}
