//! The companion tags of a source's repository, by the image that they belong to.

use crate::companion::names::companion_of;
use crate::oci::Digest;
use std::collections::BTreeMap;

/// The companion tags of a source's repository, by the image that they belong to.
#[derive(Debug, Default)]
pub(super) struct SourceCompanions(BTreeMap<Digest, Vec<String>>);

impl SourceCompanions {
    /// Those among the tags of a repository. Indexes of referrers (`sha256-<hex>`) are not among
    /// them: a destination that can list referrers itself has none, and would get one in each run.
    pub(super) fn among(tags: &[String]) -> Self {
        let mut all: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for tag in tags.iter().filter(|tag| tag.contains('.')) {
            if let Some(image) = companion_of(tag) {
                all.entry(image).or_default().push(tag.clone());
            }
        }
        Self(all)
    }

    /// The tags that belong to an image.
    pub(super) fn of(&self, image: &Digest) -> &[String] {
        self.0.get(image).map(Vec::as_slice).unwrap_or_default()
    }
}
