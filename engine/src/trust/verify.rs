//! Checking signatures.

use super::kind::parse;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519,
    RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};

/// Bytes of the largest message that is checked or signed: evidence has at most 4 MiB.
pub(super) const MAX_MESSAGE_BYTES: usize = 4 << 20;

/// Bytes of the largest signature: RSA of 8192 bits has 1,024.
const MAX_SIGNATURE_BYTES: usize = 1 << 10;

/// Whether `signature` is one over `message` by the key `spki` (`SubjectPublicKeyInfo`, DER).
///
/// Schemes: `ecdsa-p256-sha256`, `ecdsa-p384-sha384`, `ecdsa-p384-sha256` (all DER), `ed25519`,
/// `rsa-pkcs1-sha256` (2048 to 8192 bits). Messages have at most 4 MiB. Whatever is unknown,
/// malformed, too large, or for another kind of key is `false`. Never panics; takes at most some
/// milliseconds.
pub fn verify(scheme: &str, spki: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let algorithm: &'static dyn VerificationAlgorithm = match scheme {
        "ecdsa-p256-sha256" => &ECDSA_P256_SHA256_ASN1,
        "ecdsa-p384-sha384" => &ECDSA_P384_SHA384_ASN1,
        "ecdsa-p384-sha256" => &ECDSA_P384_SHA256_ASN1,
        "ed25519" => &ED25519,
        "rsa-pkcs1-sha256" => &RSA_PKCS1_2048_8192_SHA256,
        _ => return false,
    };
    message.len() <= MAX_MESSAGE_BYTES
        && signature.len() <= MAX_SIGNATURE_BYTES
        && parse(algorithm, spki).is_some_and(|key| key.verify_sig(message, signature).is_ok())
}
