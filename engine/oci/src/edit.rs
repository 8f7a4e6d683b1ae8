//! Edits of manifests: the JSON value changes, unknown members and their order stay.
//!
//! An edit gives new bytes and so a new digest; it never touches what a digest covers in place.

use crate::descriptor::ATTESTS;
use crate::{Descriptor, Digest, Platform, media_type};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Why a manifest could not be edited.
#[derive(Debug, thiserror::Error)]
pub enum EditFault {
    /// The bytes are not a JSON object.
    #[error("the manifest is not a JSON object")]
    NotAnObject,
    /// Docker's media types have no annotations.
    #[error("`{0}` cannot carry annotations: only OCI manifests and indexes can")]
    NoAnnotations(String),
    /// The manifest is not an index, so there is nothing to cut.
    #[error("`{0}` is not an index")]
    NotAnIndex(String),
    /// Docker's media types have no layers that are zstd.
    #[error("`{0}` cannot name a layer that is zstd: only OCI manifests can")]
    NoZstd(String),
    /// A schema 1 manifest covers its layers by a signature of its own.
    #[error("a schema 1 manifest cannot take layers that are compressed anew")]
    Schema1,
    /// No child of the index is for a wanted platform.
    #[error("the index has none of the platforms {wanted}; it has {present}")]
    NothingLeft {
        /// What was asked for.
        wanted: String,
        /// What there is.
        present: String,
    },
}

/// Sets and removes annotations on the manifest itself.
pub fn annotate(
    media_type: &str,
    bytes: &[u8],
    set: &BTreeMap<String, String>,
    remove: &BTreeSet<String>,
) -> Result<Vec<u8>, EditFault> {
    if !matches!(media_type, media_type::OCI_MANIFEST | media_type::OCI_INDEX) {
        return Err(EditFault::NoAnnotations(media_type.to_owned()));
    }
    let mut manifest = object(bytes)?;
    let mut annotations = match manifest.get("annotations") {
        Some(Value::Object(annotations)) => annotations.clone(),
        _ => Map::new(),
    };
    annotations.retain(|key, _| !remove.contains(key));
    for (key, value) in set {
        annotations.insert(key.clone(), Value::String(value.clone()));
    }
    if annotations.is_empty() {
        manifest.shift_remove("annotations");
    } else {
        manifest.insert("annotations".to_owned(), Value::Object(annotations));
    }
    Ok(Value::Object(manifest).to_string().into_bytes())
}

/// Puts other children in the place of some: digest and size change, what else the index says of
/// them stays. Embedded `data` goes, as it was the old child's; attestations name the new one.
///
/// # Errors
///
/// [`EditFault::NotAnObject`].
pub fn replace_children(
    bytes: &[u8],
    changed: &[(Digest, Descriptor)],
) -> Result<Vec<u8>, EditFault> {
    let mut index = object(bytes)?;
    let children = index.get_mut("manifests").and_then(Value::as_array_mut);
    let new_of = |value: Option<&Value>| {
        let old = value.and_then(Value::as_str)?;
        changed.iter().find(|(digest, _)| digest.as_str() == old).map(|(_, new)| new)
    };
    for child in children.into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(new) = new_of(child.get("digest")) {
            child.insert("digest".to_owned(), Value::String(new.digest.to_string()));
            child.insert("size".to_owned(), Value::from(new.size));
            child.shift_remove("data");
        }
        let annotations = child.get_mut("annotations").and_then(Value::as_object_mut);
        let Some(annotations) = annotations else { continue };
        if let Some(new) = new_of(annotations.get(ATTESTS)) {
            annotations.insert(ATTESTS.to_owned(), Value::String(new.digest.to_string()));
        }
    }
    Ok(Value::Object(index).to_string().into_bytes())
}

/// What an index is cut to.
#[derive(Clone, Copy)]
pub struct PlatformCut<'a> {
    /// The platforms that stay.
    pub wanted: &'a [Platform],
    /// The indexes among the children that hold an image for one of them.
    pub nested: &'a BTreeSet<Digest>,
}

/// Which children of an index stay when it is cut.
///
/// An attestation stays with the child that it speaks of. The order stays.
pub fn kept<'a>(
    children: &'a [Descriptor],
    cut: PlatformCut<'_>,
) -> Result<Vec<&'a Descriptor>, EditFault> {
    Ok(kept_places(children, cut)?.into_iter().filter_map(|place| children.get(place)).collect())
}

/// The same by their places: one manifest may stand in an index twice, for two platforms.
fn kept_places(children: &[Descriptor], cut: PlatformCut<'_>) -> Result<Vec<usize>, EditFault> {
    let PlatformCut { wanted, nested } = cut;
    let fits = |child: &Descriptor| {
        let covered = |platform: &Platform| wanted.iter().any(|wanted| wanted.covers(platform));
        child.attests().is_none()
            && (nested.contains(&child.digest) || child.platform.as_ref().is_some_and(covered))
    };
    let images: BTreeSet<&Digest> =
        children.iter().filter(|child| fits(child)).map(|child| &child.digest).collect();
    if images.is_empty() {
        let list = |platforms: Vec<String>| platforms.join(", ");
        let present = children.iter().filter_map(|child| child.platform.as_ref());
        let present = present.filter(|platform| !platform.os.is_empty());
        return Err(EditFault::NothingLeft {
            wanted: list(wanted.iter().map(ToString::to_string).collect()),
            present: list(present.map(ToString::to_string).collect()),
        });
    }
    let stays = |child: &Descriptor| {
        fits(child) || child.attests().is_some_and(|subject| images.contains(&subject))
    };
    let places = children.iter().enumerate().filter(|(_, child)| stays(child));
    Ok(places.map(|(place, _)| place).collect())
}

/// Writes an index anew with only the children that stay. The same bytes come back when all do.
pub fn keep_platforms(
    media_type: &str,
    bytes: &[u8],
    children: &[Descriptor],
    cut: PlatformCut<'_>,
) -> Result<Vec<u8>, EditFault> {
    if !media_type::is_index(media_type) {
        return Err(EditFault::NotAnIndex(media_type.to_owned()));
    }
    let kept = kept_places(children, cut)?;
    if kept.len() == children.len() {
        return Ok(bytes.to_vec());
    }
    let mut index = object(bytes)?;
    if let Some(Value::Array(manifests)) = index.get_mut("manifests") {
        let mut places = 0..;
        manifests.retain(|_| places.next().is_some_and(|place| kept.contains(&place)));
    }
    Ok(Value::Object(index).to_string().into_bytes())
}

pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, EditFault> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(EditFault::NotAnObject),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Manifest;
    use serde_json::json;

    fn index() -> (Vec<u8>, Manifest) {
        let child = |name: &str, arch: &str| {
            json!({"mediaType": media_type::OCI_MANIFEST, "digest": Digest::of(name.as_bytes()),
                "size": 1, "platform": {"os": "linux", "architecture": arch}})
        };
        let mut attestation = child("att", "unknown");
        attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        attestation["annotations"] = json!({"vnd.docker.reference.digest": Digest::of(b"arm")});
        let index = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "x-own": 1,
            "manifests": [child("amd", "amd64"), child("arm", "arm64"), attestation]});
        let bytes = index.to_string().into_bytes();
        let parsed = Manifest::parse("", &bytes).unwrap();
        (bytes, parsed)
    }

    fn keep(parsed: &Manifest, bytes: &[u8], wanted: &[&str]) -> Result<Vec<u8>, EditFault> {
        let wanted: Vec<Platform> = wanted.iter().map(|one| one.parse().unwrap()).collect();
        let cut = PlatformCut { wanted: &wanted, nested: &BTreeSet::new() };
        keep_platforms(&parsed.media_type, bytes, parsed.entries(), cut)
    }

    #[test]
    fn an_index_with_a_wanted_image_stays() {
        let (bytes, parsed) = index();
        let wanted = ["linux/arm64".parse().unwrap()];
        let nested = BTreeSet::from([Digest::of(b"amd")]);
        let kept =
            kept(parsed.entries(), PlatformCut { wanted: &wanted, nested: &nested }).unwrap();
        assert_eq!(kept.len(), parsed.entries().len());
        let kept =
            super::kept(parsed.entries(), PlatformCut { wanted: &[], nested: &nested }).unwrap();
        assert_eq!(kept.len(), 1);
        assert!(keep(&parsed, &bytes, &["plan9/386"]).is_err());
    }

    #[test]
    fn an_attestation_stays_with_its_image() {
        let (bytes, parsed) = index();
        let cut = keep(&parsed, &bytes, &["linux/arm64"]).unwrap();
        let again = Manifest::parse("", &cut).unwrap();
        let digests: Vec<_> = again.children().map(|c| c.digest.clone()).collect();
        assert_eq!(digests, [Digest::of(b"arm"), Digest::of(b"att")]);
        assert!(String::from_utf8(cut).unwrap().contains("\"x-own\":1"), "unknown members stay");
    }

    #[test]
    fn nothing_cut_means_the_same_bytes() {
        let (bytes, parsed) = index();
        let cut = keep(&parsed, &bytes, &["linux/arm64", "linux/amd64"]).unwrap();
        assert_eq!(cut, bytes);
        let fault = keep(&parsed, &bytes, &["plan9/386"]);
        assert!(fault.unwrap_err().to_string().contains("linux/amd64"));
    }

    #[test]
    fn annotations_are_set_and_removed() {
        let bytes = br#"{"schemaVersion":2,"annotations":{"a":"1","b":"2"}}"#;
        let set = BTreeMap::from([("c".to_owned(), "3".to_owned())]);
        let remove = BTreeSet::from(["a".to_owned()]);
        let edited = annotate(media_type::OCI_INDEX, bytes, &set, &remove).unwrap();
        assert_eq!(edited, br#"{"schemaVersion":2,"annotations":{"b":"2","c":"3"}}"#);
        let docker = annotate(media_type::DOCKER_LIST, bytes, &set, &remove);
        assert!(matches!(docker, Err(EditFault::NoAnnotations(_))));
    }

    #[test]
    fn children_are_replaced_with_what_speaks_of_them() {
        let (bytes, _) = index();
        let new = Descriptor::new(media_type::OCI_MANIFEST, Digest::of(b"new"), 7);
        let edited = replace_children(&bytes, &[(Digest::of(b"arm"), new.clone())]).unwrap();
        let parsed = Manifest::parse("", &edited).unwrap();
        assert!(parsed.entries().iter().any(|child| child.digest == new.digest && child.size == 7));
        let speaks = parsed.entries().iter().filter_map(Descriptor::attests).collect::<Vec<_>>();
        assert_eq!(speaks, [new.digest]);
    }
}
