//! The manifest that carries a signer's artifact in a registry.

use super::names::signature_tag;
use crate::oci::{
    Descriptor, Digest, NewManifest, NewManifestFault, attachment_config, media_type,
};
use crate::role::{ArtifactForm, Manifested};
use bytes::Bytes;
use std::collections::BTreeMap;

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
    ///
    /// # Errors
    ///
    /// [`NewManifestFault`], which is a defect.
    pub(crate) fn of(
        subject: &Descriptor,
        layer: &Descriptor,
        form: ArtifactForm,
    ) -> Result<Self, NewManifestFault> {
        let layers = std::slice::from_ref(layer);
        match form {
            ArtifactForm::Attachment => {
                let config = Bytes::from(attachment_config(&[&layer.digest])?);
                let config_type = media_type::OCI_CONFIG;
                let manifest = manifested(NewManifest {
                    config: &described(config_type, &config),
                    layers,
                    subject: None,
                    artifact_type: None,
                    annotations: &BTreeMap::new(),
                })?;
                let tag = Some(signature_tag(&subject.digest));
                Ok(Self { manifest, config_type, config, tag })
            }
            ArtifactForm::Referrer { artifact_type, annotations } => {
                let (config_type, config) = (media_type::OCI_EMPTY, Bytes::from_static(b"{}"));
                let Descriptor { media_type, digest, size, .. } = subject;
                let manifest = manifested(NewManifest {
                    config: &described(config_type, &config),
                    layers,
                    subject: Some(&Descriptor::new(media_type, digest.clone(), *size)),
                    artifact_type: artifact_type.as_deref(),
                    annotations: &annotations,
                })?;
                Ok(Self { manifest, config_type, config, tag: None })
            }
        }
    }
}

fn described(media_type: &str, bytes: &Bytes) -> Descriptor {
    Descriptor::new(media_type, Digest::of(bytes), bytes.len() as u64)
}

fn manifested(manifest: NewManifest<'_>) -> Result<Manifested, NewManifestFault> {
    Ok(Manifested::of(media_type::OCI_MANIFEST, manifest.bytes()?))
}
