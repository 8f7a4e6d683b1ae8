//! Keys: private ones that stay in the engine, their files, and signatures at native speed.
//!
//! In go the bytes of key files and the passphrases that open them; out come [`Key`]s that sign,
//! and the answer whether a signature is good. No private key leaves this floor: it has no text,
//! no `Debug` that tells, and what held it in memory is cleared. Nothing here reaches a network.
//!
//! The attack to keep in mind: a key file, a public key and a signature may all come from
//! somebody who wants the engine to allocate gigabytes, to panic, or to say yes. So every size is
//! checked before anything is computed with it, and whatever is not understood is a no.

mod codes;
mod error;
mod generate;
mod key;
mod key_file;
mod keyring;
mod kind;
mod sealed;
mod verify;

#[cfg(test)]
mod trust_tests;

pub use error::TrustFault;
pub use generate::{Generated, generate};
pub use key::Key;
pub use key_file::KeyFile;
pub use keyring::Keyring;
pub use verify::verify;
