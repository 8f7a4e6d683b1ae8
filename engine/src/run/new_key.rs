//! A new key, for who has none yet.

use crate::config;
use crate::diagnostic::Fault;
use crate::role::{SecretSource, Surroundings};
use crate::trust::{self, Key};

/// A new pair of keys, as two files.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The private key, encrypted, as cosign and Skopeo read it too.
    pub private_pem: String,
    /// The public key.
    pub public_pem: String,
    /// SHA-256 of the public key's DER, 64 hexadecimal digits.
    pub fingerprint: String,
}

/// Makes a key whose passphrase is read from `passphrase`. Costs 64 MiB and about 0.3 s of CPU on
/// this thread, and writes no file.
///
/// # Errors
///
/// `config::secret` and `config::program`: the passphrase cannot be read; `trust::no-passphrase`:
/// it is empty; `trust::failed`.
pub async fn new_key(
    surroundings: &Surroundings,
    passphrase: &SecretSource,
) -> Result<NewKey, Fault> {
    let passphrase = config::read_secret(surroundings, passphrase).await?;
    let made = trust::generate(&passphrase)?;
    let fingerprint = Key::public(made.public_pem.as_bytes())?.fingerprint();
    Ok(NewKey { private_pem: made.private_pem, public_pem: made.public_pem, fingerprint })
}
