//! Seeded images in an OCI layout.

use super::Seeded;
use engine_oci::Digest;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

impl Seeded {
    /// Writes everything into an OCI layout and names the top there; an existing layout keeps
    /// what it has.
    pub fn write_layout(&self, layout: &Path, name: &str) {
        let write = |digest: &Digest, bytes: &[u8]| {
            let folder = layout.join("blobs").join(digest.algorithm().name());
            fs::create_dir_all(&folder).expect("a folder for blobs");
            fs::write(folder.join(digest.hex()), bytes).expect("a blob");
        };
        for (digest, bytes) in &self.blobs {
            write(digest, bytes);
        }
        for sealed in &self.manifests {
            write(&sealed.digest, &sealed.bytes);
        }
        let path = layout.join("index.json");
        let mut index: Value = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).expect("an index that we wrote"),
            Err(_) => json!({"schemaVersion": 2, "manifests": []}),
        };
        let mut descriptor = self.descriptor();
        descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        index["manifests"].as_array_mut().expect("our index has a list").push(descriptor);
        fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
        fs::write(path, index.to_string()).expect("the index");
    }
}
