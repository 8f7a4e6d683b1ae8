//! An image with everything that belongs to it.

use super::{Dialect, Layer};
use crate::registry::Registry;
use bytes::Bytes;
use engine_oci::{Descriptor, Digest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An image with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// All manifests, children before their index, the top last.
    pub manifests: Vec<Sealed>,
    /// All blobs by digest.
    pub blobs: BTreeMap<Digest, Bytes>,
    /// What a tag would name.
    pub top: Descriptor,
    /// Further tags that belong to it, such as cosign's, with what they name.
    pub tags: Vec<(String, Digest)>,
}

/// A manifest whose bytes are final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its media type.
    pub media_type: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Seeded {
    /// Seals a manifest over some blobs.
    pub(super) fn seal(media_type: &str, manifest: &Value, blobs: Vec<Bytes>) -> Self {
        let bytes = Bytes::from(manifest.to_string());
        let top = Descriptor::of_manifest(media_type, &bytes);
        let sealed = Sealed { media_type: media_type.into(), digest: top.digest.clone(), bytes };
        let blobs = blobs.into_iter().map(|bytes| (Digest::of(&bytes), bytes)).collect();
        Self { manifests: vec![sealed], blobs, top, tags: Vec::new() }
    }

    /// Seals an index over children; `describe` may add to each child's descriptor.
    pub(super) fn seal_index(
        dialect: Dialect,
        children: Vec<Self>,
        describe: impl Fn(usize, &mut Value),
    ) -> Self {
        let descriptors = children.iter().enumerate().map(|(at, child)| {
            let mut descriptor = child.descriptor();
            describe(at, &mut descriptor);
            descriptor
        });
        let index = json!({
            "schemaVersion": 2,
            "mediaType": dialect.index(),
            "manifests": descriptors.collect::<Vec<_>>(),
        });
        let sealed = Self::seal(dialect.index(), &index, Vec::new());
        let top = sealed.top.clone();
        let all = children.into_iter().chain([sealed]).reduce(Self::with).expect("the index");
        Self { top, ..all }
    }

    /// Both, as one: what `other` is does not change, nor does this one's top.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for sealed in other.manifests {
            if !self.manifests.contains(&sealed) {
                self.manifests.push(sealed);
            }
        }
        self.blobs.extend(other.blobs);
        self.tags.extend(other.tags);
        self
    }

    /// The top's descriptor as JSON, with the three compulsory members.
    pub fn descriptor(&self) -> Value {
        json!({
            "mediaType": self.top.media_type,
            "digest": self.top.digest.as_str(),
            "size": self.top.size,
        })
    }

    /// The bytes of the top manifest.
    pub fn top_bytes(&self) -> &Bytes {
        let sealed = self.manifests.iter().find(|sealed| sealed.digest == self.top.digest);
        &sealed.expect("the top is one of the manifests").bytes
    }

    /// Puts everything into a registry's memory, without a request.
    pub fn push_into(&self, registry: &Registry, repository: &str, tag: &str) {
        let mut store = registry.store();
        for (digest, bytes) in &self.blobs {
            store.add_blob(repository, digest, bytes.clone());
        }
        for sealed in &self.manifests {
            store.add_manifest(repository, &sealed.media_type, sealed.bytes.clone());
        }
        store.tag(repository, tag, &self.top.digest);
        for (tag, digest) in &self.tags {
            store.tag(repository, tag, digest);
        }
    }
}

/// The descriptor of a blob as JSON.
pub(super) fn describe(media_type: &str, bytes: &[u8]) -> Value {
    json!({
        "mediaType": media_type,
        "digest": Digest::of(bytes).as_str(),
        "size": bytes.len(),
    })
}

/// The descriptor of a layer as JSON.
pub(super) fn describe_layer(media_type: &str, layer: &Layer) -> Value {
    json!({
        "mediaType": media_type,
        "digest": layer.digest.as_str(),
        "size": layer.bytes.len(),
    })
}
