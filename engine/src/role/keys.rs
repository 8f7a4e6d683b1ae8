//! Keys by name. Private ones stay behind these traits.

use crate::diagnostic::{Fault, Origin};
use crate::role::codes;
use async_trait::async_trait;
use std::sync::Arc;

/// The keys that a spec names.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Opens a key: reads its file, and asks for its passphrase, once in a run.
    async fn open(&self, name: &str) -> Result<Arc<dyn Key>, Fault>;
    /// Checks a signature; `false` as well for a scheme or key that cannot be read. `public` is a
    /// `SubjectPublicKeyInfo`, DER.
    fn verify(&self, scheme: &str, public: &[u8], message: &[u8], signature: &[u8]) -> bool;
}

/// One key, private or public.
pub trait Key: Send + Sync {
    /// How it signs, or is checked, the preferred way first.
    fn schemes(&self) -> Vec<String>;
    /// The public key as `SubjectPublicKeyInfo`, DER.
    fn public(&self) -> Vec<u8>;
    /// Whether it is a private key.
    fn can_sign(&self) -> bool;
    /// Signs a message.
    fn sign(&self, scheme: &str, message: &[u8]) -> Result<Vec<u8>, Fault>;
}

/// No keys at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

#[async_trait]
impl Keys for NoKeys {
    async fn open(&self, name: &str) -> Result<Arc<dyn Key>, Fault> {
        let message = format!("there is no key `{name}`");
        Err(Fault::new(codes::NO_KEY, Origin::Local, message))
    }

    fn verify(&self, _: &str, _: &[u8], _: &[u8], _: &[u8]) -> bool {
        false
    }
}
