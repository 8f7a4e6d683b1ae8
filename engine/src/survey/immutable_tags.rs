//! Tags that never move and were mirrored before: they are skipped without being asked for, where
//! the ledger and the lists of tags of both sides agree that nothing is to be done.

use super::image::Image;
use super::judging::Judging;
use super::lookup::Lookup;
use super::route::Route;
use super::signatures::Signatures;
use super::tag_lists::{TagLists, Unlisted};
use super::transforms::Transforms;
use crate::companion::names::signature_tag;
use crate::oci::Reference;
use crate::role::{Ledger, Mirrored};
use std::sync::Arc;

/// Knows the tags that need not be asked for.
pub(super) struct ImmutableTags {
    /// What earlier runs did; `None` compares everything.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// The transforms of the graph.
    pub transforms: Arc<Transforms>,
    /// Its policies.
    pub judging: Arc<Judging>,
    /// Its signers.
    pub signatures: Arc<Signatures>,
}

impl ImmutableTags {
    /// What the ledger has of an image whose tag never moves and stands in its source's list, where
    /// nothing of it was left behind.
    pub(super) fn mirrored(
        &self,
        image: &Image,
        route: &Route,
        destination: &Reference,
    ) -> Option<Mirrored> {
        let ledger = self.ledger.as_ref()?;
        if image.mutable || !image.listed || destination.name.tag.is_none() {
            return None;
        }
        if self.judging.always(route, image) {
            return None;
        }
        let row = ledger.mirrored(&destination.to_string())?;
        let (reference, digest) = (image.reference.as_ref(), &row.source_digest);
        let chain = self.transforms.chain(&route.edits, reference, digest);
        let done_by = self.signatures.done_by(route, (reference, digest), &chain);
        (!row.incomplete && row.source == reference.to_string() && row.chain == done_by)
            .then_some(row)
    }

    /// Reads the lists of tags where something may be known, and forgets what they do not have.
    pub(super) async fn confirm(&self, lookups: &mut [Lookup], at_once: usize) -> TagLists {
        let mut unlisted = Unlisted::new();
        for lookup in lookups.iter().filter(|lookup| lookup.known.is_some()) {
            if let Some(place) = lookup.listing_place() {
                unlisted.entry(lookup.repository()).or_insert_with(|| Arc::clone(place));
            }
        }
        let mut tags = TagLists::default();
        // Where a list cannot be read, each tag is asked for, and says why.
        tags.read(unlisted, at_once).await;
        for lookup in lookups {
            let known = lookup.known.take();
            lookup.known = known.filter(|row| stands(lookup, row, &tags));
        }
        tags
    }
}

/// Whether the destination lists the tag and, where the image is signed there, its signatures.
fn stands(lookup: &Lookup, row: &Mirrored, tags: &TagLists) -> bool {
    let tags = tags.of(&lookup.repository());
    let lists = |tag: &str| tags.is_some_and(|tags| tags.contains(tag));
    let is_signed = || lookup.route.signs.is_empty() || lists(&signature_tag(&row.digest));
    lookup.destination.name.tag.as_deref().is_some_and(lists) && is_signed()
}
