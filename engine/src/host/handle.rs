//! What stands behind the handles that a guest holds.
#![expect(unreachable_pub, reason = "the generated bindings name these types as their own")]

use super::directory::PartFile;
use crate::stream::Body;
use std::fs::File;

/// Bytes that can be read once; empty after they were handed on.
pub struct Source(pub(super) Option<Body>);

/// A file in the making; gone after its commit.
pub struct Sink(pub(super) Option<PartFile>);

/// A held lock. The lock is let go when the file is closed.
pub struct Guard {
    #[expect(dead_code, reason = "held for its drop, which lets the lock go")]
    pub(super) file: File,
}
