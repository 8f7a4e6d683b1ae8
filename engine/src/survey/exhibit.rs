//! The image under judgement, as a policy looks at it: what the survey read, and what it can read.

use super::image::Image;
use super::walk::Surveyor;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use crate::plan::evidence;
use crate::role::{Exhibit, Session};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// An image at its source.
pub(super) struct Shown {
    pub(super) surveyor: Arc<Surveyor>,
    pub(super) image: Arc<Image>,
}

#[async_trait]
impl Exhibit for Shown {
    async fn manifest(&self, digest: &Digest) -> Result<Bytes, Fault> {
        self.surveyor.contents.manifest(&self.image, digest).await
    }

    async fn blob(&self, blob: &Descriptor) -> Result<Bytes, Fault> {
        self.surveyor.contents.blob(&self.image, blob).await
    }

    async fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
        let repository = &self.image.reference.name.repository;
        let ask = |session: Arc<dyn Session>| async move {
            evidence::referrers(&session, repository, digest).await
        };
        self.image.place.ask(repository, ask).await
    }
}
