//! The sizes of what would be written, as far as they were read for another reason: nothing is
//! asked for them.

use super::content_cache::ContentCache;
use crate::oci::{Descriptor, Digest, Manifest};
use crate::plan::{Copying, Kept, Sizes, Written};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// Manifests of one image that are looked into. More are an item's own business.
const MAX_MANIFESTS: usize = 1000;

/// The blobs of all manifests that an item would write, if all these manifests are at hand.
pub(super) fn sizes(
    contents: &ContentCache,
    pinned: &Descriptor,
    copying: &Copying,
) -> Option<Sizes> {
    let (top, bytes) = match &copying.written {
        Written::Same(None) => (pinned, contents.known(&pinned.digest)?),
        Written::Same(Some(bytes)) => (pinned, bytes.clone()),
        Written::Edited { descriptor, bytes, .. } => (descriptor, bytes.clone()),
        // Layers that are compressed anew come out smaller or larger.
        Written::After { .. } => return None,
    };
    let mut blobs: BTreeMap<Digest, u64> = BTreeMap::new();
    let mut seen = BTreeSet::from([top.digest.clone()]);
    let mut open: Vec<(String, Bytes)> = Vec::new();
    let mut next = Some((top.media_type.clone(), bytes));
    while let Some((media_type, bytes)) = next {
        let is_top = seen.len() == 1;
        let manifest = Manifest::parse(&media_type, &bytes).ok()?;
        for blob in manifest.blobs().into_iter().filter(|blob| !blob.is_foreign()) {
            blobs.insert(blob.digest, blob.size?);
        }
        let copied = |child: &&Descriptor| match &copying.kept {
            Kept::Only(kept) if is_top => kept.contains(&child.digest),
            _ => true,
        };
        for child in manifest.children().filter(copied) {
            if seen.insert(child.digest.clone()) {
                open.push((child.media_type.clone(), contents.known(&child.digest)?));
            }
        }
        if seen.len() > MAX_MANIFESTS {
            return None;
        }
        next = open.pop();
    }
    Some(blobs.into_iter().collect())
}
