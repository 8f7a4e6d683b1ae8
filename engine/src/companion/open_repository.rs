//! A repository at a place that a step has opened.

use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use crate::role::{Put, PutBlob, Session};
use crate::stream::Body;
use bytes::Bytes;
use std::sync::Arc;

/// A repository at a place that a step has opened.
#[derive(Clone, Copy)]
pub(crate) struct OpenRepository<'a> {
    /// The step whose rights the session has.
    pub step: &'a str,
    /// The place with its transport, as `docker:quay.io`.
    pub place: &'a str,
    /// The repository's name at the place.
    pub name: &'a str,
    /// The session.
    pub session: &'a Arc<dyn Session>,
    /// Whether the place can list the tags of a repository.
    pub lists_tags: bool,
}

impl OpenRepository<'_> {
    /// How people name this repository.
    pub(crate) fn full_name(&self) -> String {
        let place = self.place.strip_prefix("docker:").unwrap_or(self.place);
        format!("{place}/{}", self.name)
    }

    /// How people name a manifest of this repository.
    pub(crate) fn name_of(&self, digest: &Digest) -> String {
        format!("{}@{digest}", self.full_name())
    }

    /// Writes a small blob that was made here, and says what it is.
    ///
    /// # Errors
    ///
    /// What the place says. An interrupted write is not resumed: the blob is small.
    pub(crate) async fn put_small(
        &self,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Descriptor, Fault> {
        let descriptor = Descriptor::new(media_type, Digest::of(&bytes), bytes.len() as u64);
        let body = Body::from_bytes(bytes);
        let expected = descriptor.clone().into();
        let put = PutBlob { expected, body, mount_from: None, resume: None };
        match self.session.put_blob(self.name, put).await? {
            Put::Done(_) | Put::Mounted => Ok(descriptor),
            Put::Interrupted { fault, .. } => Err(fault),
        }
    }
}
