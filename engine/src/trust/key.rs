//! A key, private or public.

use super::kind::Kind;
use super::verify::MAX_MESSAGE_BYTES;
use super::{KeyFile, TrustFault};
use crate::diagnostic::Fault;
use crate::oci::Digest;
use crate::role::{self, Secret};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use std::fmt;

/// A key that checks signatures, and makes them where it is a private one.
///
/// The private part has no accessor, and `Debug` shows the fingerprint alone.
pub struct Key {
    kind: Kind,
    spki: Vec<u8>,
    private: Option<Private>,
}

/// What the library keeps, which it clears when it is dropped.
enum Private {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    /// Opens the file of a private key: encrypted as cosign and Skopeo write it, PKCS#8 or SEC 1.
    ///
    /// # Errors
    ///
    /// As [`KeyFile::parse`] and [`KeyFile::open`]; a public key is [`TrustFault::NotAKey`].
    pub fn private(file: &[u8], passphrase: Option<&Secret>) -> Result<Self, TrustFault> {
        let file = KeyFile::parse(file)?;
        if !file.is_private() {
            return Err(TrustFault::NotAKey("it is a public key, not a private one".to_owned()));
        }
        file.open(passphrase)
    }

    /// Reads the PEM of a public key.
    ///
    /// # Errors
    ///
    /// As [`KeyFile::parse`]; a private key is [`TrustFault::NotAKey`].
    pub fn public(pem: &[u8]) -> Result<Self, TrustFault> {
        let file = KeyFile::parse(pem)?;
        if file.is_private() {
            return Err(TrustFault::NotAKey("it is a private key, not a public one".to_owned()));
        }
        file.open(None)
    }

    /// A private key that lives as long as this value, for `ecdsa-p256-sha256`,
    /// `ecdsa-p384-sha384` or `ed25519`.
    ///
    /// # Errors
    ///
    /// [`TrustFault::UnsupportedScheme`] for others; [`TrustFault::Failed`] where the machine has
    /// no random numbers.
    pub fn ephemeral(scheme: &str) -> Result<Self, TrustFault> {
        let failed = |_| TrustFault::Failed("make a key");
        if Kind::Ed25519.signs_with().contains(&scheme) {
            return Self::of_ed25519(Ed25519KeyPair::generate().map_err(failed)?);
        }
        let curve = curves().into_iter().find(|(kind, _)| kind.signs_with().contains(&scheme));
        let (kind, algorithm) =
            curve.ok_or_else(|| unsupported(scheme, "no key is made for it"))?;
        Self::of_ecdsa(kind, EcdsaKeyPair::generate(algorithm).map_err(failed)?)
    }

    pub(super) fn of_spki(spki: &[u8]) -> Result<Self, TrustFault> {
        Ok(Self { kind: Kind::of_public(spki)?, spki: spki.to_vec(), private: None })
    }

    pub(super) fn of_pkcs8(der: &[u8]) -> Result<Self, TrustFault> {
        for (kind, algorithm) in curves() {
            if let Ok(pair) = EcdsaKeyPair::from_pkcs8(algorithm, der) {
                return Self::of_ecdsa(kind, pair);
            }
        }
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
            return Self::of_ed25519(pair);
        }
        if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            let spki = written(pair.public_key())?;
            return Ok(Self { kind: Kind::Rsa, spki, private: Some(Private::Rsa(pair)) });
        }
        Err(TrustFault::UnsupportedKey("a private key of another kind, or a broken one".to_owned()))
    }

    pub(super) fn of_sec1(der: &[u8]) -> Result<Self, TrustFault> {
        for (kind, algorithm) in curves() {
            if let Ok(pair) = EcdsaKeyPair::from_private_key_der(algorithm, der) {
                return Self::of_ecdsa(kind, pair);
            }
        }
        Err(TrustFault::UnsupportedKey("an EC key of another curve, or a broken one".to_owned()))
    }

    fn of_ed25519(pair: Ed25519KeyPair) -> Result<Self, TrustFault> {
        let spki = written(pair.public_key())?;
        Ok(Self { kind: Kind::Ed25519, spki, private: Some(Private::Ed25519(pair)) })
    }

    fn of_ecdsa(kind: Kind, pair: EcdsaKeyPair) -> Result<Self, TrustFault> {
        let spki = written(pair.public_key())?;
        Ok(Self { kind, spki, private: Some(Private::Ecdsa(pair)) })
    }

    /// The public key as `SubjectPublicKeyInfo`, DER.
    pub fn public_spki(&self) -> Vec<u8> {
        self.spki.clone()
    }

    /// SHA-256 of the public key's DER, 64 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        Digest::of(&self.spki).hex().to_owned()
    }

    /// Whether it is a private key.
    pub fn can_sign(&self) -> bool {
        self.private.is_some()
    }

    /// What it signs with, the best first; for a public key, what its signatures are checked with.
    pub fn schemes(&self) -> &'static [&'static str] {
        if self.can_sign() { self.kind.signs_with() } else { self.kind.verifies_with() }
    }

    /// Signs a message of at most 4 MiB, which is hashed here.
    ///
    /// ECDSA signatures are DER and hedged: the nonce is random, mixed with a hash of key and
    /// message, so they differ from call to call, and poor random numbers do not give the key
    /// away. `s` may be high. Ed25519 and RSA signatures are deterministic.
    ///
    /// # Errors
    ///
    /// [`TrustFault::UnsupportedScheme`], also for a public key; [`TrustFault::MessageTooLarge`];
    /// [`TrustFault::Failed`].
    pub fn sign(&self, scheme: &str, message: &[u8]) -> Result<Vec<u8>, TrustFault> {
        let refused = |why: &str| unsupported(scheme, why);
        let failed = |_| TrustFault::Failed("sign");
        let private = self.private.as_ref().ok_or_else(|| refused("it is a public key"))?;
        if !self.schemes().contains(&scheme) {
            return Err(refused(&format!("the key signs with {}", self.schemes().join(", "))));
        }
        if message.len() > MAX_MESSAGE_BYTES {
            let bytes = message.len();
            return Err(TrustFault::MessageTooLarge { bytes, max: MAX_MESSAGE_BYTES });
        }
        let random = SystemRandom::new();
        match private {
            Private::Ecdsa(pair) => {
                pair.sign(&random, message).map(|made| made.as_ref().to_vec()).map_err(failed)
            }
            Private::Ed25519(pair) => {
                pair.try_sign(message).map(|made| made.as_ref().to_vec()).map_err(failed)
            }
            Private::Rsa(pair) => {
                let mut made = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut made).map_err(failed)?;
                Ok(made)
            }
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kind", &self.kind)
            .field("fingerprint", &self.fingerprint())
            .field("private", &self.can_sign())
            .finish_non_exhaustive()
    }
}

fn unsupported(scheme: &str, why: &str) -> TrustFault {
    let scheme = scheme.chars().take(64).collect();
    TrustFault::UnsupportedScheme { scheme, why: why.to_owned() }
}

fn curves() -> [(Kind, &'static EcdsaSigningAlgorithm); 2] {
    [(Kind::P256, &ECDSA_P256_SHA256_ASN1_SIGNING), (Kind::P384, &ECDSA_P384_SHA384_ASN1_SIGNING)]
}

/// A public key as SPKI.
fn written<K>(public: &K) -> Result<Vec<u8>, TrustFault>
where
    K: AsDer<aws_lc_rs::encoding::PublicKeyX509Der<'static>>,
{
    let der = public.as_der().map_err(|_| TrustFault::Failed("write the public key"))?;
    Ok(der.as_ref().to_vec())
}

impl role::Key for Key {
    fn schemes(&self) -> Vec<String> {
        self.schemes().iter().map(|scheme| (*scheme).to_owned()).collect()
    }

    fn public(&self) -> Vec<u8> {
        self.public_spki()
    }

    fn can_sign(&self) -> bool {
        self.can_sign()
    }

    fn sign(&self, scheme: &str, message: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.sign(scheme, message)?)
    }
}
