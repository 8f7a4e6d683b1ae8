//! The key, and how it signs.

use engine_plugin_sdk::Fault;
use engine_plugin_sdk::keys::{self, Key};

/// What cosign and Skopeo would not verify: they hash with SHA-256, whatever the curve is.
const UNREADABLE: &str = "ecdsa-p384-sha384";

/// A private key with the scheme that it signs by.
pub(crate) struct SigningKey {
    key: Key,
    scheme: String,
    public: Vec<u8>,
}

impl SigningKey {
    pub(crate) fn open(name: &str) -> Result<Self, Fault> {
        let key = Key::open(name)?;
        let scheme = scheme(name, key.schemes())?;
        let public = key.public();
        Ok(Self { key, scheme, public })
    }

    pub(crate) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Fault> {
        self.key.sign(&self.scheme, text)
    }

    /// Whether this key made that signature over the text.
    pub(crate) fn made(&self, text: &[u8], signature: &[u8]) -> bool {
        keys::verify(&self.scheme, &self.public, text, signature)
    }
}

fn scheme(name: &str, schemes: Vec<String>) -> Result<String, Fault> {
    let fit = schemes.into_iter().find(|scheme| scheme != UNREADABLE);
    fit.ok_or_else(|| {
        Fault::settings(format!(
            "the key `{name}` is of a kind that cosign and Skopeo do not verify: take one of P-256"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_nobody_could_verify_is_refused() {
        let of = |schemes: &[&str]| scheme("k", schemes.iter().map(|s| (*s).to_owned()).collect());
        assert_eq!(of(&[UNREADABLE, "ed25519"]).unwrap(), "ed25519");
        for schemes in [&[UNREADABLE][..], &[]] {
            let fault = of(schemes).unwrap_err();
            assert_eq!(fault.code, "settings");
            assert!(fault.message.contains("`k`") && fault.message.contains("P-256"), "{fault}");
        }
    }
}
