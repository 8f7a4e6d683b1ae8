//! Manifests as the engine reads them: what a manifest needs, whatever its dialect.

use crate::descriptor::annotations;
use crate::{Blob, Descriptor, Digest, media_type, one_reading};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// What was read from the bytes of a manifest or an index. The bytes themselves stay as they are:
/// nothing is ever written back from this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The media type, from the bytes where they say it.
    pub media_type: String,
    /// What kind of artifact it is, if it says so.
    pub artifact_type: Option<String>,
    /// The manifest that this one refers to, such as the image that a signature is for.
    pub subject: Option<Descriptor>,
    /// Free text, by key.
    pub annotations: BTreeMap<String, String>,
    /// What it holds.
    pub shape: Shape,
}

/// What a manifest holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a manifest is read once and not kept in lists")]
pub enum Shape {
    /// An image, or an artifact in the shape of one.
    Image {
        /// The config.
        config: Descriptor,
        /// The layers, lowest first.
        layers: Vec<Descriptor>,
    },
    /// An index: what it lists. Most of them are manifests, indexes among them; build caches and other
    /// artifacts list blobs too.
    Index(Vec<Descriptor>),
    /// An artifact without a config, as image-spec 1.1 had it before its release: its blobs.
    Artifact(Vec<Descriptor>),
    /// Docker's schema 1: layers without sizes, top first, with repetitions.
    Schema1(Vec<Digest>),
}

/// Why bytes are not a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// The bytes are not JSON of the right shape.
    #[error("the manifest is not readable as `{media_type}`")]
    Malformed {
        /// The media type that was tried.
        media_type: String,
        /// What the JSON reader said.
        source: serde_json::Error,
    },
    /// The document can be read as an image and as an index: somebody wants two readers to see
    /// two different things (CVE-2021-41190).
    #[error("the manifest mixes the members of an image and of an index")]
    Ambiguous,
    /// The media type is none that the engine knows, and the content does not tell.
    #[error("`{0}` is not the media type of a manifest")]
    Unknown(String),
}

/// The members that tell the dialects apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    media_type: Option<String>,
    schema_version: Option<u32>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    #[serde(default)]
    manifests: Listed,
    fs_layers: Option<Vec<FsLayer>>,
    blobs: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    #[serde(default, deserialize_with = "annotations")]
    annotations: BTreeMap<String, String>,
}

/// The list of an index.
#[derive(Default)]
enum Listed {
    #[default]
    Absent,
    /// Programs in Go write an empty list so.
    Null,
    List(Vec<Descriptor>),
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(value)?.map_or(Self::Null, Self::List))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FsLayer {
    blob_sum: Digest,
}

impl Manifest {
    /// Reads a manifest. `declared` is what the registry's header or a descriptor said; the
    /// bytes' own `mediaType` wins, as it is what the digest covers.
    pub fn parse(declared: &str, bytes: &[u8]) -> Result<Self, ManifestFault> {
        let mut outline: Outline =
            one_reading::read(bytes, &one_reading::MANIFEST).map_err(|source| {
                ManifestFault::Malformed { media_type: declared.to_owned(), source }
            })?;
        let image = outline.config.is_some() || outline.layers.is_some();
        let is_other = image || outline.fs_layers.is_some();
        let manifests = match std::mem::take(&mut outline.manifests) {
            Listed::List(_) if is_other => return Err(ManifestFault::Ambiguous),
            Listed::List(list) => Some(list),
            Listed::Null if !is_other => Some(Vec::new()),
            // Beside the members of an image it is none.
            Listed::Null | Listed::Absent => None,
        };
        let media_type = outline.dialect(declared, manifests.is_some());
        let shape = match (manifests, outline.config, outline.fs_layers) {
            (Some(children), _, _) if media_type::is_index(&media_type) => Shape::Index(children),
            (_, Some(config), _)
                if media_type::is_manifest(&media_type) && !media_type::is_index(&media_type) =>
            {
                Shape::Image { config, layers: outline.layers.unwrap_or_default() }
            }
            (_, _, Some(layers)) if media_type::is_schema1(&media_type) => {
                Shape::Schema1(layers.into_iter().map(|layer| layer.blob_sum).collect())
            }
            (None, None, None) if media_type == media_type::OCI_ARTIFACT => {
                Shape::Artifact(outline.blobs.unwrap_or_default())
            }
            _ => return Err(ManifestFault::Unknown(media_type)),
        };
        Ok(Self {
            media_type,
            artifact_type: outline.artifact_type,
            subject: outline.subject,
            annotations: outline.annotations,
            shape,
        })
    }

    /// The blobs that must exist before this manifest may: config first, each digest once.
    pub fn blobs(&self) -> Vec<Blob> {
        let mut blobs: Vec<Blob> = match &self.shape {
            Shape::Image { config, layers } => {
                std::iter::once(config).chain(layers).map(Blob::from).collect()
            }
            Shape::Index(entries) => {
                entries.iter().filter(|entry| is_blob(entry)).map(Blob::from).collect()
            }
            Shape::Artifact(blobs) => blobs.iter().map(Blob::from).collect(),
            Shape::Schema1(layers) => layers
                .iter()
                .map(|digest| Blob {
                    media_type: "application/octet-stream".to_owned(),
                    digest: digest.clone(),
                    size: None,
                    urls: Vec::new(),
                })
                .collect(),
        };
        let mut seen = std::collections::BTreeSet::new();
        blobs.retain(|blob| seen.insert(blob.digest.clone()));
        blobs
    }

    /// What an index lists.
    pub fn entries(&self) -> &[Descriptor] {
        match &self.shape {
            Shape::Index(entries) => entries,
            _ => &[],
        }
    }

    /// The manifests that must exist before this index may.
    pub fn children(&self) -> impl Iterator<Item = &Descriptor> {
        self.entries().iter().filter(|entry| !is_blob(entry))
    }

    /// Whether this is an index or a manifest list.
    pub fn is_index(&self) -> bool {
        matches!(self.shape, Shape::Index(_))
    }
}

/// Whether an entry of an index is a blob, by its media type. Source: image-spec 1.1, "OCI Image Index": other media
/// types than those of manifests may stand there. What is called a manifest or an index is taken for one.
fn is_blob(entry: &Descriptor) -> bool {
    let kind = entry.media_type.as_str();
    let is_named = kind.is_empty() || kind.contains("manifest") || kind.contains("index");
    !media_type::is_manifest(kind) && !is_named
}

impl Outline {
    /// The media type: the bytes' own, else what was declared, else what the members look like.
    fn dialect(&self, declared: &str, is_index: bool) -> String {
        let known = |text: &&str| media_type::is_manifest(text);
        if let Some(own) = self.media_type.as_deref().filter(known) {
            return own.to_owned();
        }
        if self.schema_version == Some(1) {
            return media_type::DOCKER_SCHEMA1_SIGNED.to_owned();
        }
        if let Some(declared) = Some(declared).filter(known) {
            return declared.to_owned();
        }
        match (is_index, &self.config) {
            (true, _) => media_type::OCI_INDEX.to_owned(),
            (_, Some(config)) if config.media_type == media_type::DOCKER_CONFIG => {
                media_type::DOCKER_MANIFEST.to_owned()
            }
            (_, Some(_)) => media_type::OCI_MANIFEST.to_owned(),
            _ => self.media_type.clone().unwrap_or_else(|| declared.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn descriptor(media_type: &str) -> serde_json::Value {
        json!({"mediaType": media_type, "digest": Digest::of(b"x"), "size": 1})
    }

    fn parse(declared: &str, value: &serde_json::Value) -> Result<Manifest, ManifestFault> {
        Manifest::parse(declared, value.to_string().as_bytes())
    }

    #[test]
    fn reads_images_and_indexes() {
        let layer = descriptor("application/vnd.oci.image.layer.v1.tar+gzip");
        let image = json!({"schemaVersion": 2, "config": descriptor(media_type::OCI_CONFIG),
            "layers": [layer, layer], "annotations": null});
        let image = parse("", &image).unwrap();
        assert_eq!(image.media_type, media_type::OCI_MANIFEST);
        assert_eq!(image.blobs().len(), 1, "config and layers share one digest here");
        let list = json!({"schemaVersion": 2, "mediaType": media_type::DOCKER_LIST,
            "manifests": [descriptor(media_type::DOCKER_MANIFEST)]});
        let list = parse(media_type::OCI_INDEX, &list).unwrap();
        assert_eq!(list.media_type, media_type::DOCKER_LIST, "the bytes win over the header");
        assert_eq!(list.children().count(), 1);
    }

    #[test]
    fn an_index_may_list_blobs() {
        let kinds = [
            media_type::OCI_MANIFEST,
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.buildkit.cacheconfig.v0",
            "application/vnd.oci.artifact.manifest.v1+json",
        ];
        let entries = kinds.map(|kind| {
            let digest = Digest::of(kind.as_bytes());
            json!({"mediaType": kind, "digest": digest, "size": 1})
        });
        let index = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX,
            "manifests": entries});
        let index = parse("", &index).unwrap();
        let blobs: Vec<_> = index.blobs().into_iter().map(|blob| blob.media_type).collect();
        assert_eq!(blobs, kinds[1..3]);
        let children: Vec<_> = index.children().map(|child| &child.media_type).collect();
        assert_eq!(children, [kinds[0], kinds[3]]);
        assert_eq!(index.entries().len(), 4);
    }

    #[test]
    fn an_artifact_without_a_config_has_blobs() {
        let artifact = json!({"mediaType": media_type::OCI_ARTIFACT, "artifactType": "a/b",
            "blobs": [descriptor("text/plain")], "subject": descriptor(media_type::OCI_MANIFEST)});
        let artifact = parse("", &artifact).unwrap();
        assert_eq!((artifact.blobs().len(), artifact.children().count()), (1, 0));
        assert!(artifact.subject.is_some() && artifact.artifact_type.as_deref() == Some("a/b"));
        let empty = json!({"mediaType": media_type::OCI_ARTIFACT, "blobs": null});
        assert_eq!(parse("", &empty).unwrap().shape, Shape::Artifact(Vec::new()));
        let image = json!({"mediaType": media_type::OCI_MANIFEST, "blobs": []});
        assert!(matches!(parse("", &image), Err(ManifestFault::Unknown(_))));
    }

    #[test]
    fn null_is_an_empty_list_of_an_index() {
        for kind in [media_type::OCI_INDEX, media_type::DOCKER_LIST] {
            let index = json!({"schemaVersion": 2, "mediaType": kind, "manifests": null});
            assert_eq!(parse("", &index).unwrap().shape, Shape::Index(Vec::new()), "{kind}");
        }
        let image = json!({"schemaVersion": 2, "config": descriptor(media_type::OCI_CONFIG),
            "layers": [], "manifests": null});
        assert!(matches!(parse("", &image).unwrap().shape, Shape::Image { .. }));
    }

    #[test]
    fn refuses_two_faces() {
        let both = json!({"schemaVersion": 2, "config": descriptor(media_type::OCI_CONFIG),
            "layers": [], "manifests": []});
        assert!(matches!(parse(media_type::OCI_INDEX, &both), Err(ManifestFault::Ambiguous)));
        let wrong = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX,
            "config": descriptor(media_type::OCI_CONFIG)});
        assert!(matches!(parse("", &wrong), Err(ManifestFault::Unknown(_))));
        assert!(matches!(parse("", &json!({})), Err(ManifestFault::Unknown(_))));
        assert!(matches!(parse("", &json!([])), Err(ManifestFault::Malformed { .. })));
    }
}
