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
    pub(super) rest: Bytes,
    /// Whether the guest has read some of it.
    pub(super) begun: bool,
    /// Empty after it was handed on.
    pub(super) body: Option<Body>,
    /// How many bodies are within each other. Whoever reads or drops the outermost one walks
    /// through all of them, on the stack.
    pub(super) depth: u32,
}

/// A file in the making; gone after its commit.
pub struct Sink(pub(super) Option<PartFile>);

/// A held lock.
pub struct Guard {
    pub(super) file: File,
}

/// A key that the step was granted.
pub struct GrantedKey {
    /// Its name in the spec.
    pub(super) name: String,
    pub(super) key: Arc<dyn crate::role::Key>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // In words, not by closing the file, which a program that is being started has open for a
        // moment too. What cannot be let go goes with the file.
        drop(self.file.unlock());
    }
}
