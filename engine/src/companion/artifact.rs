//! The manifest that carries a signer's artifact in a registry.

use super::attachment;
use super::names::signature_tag;
use crate::oci::{Descriptor, media_type};
use crate::role::{ArtifactForm, Manifested};
use bytes::Bytes;
use serde_json::{Value, json};

/// A manifest with one layer, the artifact. Its config is written before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carrier {
    /// The manifest.
    pub manifest: Manifested,
    /// The media type of its config.
    pub config_type: &'static str,
    /// The bytes of its config.
    pub config: Bytes,
    /// The tag that it stands under; `None` where it is found by its subject.
    pub tag: Option<String>,
}

impl Carrier {
    /// The manifest that carries `layer` for `subject` in this form.
    pub(crate) fn of(subject: &Descriptor, layer: &Descriptor, form: ArtifactForm) -> Self {
        match form {
            ArtifactForm::Attachment => {
                let config = Bytes::from(attachment::config(&[&json!(layer.digest)]));
                let config_type = media_type::OCI_CONFIG;
                let manifest = manifest(config_type, &config, layer);
                let tag = Some(signature_tag(&subject.digest));
                Self { manifest: manifested(&manifest), config_type, config, tag }
            }
            ArtifactForm::Referrer { artifact_type, annotations } => {
                let (config_type, config) = (media_type::OCI_EMPTY, Bytes::from_static(b"{}"));
                let mut manifest = manifest(config_type, &config, layer);
                let Descriptor { media_type, digest, size, .. } = subject;
                let subject = json!({"mediaType": media_type, "digest": digest, "size": size});
                if let Some(members) = manifest.as_object_mut() {
                    members.insert("subject".to_owned(), subject);
                    if let Some(kind) = artifact_type {
                        members.insert("artifactType".to_owned(), Value::String(kind));
                    }
                    if !annotations.is_empty() {
                        members.insert("annotations".to_owned(), json!(annotations));
                    }
                }
                Self { manifest: manifested(&manifest), config_type, config, tag: None }
            }
        }
    }
}

fn manifest(config_type: &str, config: &Bytes, layer: &Descriptor) -> Value {
    let digest = crate::oci::Digest::of(config);
    let config = Descriptor::new(config_type, digest, config.len() as u64);
    json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": config, "layers": [layer],
    })
}

fn manifested(manifest: &Value) -> Manifested {
    let bytes = manifest.to_string().into_bytes();
    let descriptor = Descriptor::of_manifest(media_type::OCI_MANIFEST, &bytes);
    Manifested { descriptor, bytes: bytes.into() }
}
