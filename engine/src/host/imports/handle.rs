//! What stands behind the handles that a guest holds.
#![expect(unreachable_pub, reason = "the generated bindings name these types as their own")]

use super::directory::PartFile;
use crate::stream::Body;
use bytes::Bytes;
use std::fs::File;
use std::sync::Arc;

/// Bytes that can be read once.
pub struct Source {
    /// What was read from the body and not yet by the guest.
    pub(in crate::host) rest: Bytes,
    /// Whether the guest has read some of it.
    pub(in crate::host) begun: bool,
    /// Empty after it was handed on.
    pub(in crate::host) body: Option<Body>,
    /// How many bodies are within each other. Whoever reads or drops the outermost one walks
    /// through all of them, on the stack.
    pub(in crate::host) depth: u32,
    /// How many handles it stands for: those that were put into it count until it is gone.
    pub(in crate::host) handles: u32,
}

/// A file in the making; gone after its commit.
pub struct Sink(pub(in crate::host) Option<PartFile>);

/// A held lock.
pub struct Guard {
    pub(in crate::host) file: File,
}

/// A key that the step was granted.
pub struct GrantedKey {
    /// Its name in the spec.
    pub(in crate::host) name: String,
    pub(in crate::host) key: Arc<dyn crate::role::Key>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // In words, not by closing the file, which a program that is being started has open for a
        // moment too. What cannot be let go goes with the file.
        drop(self.file.unlock());
    }
}
