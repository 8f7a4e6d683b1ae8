//! New keys.

use super::{TrustFault, sealed};
use crate::role::Secret;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use pem_rfc7468::LineEnding;

/// A new pair of keys, as two files.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The private key, encrypted: `ENCRYPTED SIGSTORE PRIVATE KEY`.
    pub private_pem: String,
    /// The public key: `PUBLIC KEY`.
    pub public_pem: String,
}

/// Makes an ECDSA P-256 key in the form that cosign 2 and 3 and Skopeo read. Costs 64 MiB and
/// about 0.3 s of CPU.
///
/// # Errors
///
/// [`TrustFault::EmptyPassphrase`], as it protects nothing; [`TrustFault::Failed`].
pub fn generate(passphrase: &Secret) -> Result<Generated, TrustFault> {
    if passphrase.reveal().is_empty() {
        return Err(TrustFault::EmptyPassphrase);
    }
    let failed = |_| TrustFault::Failed("make a key");
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(failed)?;
    let spki = pair.public_key().as_der().map_err(failed)?;
    // The document clears itself when it is dropped.
    let pkcs8 = pair.to_pkcs8v1().map_err(failed)?;
    let sealed = sealed::seal(pkcs8.as_ref(), passphrase)?;
    Ok(Generated {
        private_pem: pem("ENCRYPTED SIGSTORE PRIVATE KEY", &sealed)?,
        public_pem: pem("PUBLIC KEY", spki.as_ref())?,
    })
}

fn pem(label: &str, document: &[u8]) -> Result<String, TrustFault> {
    pem_rfc7468::encode_string(label, LineEnding::LF, document)
        .map_err(|_| TrustFault::Failed("write the key"))
}
