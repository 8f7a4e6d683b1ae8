//! What a manifest says of its own making, so that a run without state knows its own work again.

use crate::oci::{Digest, Manifest};
use std::collections::BTreeMap;

/// The digest that the source's name pointed to.
const SOURCE: &str = "engine.source.digest";
/// The transforms with their settings, as a digest.
const CHAIN: &str = "engine.source.transforms";

/// Of what a manifest was made, and how. Only OCI's types can say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceAnnotations {
    /// What the source's name pointed to.
    pub source: Digest,
    /// Names the chain of transforms with their settings.
    pub chain: String,
}

impl SourceAnnotations {
    /// What a manifest says; `None` where it says nothing, or half of it.
    pub fn of(manifest: &Manifest) -> Option<Self> {
        let source = manifest.annotations.get(SOURCE)?.parse().ok()?;
        Some(Self { source, chain: manifest.annotations.get(CHAIN)?.clone() })
    }

    /// As annotations.
    pub fn to_annotations(&self) -> BTreeMap<String, String> {
        let source = (SOURCE.to_owned(), self.source.to_string());
        BTreeMap::from([source, (CHAIN.to_owned(), self.chain.clone())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::{edit, media_type};
    use std::collections::BTreeSet;

    #[test]
    fn what_was_written_is_read_again() {
        let made = SourceAnnotations { source: Digest::of(b"x"), chain: "sha256:abc".to_owned() };
        let index = br#"{"schemaVersion":2,"manifests":[],"annotations":{"own":"1"}}"#;
        let read = |bytes: &[u8]| {
            SourceAnnotations::of(&Manifest::parse(media_type::OCI_INDEX, bytes).unwrap())
        };
        let bytes =
            edit::annotate(media_type::OCI_INDEX, index, &made.to_annotations(), &BTreeSet::new());
        assert_eq!(read(&bytes.unwrap()), Some(made));
        assert_eq!(read(index), None);
        let half =
            br#"{"schemaVersion":2,"manifests":[],"annotations":{"engine.source.digest":"x"}}"#;
        assert_eq!(read(half), None);
    }
}
