//! A made-up image: one layer, and the config and manifest that belong to it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The media type of a layer that is a plain tar file.
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
/// The media type of a manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// Bytes and what they are.
#[derive(Clone)]
pub struct Blob {
    pub media_type: &'static str,
    pub digest: String,
    pub bytes: Vec<u8>,
}

/// A layer, wherever its bytes are.
pub struct Layer {
    pub digest: String,
    pub size: u64,
}

/// The two documents of an image.
pub struct Image {
    pub config: Blob,
    pub manifest: Blob,
}

impl Image {
    /// An image of one layer for `linux/amd64`.
    pub fn of(layer: &Layer, labels: &Value) -> Self {
        let config = blob(
            CONFIG,
            &json!({
                "architecture": "amd64",
                "os": "linux",
                "config": {"Labels": labels},
                "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
            }),
        );
        let manifest = blob(
            MANIFEST,
            &json!({
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {"mediaType": CONFIG, "digest": config.digest, "size": config.bytes.len()},
                "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size}],
            }),
        );
        Self { config, manifest }
    }
}

/// `sha256:…` of some bytes.
pub fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn blob(media_type: &'static str, document: &Value) -> Blob {
    let bytes = document.to_string().into_bytes();
    Blob { media_type, digest: digest(&bytes), bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_the_config_and_the_layer() {
        let layer = Layer { digest: digest(b"tar"), size: 3 };
        let image = Image::of(&layer, &json!({"by": "me"}));
        let manifest: Value = serde_json::from_slice(&image.manifest.bytes).unwrap();
        assert_eq!(manifest["config"]["digest"], digest(&image.config.bytes));
        assert_eq!(manifest["layers"][0]["digest"], layer.digest);
    }
}
