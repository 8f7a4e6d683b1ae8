//! One small image for each repository.

use engine_plugin_sdk::{Descriptor, Digest, Manifest};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// An honest image: a config and one layer.
pub struct Image {
    config: String,
    layer: String,
}

impl Image {
    /// The image of a repository; each has another layer.
    pub fn of(repository: &str) -> Self {
        let layer = format!("the layer of {repository}\n");
        let digest = Digest::of(layer.as_bytes());
        let config = format!(
            r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":["{digest}"]}}}}"#
        );
        Self { config, layer }
    }

    /// Its manifest.
    pub fn manifest(&self) -> Manifest {
        let config = described(CONFIG, &self.config);
        let layer = described(LAYER, &self.layer);
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{config},"layers":[{layer}]}}"#
        );
        let bytes = text.into_bytes();
        let size = bytes.len() as u64;
        Manifest { descriptor: Descriptor::new(MANIFEST, Digest::of(&bytes), size), bytes }
    }

    /// One of its two blobs.
    pub fn blob(&self, digest: &Digest) -> Option<Vec<u8>> {
        [&self.config, &self.layer]
            .into_iter()
            .find(|text| digest.matches(text.as_bytes()))
            .map(|text| text.clone().into_bytes())
    }

    /// The digest of its layer.
    pub fn layer(&self) -> Digest {
        Digest::of(self.layer.as_bytes())
    }
}

fn described(media_type: &str, text: &str) -> String {
    let (digest, size) = (Digest::of(text.as_bytes()), text.len());
    format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
}
