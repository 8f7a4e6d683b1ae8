//! A transport: a way of reaching images.

use super::Session;
use crate::diagnostic::Fault;
use async_trait::async_trait;
use std::sync::Arc;

/// Which end of a copy a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// It is read.
    Source,
    /// It is written, and read to see what is there.
    Destination,
}

/// What a transport can do; what it cannot is not asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent abilities, as the WIT has them")]
pub struct Capabilities {
    /// Calls may run side by side; if not, they are made in turn.
    pub concurrent: bool,
    /// `list_repositories` works.
    pub lists_repositories: bool,
    /// `list_tags` works.
    pub lists_tags: bool,
    /// A place can be written.
    pub writes: bool,
    /// Tags and manifests can be deleted.
    pub deletes: bool,
    /// `referrers` works, and a manifest with a subject is found by it.
    pub referrers: bool,
    /// Names are set by `tag`, several at once, instead of with `put_manifest`.
    pub names_in_groups: bool,
    /// Blobs are shared by all repositories of a place, so nothing is mounted.
    pub shared_blobs: bool,
}

/// A component in the role of a transport, with the grants and settings of one step.
#[async_trait]
pub trait Transport: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// The step's settings as JSON: two steps share a session only where they are the same.
    fn settings(&self) -> String;

    /// Opens a place. No network is touched yet.
    async fn open(&self, place: &str, side: Side) -> Result<Arc<dyn Session>, Fault>;
}
