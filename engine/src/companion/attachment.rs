//! Attachments: manifests under tags such as `sha256-<hex>.sig`, with one layer for each signature
//! or attestation. Several writers share such a tag, so what one adds must not cost another's.
//!
//! Source: cosign's "signature spec", storage; containers/image writes the same layout.

use crate::oci::{
    Descriptor, Digest, MAX_MANIFEST_BYTES, Manifest, ManifestFault, NewManifestFault, Shape,
    attachment_config, media_type,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Two attachments as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Merged {
    /// The manifest; its media type is [`media_type::OCI_MANIFEST`].
    pub manifest: Vec<u8>,
    /// The config that it names, which is new.
    pub config: Vec<u8>,
}

/// Why two attachments cannot become one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MergeFault {
    /// One is not a manifest at all.
    #[error(transparent)]
    Manifest(#[from] ManifestFault),
    /// One is something else, such as an index.
    #[error("`{0}` does not hold signatures: only a manifest with an image's config does")]
    Other(String),
    /// The config of both could not be made, which is a defect.
    #[error(transparent)]
    Config(#[from] NewManifestFault),
    /// The two have more than fits into a manifest.
    #[error("the entries of both are more than {MAX_MANIFEST_BYTES} bytes")]
    TooLarge,
}

/// Adds the entries of `source` that `destination` lacks. Gives `None` where it lacks none.
///
/// Entries are the same when media type, digest, size and annotations are. The destination's
/// entries stay first and in their order; its members win over the source's, and unknown ones of
/// both stay. The config is made anew, with the digests of all layers: attached content is not
/// compressed. Some signers write Docker's media types; what comes of both is OCI's in any case.
///
/// # Errors
///
/// [`MergeFault`] when one of them is not an attachment, or both are too large together.
pub(crate) fn merge(destination: &[u8], source: &[u8]) -> Result<Option<Merged>, MergeFault> {
    let (there, here) = (Attachment::read(destination)?, Attachment::read(source)?);
    let mut known: BTreeSet<Entry<'_>> = there.described.iter().map(entry).collect();
    let mut layers = there.layers;
    let mut digests: Vec<&Digest> = there.described.iter().map(|layer| &layer.digest).collect();
    let before = layers.len();
    for (layer, written) in here.described.iter().zip(here.layers) {
        if known.insert(entry(layer)) {
            layers.push(written);
            digests.push(&layer.digest);
        }
    }
    if layers.len() == before {
        return Ok(None);
    }
    let config = attachment_config(&digests)?;
    let described =
        Descriptor::new(media_type::OCI_CONFIG, Digest::of(&config), config.len() as u64);
    let mut merged = there.members;
    for (member, value) in here.members {
        merged.entry(member).or_insert(value);
    }
    merged.insert("mediaType".to_owned(), json!(media_type::OCI_MANIFEST));
    merged.insert("config".to_owned(), json!(described));
    merged.insert("layers".to_owned(), Value::Array(layers));
    let manifest = Value::Object(merged).to_string().into_bytes();
    if manifest.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(MergeFault::TooLarge);
    }
    Ok(Some(Merged { manifest, config }))
}

/// What makes an entry another one.
type Entry<'a> = (&'a str, &'a Digest, u64, &'a BTreeMap<String, String>);

fn entry(layer: &Descriptor) -> Entry<'_> {
    (&layer.media_type, &layer.digest, layer.size, &layer.annotations)
}

struct Attachment {
    /// All members of the manifest; the layers are taken out.
    members: Map<String, Value>,
    /// The layers as they were written.
    layers: Vec<Value>,
    /// The same as they are read.
    described: Vec<Descriptor>,
}

impl Attachment {
    fn read(bytes: &[u8]) -> Result<Self, MergeFault> {
        let Manifest { media_type, shape, .. } = Manifest::parse("", bytes)?;
        let described = match shape {
            Shape::Image { config, layers } if holds_entries(&media_type, &config.media_type) => {
                layers
            }
            _ => return Err(MergeFault::Other(media_type)),
        };
        let Ok(Value::Object(mut members)) = serde_json::from_slice(bytes) else {
            return Err(MergeFault::Other(media_type));
        };
        let layers = match members.get_mut("layers").map(Value::take) {
            Some(Value::Array(layers)) => layers,
            _ => Vec::new(),
        };
        Ok(Self { members, layers, described })
    }
}

/// Whether a manifest with such a config is an image, in OCI's types or in Docker's.
fn holds_entries(manifest: &str, config: &str) -> bool {
    let dialects = [
        (media_type::OCI_MANIFEST, media_type::OCI_CONFIG),
        (media_type::DOCKER_MANIFEST, media_type::DOCKER_CONFIG),
        // As signers mix them.
        (media_type::DOCKER_MANIFEST, media_type::OCI_CONFIG),
        (media_type::OCI_MANIFEST, media_type::DOCKER_CONFIG),
    ];
    dialects.contains(&(manifest, config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str) -> Value {
        json!({"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
            "digest": Digest::of(name.as_bytes()), "size": name.len(),
            "annotations": {"dev.cosignproject.cosign/signature": name}, "x-own": name})
    }

    fn attachment(layers: &[Value], more: &str) -> Vec<u8> {
        let config = Descriptor::new(media_type::OCI_CONFIG, Digest::of(b"old"), 3);
        let mut manifest = json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
            "config": config, "layers": layers});
        manifest[more] = json!(more);
        manifest.to_string().into_bytes()
    }

    #[test]
    fn all_entries_of_both_stay() {
        let there = attachment(&[layer("a"), layer("b")], "x-there");
        let here = attachment(&[layer("b"), layer("c")], "x-here");
        let merged = merge(&there, &here).unwrap().unwrap();
        let manifest: Value = serde_json::from_slice(&merged.manifest).unwrap();
        assert_eq!(manifest["layers"], json!([layer("a"), layer("b"), layer("c")]));
        assert_eq!(
            (&manifest["x-there"], &manifest["x-here"]),
            (&"x-there".into(), &"x-here".into())
        );
        let Shape::Image { config, layers } = Manifest::parse("", &merged.manifest).unwrap().shape
        else {
            panic!("not an image")
        };
        assert!(config.digest.matches(&merged.config));
        assert_eq!(config.size, merged.config.len() as u64);
        let config: Value = serde_json::from_slice(&merged.config).unwrap();
        let digests: Vec<_> = layers.iter().map(|layer| layer.digest.to_string()).collect();
        assert_eq!(config["rootfs"]["diff_ids"], json!(digests));
        assert_eq!(merge(&merged.manifest, &here).unwrap(), None, "nothing is added twice");
        assert_eq!(merge(&merged.manifest, &there).unwrap(), None);
    }

    #[test]
    fn another_signature_of_the_same_payload_is_another_entry() {
        let mut again = layer("a");
        again["annotations"] = json!({"dev.cosignproject.cosign/signature": "again"});
        let (there, here) = (attachment(&[layer("a")], "x"), attachment(&[again], "x"));
        let merged = merge(&there, &here).unwrap().unwrap();
        let layers = Manifest::parse("", &merged.manifest).unwrap().shape;
        assert!(matches!(layers, Shape::Image { layers, .. } if layers.len() == 2));
    }

    #[test]
    fn entries_of_dockers_types_stay_too() {
        let docker = |layers: &[Value]| {
            let text = String::from_utf8(attachment(layers, "x")).unwrap();
            let text = text.replace(media_type::OCI_MANIFEST, media_type::DOCKER_MANIFEST);
            text.replace(media_type::OCI_CONFIG, media_type::DOCKER_CONFIG).into_bytes()
        };
        let oci = |layers: &[Value]| attachment(layers, "x");
        for (there, here) in [
            (docker(&[layer("a")]), oci(&[layer("b")])),
            (oci(&[layer("a")]), docker(&[layer("b")])),
            (docker(&[layer("a")]), docker(&[layer("b")])),
        ] {
            let merged = merge(&there, &here).unwrap().unwrap().manifest;
            let value: Value = serde_json::from_slice(&merged).unwrap();
            assert_eq!(value["layers"], json!([layer("a"), layer("b")]));
            assert_eq!(value["mediaType"], media_type::OCI_MANIFEST);
            assert_eq!(value["config"]["mediaType"], media_type::OCI_CONFIG);
            assert_eq!(merge(&merged, &here).unwrap(), None, "nothing is added twice");
        }
    }

    #[test]
    fn what_is_no_attachment_is_refused() {
        let good = attachment(&[layer("a")], "x");
        let index = json!({"schemaVersion": 2, "manifests": []}).to_string();
        let chart = String::from_utf8(good.clone()).unwrap();
        let chart = chart.replace(media_type::OCI_CONFIG, "application/vnd.helm.config+json");
        for other in [index.as_bytes(), chart.as_bytes()] {
            assert!(matches!(merge(&good, other), Err(MergeFault::Other(_))));
            assert!(matches!(merge(other, &good), Err(MergeFault::Other(_))));
        }
        assert!(matches!(merge(&good, b"no"), Err(MergeFault::Manifest(_))));
        let many = |start: usize| {
            let mut large = layer("a");
            large["annotations"] = json!({"x": format!("{start}").repeat(3 << 20)});
            attachment(&[large], "x")
        };
        assert!(matches!(merge(&many(1), &many(2)), Err(MergeFault::TooLarge)));
    }
}
