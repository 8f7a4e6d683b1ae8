//! Manifests and small blobs that steps must see into, each read once per digest.

use super::error;
use super::image::Image;
use super::image_config::ImageConfig;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest, MAX_MANIFEST_BYTES, Manifest, Reference, media_type};
use crate::role::Session;
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Bytes of manifests and configs that are kept for the next step that asks. A manifest is some
/// KiB, so this is what one run's survey sees of the usual registry.
const MAX_KEPT_BYTES: usize = 32 << 20;
/// Bytes of the largest blob that is read. Configs have no bound of their own; this is the one of
/// manifests.
const MAX_BLOB_BYTES: u64 = MAX_MANIFEST_BYTES;

type Slot = Arc<OnceCell<Result<Bytes, Fault>>>;

/// Content by digest. Two who ask for the same at the same time cause one read.
#[derive(Default)]
pub(super) struct ContentCache(Mutex<Cached>);

#[derive(Default)]
struct Cached {
    slots: BTreeMap<Digest, Slot>,
    order: VecDeque<(Digest, usize)>,
    bytes: usize,
}

impl ContentCache {
    /// The bytes of a manifest of the repository that an image is in.
    pub(super) async fn manifest(&self, image: &Image, digest: &Digest) -> Result<Bytes, Fault> {
        let read = || async {
            let repository = &image.reference.name.repository;
            let which = image.selector_of(digest);
            let ask = |session: Arc<dyn Session>| {
                let which = which.clone();
                async move { session.get_manifest(repository, &which).await }
            };
            let found = image.place.ask(repository, ask).await?;
            let found = found.ok_or_else(|| error::absent(&image.reference_of(digest)))?;
            if found.descriptor.digest == *digest {
                return Ok(found.bytes);
            }
            Err(error::pin_broken(&image.reference, &found.descriptor.digest))
        };
        self.once(digest, read).await
    }

    /// The config that a manifest names; an empty one where the manifest is no image.
    pub(super) async fn config(
        &self,
        image: &Image,
        blob: &Descriptor,
    ) -> Result<ImageConfig, Fault> {
        if !matches!(blob.media_type.as_str(), media_type::OCI_CONFIG | media_type::DOCKER_CONFIG) {
            return Ok(ImageConfig::default());
        }
        ImageConfig::parse(&image.reference, &self.blob(image, blob).await?)
    }

    /// The bytes of a manifest that was read and is kept still.
    pub(super) fn known(&self, digest: &Digest) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.slots.get(digest)?.get()?.clone().ok()
    }

    /// A small blob of an image: a config, an artifact.
    pub(super) async fn blob(&self, image: &Image, blob: &Descriptor) -> Result<Bytes, Fault> {
        self.once(&blob.digest, || read_blob(image, blob)).await
    }

    /// Reads what is not kept. A fault is not kept: it may come from the place that one image has
    /// the content in, and the next may have it elsewhere.
    async fn once<F>(&self, digest: &Digest, read: impl Fn() -> F) -> Result<Bytes, Fault>
    where
        F: Future<Output = Result<Bytes, Fault>>,
    {
        let slot = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(kept.slots.entry(digest.clone()).or_default())
        };
        let mut first = false;
        let answer = slot.get_or_init(|| {
            first = true;
            read()
        });
        let answer = answer.await.clone();
        if !first {
            return match answer {
                Ok(bytes) => Ok(bytes),
                Err(_) => read().await,
            };
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &answer {
            Ok(bytes) => kept.count(digest, bytes.len()),
            Err(_) => drop(kept.slots.remove(digest)),
        }
        answer
    }
}

impl Cached {
    /// Notes what was read, and forgets the oldest above the bound.
    fn count(&mut self, digest: &Digest, bytes: usize) {
        self.order.push_back((digest.clone(), bytes));
        self.bytes += bytes;
        while self.bytes > MAX_KEPT_BYTES {
            let Some((oldest, bytes)) = self.order.pop_front() else { break };
            self.slots.remove(&oldest);
            self.bytes -= bytes;
        }
    }
}

/// Reads what a manifest holds.
pub(super) fn parse_manifest(
    image: &Reference,
    descriptor: &Descriptor,
    bytes: &[u8],
) -> Result<Manifest, Fault> {
    Manifest::parse(&descriptor.media_type, bytes).map_err(|cause| error::manifest(image, &cause))
}

async fn read_blob(image: &Image, blob: &Descriptor) -> Result<Bytes, Fault> {
    let repository = &image.reference.name.repository;
    let ask = |session: Arc<dyn Session>| async move {
        let body = session.get_blob(repository, blob, 0).await?;
        body.verified(&blob.digest, Some(blob.size)).read_all(MAX_BLOB_BYTES).await
    };
    image.place.ask(repository, ask).await
}
