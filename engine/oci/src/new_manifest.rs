//! Manifests and configs that the engine makes, by the builders of `oci-spec` (decision 0015). What
//! others made is never written by them: they would drop members that they do not know.

use crate::{Descriptor, Digest};
use oci_spec::OciSpecError;
use oci_spec::image::{
    Arch, Descriptor as Written, ImageConfiguration, ImageManifestBuilder, MediaType, Os,
    RootFsBuilder, SCHEMA_VERSION,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A manifest to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewManifest<'a> {
    /// The config.
    pub config: &'a Descriptor,
    /// The layers, lowest first.
    pub layers: &'a [Descriptor],
    /// The manifest that this one refers to.
    pub subject: Option<&'a Descriptor>,
    /// What kind of artifact it is.
    pub artifact_type: Option<&'a str>,
    /// Free text, by key.
    pub annotations: &'a BTreeMap<String, String>,
}

/// A document could not be made. There is no input that leads to it: this is a defect.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be made: {0}")]
pub struct NewManifestFault(String);

impl From<OciSpecError> for NewManifestFault {
    fn from(fault: OciSpecError) -> Self {
        Self(fault.to_string())
    }
}

impl From<serde_json::Error> for NewManifestFault {
    fn from(fault: serde_json::Error) -> Self {
        Self(fault.to_string())
    }
}

impl NewManifest<'_> {
    /// The bytes, of media type [`OCI_MANIFEST`](crate::media_type::OCI_MANIFEST). The same parts
    /// give the same bytes, and so the same digest.
    ///
    /// # Errors
    ///
    /// [`NewManifestFault`], which is a defect.
    pub fn bytes(&self) -> Result<Vec<u8>, NewManifestFault> {
        let layers: Result<Vec<_>, _> = self.layers.iter().map(written).collect();
        let mut manifest = ImageManifestBuilder::default()
            .schema_version(SCHEMA_VERSION)
            .media_type(MediaType::ImageManifest)
            .config(written(self.config)?)
            .layers(layers?);
        if let Some(kind) = self.artifact_type {
            manifest = manifest.artifact_type(MediaType::from(kind));
        }
        if let Some(subject) = self.subject {
            manifest = manifest.subject(written(subject)?);
        }
        if !self.annotations.is_empty() {
            let annotations =
                self.annotations.iter().map(|(key, value)| (key.clone(), value.clone()));
            manifest =
                manifest.annotations(annotations.collect::<std::collections::HashMap<_, _>>());
        }
        in_order(&manifest.build()?)
    }
}

/// The config beside attached content, which belongs to no platform and is not compressed: the digests
/// of its layers are those of their content.
///
/// # Errors
///
/// [`NewManifestFault`], which is a defect.
pub fn attachment_config(layers: &[&Digest]) -> Result<Vec<u8>, NewManifestFault> {
    let diff_ids: Vec<String> = layers.iter().map(ToString::to_string).collect();
    let mut config = ImageConfiguration::default();
    config.set_architecture(Arch::Other(String::new()));
    config.set_os(Os::Other(String::new()));
    config.set_rootfs(RootFsBuilder::default().typ("layers").diff_ids(diff_ids).build()?);
    in_order(&config)
}

fn written(descriptor: &Descriptor) -> Result<Written, NewManifestFault> {
    Ok(serde_json::from_value(serde_json::to_value(descriptor)?)?)
}

/// The bytes of a document. `oci-spec` keeps annotations in a map without an order, so that two
/// runs would write two digests: they are sorted.
fn in_order(document: &impl Serialize) -> Result<Vec<u8>, NewManifestFault> {
    let mut value = serde_json::to_value(document)?;
    sort_annotations(&mut value);
    Ok(serde_json::to_vec(&value)?)
}

fn sort_annotations(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Object(annotations) if name == "annotations" => {
                        let sorted: BTreeMap<_, _> =
                            std::mem::take(annotations).into_iter().collect();
                        *annotations = Map::from_iter(sorted);
                    }
                    other => sort_annotations(other),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(sort_annotations),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Manifest, media_type};

    #[test]
    fn the_same_parts_give_the_same_bytes_which_are_read_back() {
        let annotations: BTreeMap<_, _> =
            (0..20).map(|at| (format!("key-{at:02}"), "x".to_owned())).collect();
        let config = Descriptor::new(media_type::OCI_EMPTY, Digest::of(b"{}"), 2);
        let layer = Descriptor { annotations: annotations.clone(), ..config.clone() };
        let subject = Descriptor::new(media_type::OCI_INDEX, Digest::of(b"index"), 5);
        let new = NewManifest {
            config: &config,
            layers: std::slice::from_ref(&layer),
            subject: Some(&subject),
            artifact_type: Some("application/vnd.example"),
            annotations: &annotations,
        };
        let bytes = new.bytes().unwrap();
        for _ in 0..10 {
            assert_eq!(new.bytes().unwrap(), bytes);
        }
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with(r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.example","config":{"#), "{text}");
        let read = Manifest::parse("", &bytes).unwrap();
        assert_eq!(
            read.blobs().first().map(|blob| blob.digest.clone()),
            Some(config.digest.clone())
        );
        assert_eq!((read.subject, read.annotations), (Some(subject), annotations));
        assert_eq!(read.artifact_type.as_deref(), Some("application/vnd.example"));
    }

    #[test]
    fn a_manifest_without_extras_has_four_members() {
        let config = Descriptor::new(media_type::OCI_CONFIG, Digest::of(b"c"), 1);
        let (layers, annotations) = ([config.clone()], BTreeMap::new());
        let new = NewManifest {
            config: &config,
            layers: &layers,
            subject: None,
            artifact_type: None,
            annotations: &annotations,
        };
        let value: Value = serde_json::from_slice(&new.bytes().unwrap()).unwrap();
        let members: Vec<&String> = value.as_object().unwrap().keys().collect();
        assert_eq!(members, ["schemaVersion", "mediaType", "config", "layers"]);
    }

    #[test]
    fn the_config_of_attached_content_names_no_platform() {
        let digest = Digest::of(b"signature");
        let config = String::from_utf8(attachment_config(&[&digest]).unwrap()).unwrap();
        let expected = format!(
            r#"{{"architecture":"","os":"","rootfs":{{"type":"layers","diff_ids":["{digest}"]}}}}"#
        );
        assert_eq!(config, expected);
    }

    #[test]
    fn media_types_are_those_of_the_specification() {
        for (ours, theirs) in [
            (media_type::OCI_MANIFEST, MediaType::ImageManifest),
            (media_type::OCI_INDEX, MediaType::ImageIndex),
            (media_type::OCI_CONFIG, MediaType::ImageConfig),
            (media_type::OCI_EMPTY, MediaType::EmptyJSON),
        ] {
            assert_eq!(ours, theirs.to_string());
        }
    }
}
