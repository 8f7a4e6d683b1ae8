//! What becomes of layers when they are compressed anew. Which ones are, follows from the manifest
//! alone; the bytes are made elsewhere.

use crate::edit::EditFault;
use crate::{Codec, Descriptor, Manifest, Shape, media_type};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the layers of an image are compressed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recipe {
    /// The codec that they shall have.
    pub codec: Codec,
    /// Its level.
    pub level: u32,
    /// Whether layers that have the codec already are compressed again.
    pub force: bool,
}

/// What is done to the bytes of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recompression {
    /// How it is compressed at the source; `None`: not at all.
    pub from: Option<Codec>,
    /// How it will be.
    pub to: Codec,
    /// The level.
    pub level: u32,
}

/// The layer types of OCI and of Docker: without compression, and with each codec.
const LAYER_TYPES: [[&str; 3]; 2] = [
    [
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
    ],
    [
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.diff.tar.zstd",
    ],
];
const CODECS: [Option<Codec>; 3] = [None, Some(Codec::Gzip), Some(Codec::Zstd)];

impl Recipe {
    /// What becomes of the layers of a manifest, in their order; `None`: it is kept as it is.
    ///
    /// Kept are layers that have the codec already (unless `force` says otherwise), those that only
    /// their publisher may distribute, encrypted ones, and all blobs of what is no image: artifacts,
    /// attestations, what refers to another manifest. An index has no layers.
    ///
    /// # Errors
    ///
    /// [`EditFault::NoZstd`] where a layer of a Docker manifest would have to be zstd;
    /// [`EditFault::Schema1`] where a layer of a schema 1 manifest would have to change.
    pub fn of(&self, manifest: &Manifest) -> Result<Vec<Option<Recompression>>, EditFault> {
        let layers = match &manifest.shape {
            Shape::Index(_) => return Ok(Vec::new()),
            Shape::Artifact(blobs) => return Ok(vec![None; blobs.len()]),
            Shape::Schema1(_) if self.force || self.codec == Codec::Zstd => {
                return Err(EditFault::Schema1);
            }
            Shape::Schema1(layers) => return Ok(vec![None; layers.len()]),
            Shape::Image { config, layers } if is_image(manifest, config) => layers,
            Shape::Image { layers, .. } => return Ok(vec![None; layers.len()]),
        };
        let of_layer = |layer: &Descriptor| {
            let Some(Archive { codec: from }) = archive(&layer.media_type) else { return Ok(None) };
            if from == Some(self.codec) && !self.force {
                return Ok(None);
            }
            if self.codec == Codec::Zstd && media_type::is_docker(&manifest.media_type) {
                return Err(EditFault::NoZstd(manifest.media_type.clone()));
            }
            Ok(Some(Recompression { from, to: self.codec, level: self.level }))
        };
        layers.iter().map(of_layer).collect()
    }
}

impl Recompression {
    /// The media type of the layer that comes out, in a manifest of this type.
    pub fn media_type(&self, manifest: &str) -> &'static str {
        let [oci, docker] = LAYER_TYPES;
        let [_, gzip, zstd] = if media_type::is_docker(manifest) { docker } else { oci };
        match self.to {
            Codec::Gzip => gzip,
            Codec::Zstd => zstd,
        }
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { codec, level, force } = self;
        let forced = if *force { ", also what is so already" } else { "" };
        write!(f, "layers compressed with {codec} at level {level}{forced}")
    }
}

/// Whether a manifest is an image, with layers that are archives of files.
fn is_image(manifest: &Manifest, config: &Descriptor) -> bool {
    let config = config.media_type.as_str();
    matches!(config, media_type::OCI_CONFIG | media_type::DOCKER_CONFIG)
        && manifest.artifact_type.is_none()
        && manifest.subject.is_none()
}

/// What a layer's media type says of its archive.
struct Archive {
    /// How it is compressed, if it is.
    codec: Option<Codec>,
}

/// The archive of a layer of this type; `None` where the type is of no layer that is known.
fn archive(media_type: &str) -> Option<Archive> {
    LAYER_TYPES.iter().find_map(|types| {
        let mut known = types.iter().zip(CODECS);
        known.find(|(known, _)| **known == media_type).map(|(_, codec)| Archive { codec })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;
    use serde_json::json;

    const GZIP: Recipe = Recipe { codec: Codec::Gzip, level: 1, force: false };
    const ZSTD: Recipe = Recipe { codec: Codec::Zstd, level: 3, force: false };

    fn manifest(media_type: &str, config: &str, layers: &[&str]) -> Manifest {
        let describe =
            |kind: &str| json!({"mediaType": kind, "digest": Digest::of(b"x"), "size": 1});
        let layers: Vec<_> = layers.iter().map(|kind| describe(kind)).collect();
        let text = json!({"schemaVersion": 2, "mediaType": media_type, "config": describe(config),
            "layers": layers});
        Manifest::parse("", text.to_string().as_bytes()).unwrap()
    }

    fn oci(layers: &[&str]) -> Manifest {
        manifest(media_type::OCI_MANIFEST, media_type::OCI_CONFIG, layers)
    }

    /// What each layer is made from: `stays`, `plain`, `gzip` or `zstd`.
    fn froms(recipe: Recipe, manifest: &Manifest) -> Vec<&'static str> {
        let from = |one: Option<Recompression>| match one {
            None => "stays",
            Some(recompression) => recompression.from.map_or("plain", Codec::name),
        };
        recipe.of(manifest).unwrap().into_iter().map(from).collect()
    }

    #[test]
    fn layers_with_another_codec_change_and_others_stay() {
        let [[plain, gzip, zstd], _] = LAYER_TYPES;
        let foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
        let image = oci(&[plain, gzip, zstd, foreign, &format!("{gzip}+encrypted")]);
        assert_eq!(froms(GZIP, &image), ["plain", "stays", "zstd", "stays", "stays"]);
        assert_eq!(froms(ZSTD, &image), ["plain", "gzip", "stays", "stays", "stays"]);
        let forced = Recipe { force: true, ..GZIP };
        assert_eq!(froms(forced, &image), ["plain", "gzip", "zstd", "stays", "stays"]);
    }

    #[test]
    fn what_is_no_image_stays() {
        let [[_, gzip, _], _] = LAYER_TYPES;
        let chart = manifest(media_type::OCI_MANIFEST, "application/vnd.helm.config+json", &[gzip]);
        assert_eq!(froms(ZSTD, &chart), ["stays"]);
        let artifact = Manifest { artifact_type: Some("text/x".to_owned()), ..oci(&[gzip]) };
        assert_eq!(froms(ZSTD, &artifact), ["stays"]);
        let subject = Some(Descriptor::new(media_type::OCI_MANIFEST, Digest::of(b"s"), 1));
        assert_eq!(froms(ZSTD, &Manifest { subject, ..oci(&[gzip]) }), ["stays"]);
        let attestation = oci(&["application/vnd.in-toto+json"]);
        assert_eq!(froms(ZSTD, &attestation), ["stays"]);
        let index = Manifest { shape: Shape::Index(Vec::new()), ..oci(&[]) };
        assert!(froms(ZSTD, &index).is_empty());
    }

    #[test]
    fn docker_knows_gzip_only() {
        let [_, [plain, gzip, zstd]] = LAYER_TYPES;
        let docker = |layers: &[&str]| {
            manifest(media_type::DOCKER_MANIFEST, media_type::DOCKER_CONFIG, layers)
        };
        let image = docker(&[plain, zstd]);
        let recompressions = GZIP.of(&image).unwrap();
        assert!(
            recompressions.iter().all(|one| one.unwrap().media_type(&image.media_type) == gzip)
        );
        assert!(matches!(ZSTD.of(&image), Err(EditFault::NoZstd(_))));
        // An OCI manifest over Docker's layers names the new ones by its own types.
        let mixed = manifest(media_type::OCI_MANIFEST, media_type::DOCKER_CONFIG, &[gzip]);
        let recompression = ZSTD.of(&mixed).unwrap()[0].unwrap();
        assert_eq!(recompression.media_type(&mixed.media_type), LAYER_TYPES[0][2]);
        let schema1 = Manifest { shape: Shape::Schema1(vec![Digest::of(b"l")]), ..oci(&[]) };
        assert_eq!(froms(GZIP, &schema1), ["stays"]);
        for recipe in [ZSTD, Recipe { force: true, ..GZIP }] {
            assert!(matches!(recipe.of(&schema1), Err(EditFault::Schema1)));
        }
    }
}
