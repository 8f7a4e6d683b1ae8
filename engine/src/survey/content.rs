//! Content that steps must see into: manifests and configs, each read once per digest.

use super::error;
use super::image::Image;
use super::place::Place;
use crate::diagnostic::Fault;
use crate::oci::{
    Descriptor, Digest, MAX_MANIFEST_BYTES, Manifest, Platform, Reference, media_type,
};
use crate::role::Session;
use bytes::Bytes;
use serde::Deserialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Bytes of manifests and configs that are kept for the next step that asks. A manifest is some
/// KiB, so this is what one run's survey sees of the usual registry.
const MAX_KEPT_BYTES: usize = 32 << 20;
/// Bytes of the largest config that is read. Configs have no bound of their own; this is the one
/// of manifests.
const MAX_CONFIG_BYTES: u64 = MAX_MANIFEST_BYTES;

/// What steps look at in the config of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Config {
    /// What it runs on; `None` where the config does not say, as an artifact's.
    pub platform: Option<Platform>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// When it was made, as it says (RFC 3339).
    pub created: Option<String>,
}

type Slot = Arc<OnceCell<Result<Bytes, Fault>>>;

/// Content by digest. Two who ask for the same at the same time cause one read.
#[derive(Default)]
pub(super) struct Contents(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    slots: BTreeMap<Digest, Slot>,
    order: VecDeque<(Digest, usize)>,
    bytes: usize,
}

impl Contents {
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
            let found = found.ok_or_else(|| error::absent(&pinned(image, digest)))?;
            if found.descriptor.digest == *digest {
                return Ok(found.bytes);
            }
            Err(error::pin_broken(&image.reference, &found.descriptor.digest))
        };
        self.once(digest, read).await
    }

    /// The config that a manifest names.
    pub(super) async fn config(&self, image: &Image, blob: &Descriptor) -> Result<Config, Fault> {
        if !matches!(blob.media_type.as_str(), media_type::OCI_CONFIG | media_type::DOCKER_CONFIG) {
            return Ok(Config::default());
        }
        let read = || read_config(&image.place, &image.reference, blob);
        let bytes = self.once(&blob.digest, read).await?;
        parse_config(&image.reference, &bytes)
    }

    /// The bytes of a manifest that was read and is kept still.
    pub(super) fn known(&self, digest: &Digest) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.slots.get(digest)?.get()?.clone().ok()
    }

    /// A small blob of an image: a config, an artifact.
    pub(super) async fn blob(&self, image: &Image, blob: &Descriptor) -> Result<Bytes, Fault> {
        let read = || read_config(&image.place, &image.reference, blob);
        self.once(&blob.digest, read).await
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

impl Kept {
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
pub(super) fn parse(
    image: &Reference,
    descriptor: &Descriptor,
    bytes: &[u8],
) -> Result<Manifest, Fault> {
    Manifest::parse(&descriptor.media_type, bytes).map_err(|cause| error::manifest(image, &cause))
}

fn pinned(image: &Image, digest: &Digest) -> Reference {
    let mut reference = Reference::clone(&image.reference);
    reference.name.tag = None;
    reference.name.digest = Some(digest.clone());
    reference
}

async fn read_config(place: &Place, image: &Reference, blob: &Descriptor) -> Result<Bytes, Fault> {
    let repository = &image.name.repository;
    let ask = |session: Arc<dyn Session>| async move {
        let body = session.get_blob(repository, blob, 0).await?;
        body.verified(&blob.digest, Some(blob.size)).read_all(MAX_CONFIG_BYTES).await
    };
    place.ask(repository, ask).await
}

/// The members of a config that steps look at. Source: image-spec 1.1, "Image Configuration".
#[derive(Deserialize)]
struct Members {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    created: Option<String>,
    config: Option<Execution>,
}

#[derive(Deserialize)]
struct Execution {
    #[serde(rename = "Labels")]
    labels: Option<BTreeMap<String, String>>,
}

/// Reads what a config says.
pub(super) fn parse_config(image: &Reference, bytes: &[u8]) -> Result<Config, Fault> {
    let members: Members =
        serde_json::from_slice(bytes).map_err(|cause| error::config(image, &cause))?;
    let platform = match (members.os, members.architecture) {
        (Some(os), Some(architecture)) if !os.is_empty() && !architecture.is_empty() => {
            let variant = members.variant.filter(|variant| !variant.is_empty());
            Some(Platform { os, architecture, variant, os_version: members.os_version })
        }
        _ => None,
    };
    let labels = members.config.and_then(|config| config.labels).unwrap_or_default();
    Ok(Config { platform, labels, created: members.created })
}
