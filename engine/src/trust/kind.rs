//! Kinds of keys, and the schemes of each by their names in the plugin interface.

use super::TrustFault;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};

/// Bytes of the largest public key: RSA of 8192 bits has 1,062 bytes as SPKI.
const MAX_PUBLIC_BYTES: usize = 2 << 10;

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    P256,
    P384,
    Ed25519,
    Rsa,
}

impl Kind {
    const ALL: [Self; 4] = [Self::P256, Self::P384, Self::Ed25519, Self::Rsa];

    /// What a private key of this kind signs with.
    pub(super) fn signs_with(self) -> &'static [&'static str] {
        match self {
            Self::P256 => &["ecdsa-p256-sha256"],
            Self::P384 => &["ecdsa-p384-sha384"],
            Self::Ed25519 => &["ed25519"],
            Self::Rsa => &["rsa-pkcs1-sha256"],
        }
    }

    /// What signatures of a public key of this kind are checked with.
    pub(super) fn verifies_with(self) -> &'static [&'static str] {
        match self {
            // cosign and Skopeo hash with SHA-256 whatever the curve is.
            Self::P384 => &["ecdsa-p384-sha384", "ecdsa-p384-sha256"],
            _ => self.signs_with(),
        }
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1,
            Self::P384 => &ECDSA_P384_SHA384_ASN1,
            Self::Ed25519 => &ED25519,
            Self::Rsa => &RSA_PKCS1_2048_8192_SHA256,
        }
    }

    /// The kind of a public key, given as SPKI.
    ///
    /// A key has exactly one encoding here, so that it has one fingerprint: compressed points,
    /// bare RSA keys and anything behind the key are refused.
    pub(super) fn of_public(spki: &[u8]) -> Result<Self, TrustFault> {
        let unsupported = || TrustFault::UnsupportedKey("a public key of another kind".to_owned());
        Self::ALL
            .into_iter()
            .find(|kind| parse(kind.verification(), spki).is_some())
            .filter(|kind| *kind != Self::Rsa || has_fit_modulus(spki))
            .ok_or_else(unsupported)
    }
}

/// A public key, where `spki` is its one encoding.
pub(super) fn parse(
    algorithm: &'static dyn VerificationAlgorithm,
    spki: &[u8],
) -> Option<ParsedPublicKey> {
    if spki.len() > MAX_PUBLIC_BYTES {
        return None;
    }
    let key = ParsedPublicKey::new(algorithm, spki).ok()?;
    let written = key.as_der().ok()?;
    (written.as_ref() == spki).then_some(key)
}

/// Whether an RSA key has 2048 to 8192 bits. `verify` would refuse others too, but at each
/// signature and without a word.
///
/// From 2048 bits on, the length of the modulus stands at byte 30 of the one encoding: as long as
/// the modulus, and one more for its sign.
fn has_fit_modulus(spki: &[u8]) -> bool {
    let Some([0x02, 0x82, high, low]) = spki.get(28..32) else { return false };
    (257..=1025).contains(&u16::from_be_bytes([*high, *low]))
}
