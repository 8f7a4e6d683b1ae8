//! Descriptors: what content is, how large, and under which digest.

use crate::{Digest, Platform, media_type};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// The annotation by which an attestation names the child that it speaks of. Source: `BuildKit`'s
/// "Attestation storage".
pub(crate) const ATTESTS: &str = "vnd.docker.reference.digest";

/// A pointer to content. Source: image-spec 1.1, "OCI Content Descriptors".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The media type of the content.
    pub media_type: String,
    /// The digest of the content.
    pub digest: Digest,
    /// Bytes of the content.
    pub size: u64,
    /// What kind of artifact the content is, where it is a manifest of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Free text, by key.
    #[serde(default, deserialize_with = "annotations", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// The platform that a child of an index is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Other places of the content; they are never fetched from without being asked to.
    #[serde(default, deserialize_with = "urls", skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
}

/// Reads annotations as programs in Go do, which write `null` for an empty map or text.
pub(crate) fn annotations<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let read: Option<BTreeMap<String, Option<String>>> = Option::deserialize(value)?;
    let pairs = read.unwrap_or_default().into_iter();
    Ok(pairs.map(|(key, value)| (key, value.unwrap_or_default())).collect())
}

fn urls<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    let read: Option<Vec<String>> = Option::deserialize(value)?;
    Ok(read.unwrap_or_default())
}

impl Descriptor {
    /// A descriptor with the three compulsory members.
    pub fn new(media_type: impl Into<String>, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.into(),
            digest,
            size,
            artifact_type: None,
            annotations: BTreeMap::new(),
            platform: None,
            urls: Vec::new(),
        }
    }

    /// The descriptor of a manifest's exact bytes.
    pub fn of_manifest(media_type: impl Into<String>, bytes: &[u8]) -> Self {
        Self::new(media_type, Digest::of(bytes), bytes.len() as u64)
    }

    /// Whether the content is an index or a manifest list.
    pub fn is_index(&self) -> bool {
        media_type::is_index(&self.media_type)
    }

    /// Whether this is a build attestation that belongs to another child of its index.
    ///
    /// `BuildKit` writes these with the platform `unknown/unknown` and names the image that they
    /// speak of in an annotation.
    pub fn attests(&self) -> Option<Digest> {
        self.annotations.get(ATTESTS)?.parse().ok()
    }
}

/// A blob that a manifest needs: its config or a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The media type that the manifest gives.
    pub media_type: String,
    /// The digest of the bytes as they travel.
    pub digest: Digest,
    /// Bytes as they travel; unknown for the layers of a schema 1 manifest.
    pub size: Option<u64>,
    /// Other places, for layers that must not be distributed.
    pub urls: Vec<String>,
}

impl Blob {
    /// Whether the content may be absent from registries, as its manifest says where else it is.
    pub fn is_foreign(&self) -> bool {
        !self.urls.is_empty() && media_type::is_nondistributable(&self.media_type)
    }
}

impl From<&Descriptor> for Blob {
    fn from(descriptor: &Descriptor) -> Self {
        Self {
            media_type: descriptor.media_type.clone(),
            digest: descriptor.digest.clone(),
            size: Some(descriptor.size),
            urls: descriptor.urls.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_is_what_is_empty() {
        let plain = json!({"mediaType": "x/y", "digest": Digest::of(b"x"), "size": 1});
        let mut nulls = plain.clone();
        for member in ["annotations", "urls", "platform", "artifactType"] {
            nulls[member] = json!(null);
        }
        let read = |value| serde_json::from_value::<Descriptor>(value).unwrap();
        assert_eq!(read(nulls), read(plain.clone()));
        let mut annotated = plain;
        annotated["annotations"] = json!({"a": null, "b": "1"});
        let annotations = read(annotated).annotations;
        assert_eq!((annotations["a"].as_str(), annotations["b"].as_str()), ("", "1"));
    }
}
