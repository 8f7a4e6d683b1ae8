//! What can go wrong with keys.

use crate::diagnostic::{Fault, Origin};
use crate::trust::codes;

/// Why a key cannot be had or used. None of these holds a byte of a key or a passphrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustFault {
    /// The file cannot be read.
    #[error("read the key: {0}")]
    Unreadable(String),
    /// What was read is no key.
    #[error("read the key: {0}")]
    NotAKey(String),
    /// A key of a kind that the engine does not have.
    #[error("read the key: {0}")]
    UnsupportedKey(String),
    /// The passphrase is another one, or the file was changed; one cannot tell which.
    #[error("open the key: the passphrase does not open it, or the file is damaged")]
    WrongPassphrase,
    /// The key is encrypted and there is no passphrase.
    #[error("open the key: it is encrypted, and there is no passphrase")]
    NoPassphrase,
    /// The key is encrypted, the spec names no passphrase, and there is nobody to ask.
    #[error("open the key `{0}`: it is encrypted and there is no terminal to ask")]
    NobodyToAsk(String),
    /// A new key was to be protected by nothing.
    #[error("make a key: the passphrase is empty")]
    EmptyPassphrase,
    /// The spec has no key of this name.
    #[error("open the key `{name}`: the spec has no key of this name")]
    UnknownKey {
        /// The name.
        name: String,
        /// What may have been meant.
        suggestion: Option<String>,
    },
    /// The key cannot do what it is asked to.
    #[error("sign with `{scheme}`: {why}")]
    UnsupportedScheme {
        /// The scheme that was asked for.
        scheme: String,
        /// Why not.
        why: String,
    },
    /// The message is larger than a key signs.
    #[error("sign {bytes} bytes: a key signs at most {max}")]
    MessageTooLarge {
        /// Bytes of the message.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// The cryptography itself failed, as without random numbers.
    #[error("{0}: the cryptographic library refused")]
    Failed(&'static str),
    /// A private key that other users of the machine can read: a warning, not a refusal.
    #[error("the private key `{name}` can be read by others (mode {mode:03o})")]
    ReadableByOthers {
        /// The key.
        name: String,
        /// The permission bits of its file.
        mode: u32,
    },
}

impl From<TrustFault> for Fault {
    fn from(fault: TrustFault) -> Self {
        let message = fault.to_string();
        let origin = match fault {
            TrustFault::UnknownKey { .. } => Origin::Spec,
            TrustFault::UnsupportedScheme { .. } | TrustFault::MessageTooLarge { .. } => {
                Origin::Plugin
            }
            _ => Origin::Local,
        };
        let coded = |code| Self::new(code, origin, message);
        match fault {
            TrustFault::Unreadable(_) => coded(codes::UNREADABLE)
                .help("check the path and its permissions; it must be a plain file"),
            TrustFault::NotAKey(_) => coded(codes::NOT_A_KEY).help(
                "a key file is PEM, as `engine key generate`, cosign, skopeo and openssl write it",
            ),
            TrustFault::UnsupportedKey(_) => coded(codes::UNSUPPORTED_KEY).help(
                "keys are ECDSA P-256 or P-384, Ed25519, or RSA of 2048 to 8192 bits; convert \
                 others with `openssl pkcs8 -topk8 -nocrypt`, or `cosign import-key-pair`",
            ),
            TrustFault::WrongPassphrase => {
                coded(codes::WRONG_PASSPHRASE).help("check what `passphrase` of the key leads to")
            }
            TrustFault::NoPassphrase => {
                coded(codes::NO_PASSPHRASE).help("give the passphrase of the key")
            }
            TrustFault::EmptyPassphrase => coded(codes::NO_PASSPHRASE)
                .help("give it one: whoever finds the file could sign with it"),
            TrustFault::NobodyToAsk(_) => coded(codes::NO_PASSPHRASE)
                .help("write `passphrase: {env: NAME}` beside its `file`, or `{file: PATH}`"),
            TrustFault::UnknownKey { suggestion, .. } => coded(codes::UNKNOWN_KEY)
                .help(suggestion.unwrap_or_else(|| "declare it in `keys`".to_owned())),
            TrustFault::UnsupportedScheme { .. } => coded(codes::UNSUPPORTED_SCHEME),
            TrustFault::MessageTooLarge { .. } => coded(codes::MESSAGE_TOO_LARGE),
            TrustFault::Failed(_) => coded(codes::FAILED),
            TrustFault::ReadableByOthers { .. } => {
                coded(codes::READABLE_BY_OTHERS).help("chmod 600 it")
            }
        }
    }
}
