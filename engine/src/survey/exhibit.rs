//! The image under judgement, as a policy looks at it: what the survey read, and what it can read.

use super::content_cache::ContentCache;
use super::image::Image;
use crate::companion::Referrers;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use crate::role::{Exhibit, Session};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::{Arc, OnceLock};

/// An image at its source.
pub(super) struct SourceExhibit {
    contents: Arc<ContentCache>,
    referrers: Arc<Referrers>,
    image: Arc<Image>,
    unread: OnceLock<Fault>,
}

impl SourceExhibit {
    /// An image that a policy is to judge.
    pub(super) fn of(
        image: &Arc<Image>,
        contents: &Arc<ContentCache>,
        referrers: &Arc<Referrers>,
    ) -> Arc<Self> {
        let (contents, referrers) = (Arc::clone(contents), Arc::clone(referrers));
        let (image, unread) = (Arc::clone(image), OnceLock::new());
        Arc::new(Self { contents, referrers, image, unread })
    }

    /// Why the policy was not given the referrers that it asked for. What it decided without them
    /// does not count: it may have taken a fault for an empty list.
    pub(super) fn unread(&self) -> Option<Fault> {
        self.unread.get().cloned()
    }
}

#[async_trait]
impl Exhibit for SourceExhibit {
    async fn manifest(&self, digest: &Digest) -> Result<Bytes, Fault> {
        self.contents.manifest(&self.image, digest).await
    }

    async fn blob(&self, blob: &Descriptor) -> Result<Bytes, Fault> {
        self.contents.blob(&self.image, blob).await
    }

    async fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
        let Image { place, reference, .. } = self.image.as_ref();
        let name = reference.name.repository.as_str();
        let ask = |session: Arc<dyn Session>| async move {
            let at = place.repository(&session, name);
            match self.referrers.list(&at, None, digest).await {
                Ok(listed) => Ok(Ok(listed)),
                // The place answered: it is not out.
                Err(fault) => fault.answered().map(Err),
            }
        };
        let listed = place.ask(name, ask).await.and_then(|answer| answer);
        if let Err(fault) = &listed {
            self.unread.get_or_init(|| fault.clone());
        }
        listed
    }
}
