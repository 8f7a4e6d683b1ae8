//! Images made from bytes.

use crate::oci::{Descriptor, Digest, media_type};
use crate::role::Manifested;
use bytes::Bytes;
use serde_json::json;

/// An image, or an index, and the blobs that it needs.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) top: Manifested,
    pub(crate) below: Vec<Manifested>,
    pub(crate) blobs: Vec<Bytes>,
}

impl Image {
    /// An image with a config and these layers.
    pub(crate) fn new(config: &str, layers: &[Bytes]) -> Self {
        Self::about(config, layers, None)
    }

    /// An image that refers to another manifest.
    pub(crate) fn about(config: &str, layers: &[Bytes], subject: Option<&Descriptor>) -> Self {
        let config = Bytes::from(config.to_owned());
        let layer = "application/vnd.oci.image.layer.v1.tar+gzip";
        let describe = |media: &str, bytes: &Bytes| json!({"mediaType": media, "digest": Digest::of(bytes), "size": bytes.len()});
        let layer_list: Vec<_> = layers.iter().map(|bytes| describe(layer, bytes)).collect();
        let mut manifest = json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
            "config": describe(media_type::OCI_CONFIG, &config), "layers": layer_list});
        if let Some(subject) = subject {
            manifest["subject"] = json!(subject);
        }
        let blobs = std::iter::once(config).chain(layers.iter().cloned()).collect();
        let top = manifested(media_type::OCI_MANIFEST, manifest.to_string());
        Self { top, below: Vec::new(), blobs }
    }

    /// An index of images.
    pub(crate) fn index(images: &[Self]) -> Self {
        let children: Vec<_> = images.iter().map(|image| json!(image.top.descriptor)).collect();
        let index = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX,
            "manifests": children});
        let mut below: Vec<_> = images.iter().flat_map(|image| image.below.clone()).collect();
        below.extend(images.iter().map(|image| image.top.clone()));
        let blobs = images.iter().flat_map(|image| image.blobs.clone()).collect();
        Self { top: manifested(media_type::OCI_INDEX, index.to_string()), below, blobs }
    }

    /// Anything with its blobs.
    pub(crate) fn of(media_type: &str, manifest: &serde_json::Value, blobs: &[Bytes]) -> Self {
        let top = manifested(media_type, manifest.to_string());
        Self { top, below: Vec::new(), blobs: blobs.to_vec() }
    }

    pub(crate) fn digest(&self) -> Digest {
        self.top.descriptor.digest.clone()
    }
}

fn manifested(media_type: &str, text: String) -> Manifested {
    let bytes = Bytes::from(text);
    Manifested { descriptor: Descriptor::of_manifest(media_type, &bytes), bytes }
}
