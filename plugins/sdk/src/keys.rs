//! Keys by the names that the spec grants. Private keys stay in the engine. See `wit/keys.wit`.

use crate::{Fault, imports};

/// A key that the step was granted.
pub struct Key(imports::Key);

impl Key {
    /// Opens a key by its name in the spec.
    pub fn open(name: &str) -> Result<Self, Fault> {
        imports::key_open(name).map(Self)
    }

    /// How it signs, or is checked, the preferred way first.
    pub fn schemes(&self) -> Vec<String> {
        imports::key_schemes(&self.0)
    }

    /// The public key as `SubjectPublicKeyInfo`, DER.
    pub fn public(&self) -> Vec<u8> {
        imports::key_public(&self.0)
    }

    /// Signs a message that is about the image of the call, in a form that the engine knows, such as
    /// [`simple_signing`](crate::oci::simple_signing); only in a signer.
    pub fn sign(&self, scheme: &str, message: &[u8]) -> Result<Vec<u8>, Fault> {
        imports::key_sign(&self.0, scheme, message)
    }
}

/// Checks a signature at native speed; `false` as well for a scheme or key that cannot be read.
pub fn verify(scheme: &str, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    imports::key_verify(scheme, public, message, signature)
}
