//! Companions that a source got after its image was mirrored: an image is often signed later. Where
//! the image is unchanged and its destination lacks a companion tag that the source has, the tag
//! becomes an item of its own. Only names are compared: a companion that changed is found with the
//! referrers.

use super::lookup::Lookup;
use super::tag_lists::{TagLists, Unlisted};
use crate::diagnostic::Fault;
use crate::plan::{Sighting, Standing};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Gathers companions that may be missing at destinations.
#[derive(Default)]
pub(super) struct MissingCompanions {
    wanted: Vec<Lookup>,
    repositories: Unlisted,
}

impl MissingCompanions {
    /// Takes note of an image whose destination has it already.
    pub(super) fn note(&mut self, lookup: &Lookup, sighting: &Sighting) {
        let there = match &sighting.standing {
            Standing::Known(digest) => Some(digest),
            Standing::Seen { wanted, has, .. } => {
                has.as_ref().filter(|has| wanted.digest() == Some(*has))
            }
            Standing::Unknown(_) | Standing::Refused(_) => None,
        };
        let place = lookup.listing_place().filter(|_| !lookup.destination.is_nameless());
        // An edited image is another one: what was said of the original does not hold for it.
        let (Some(there), Some(place), true) = (there, place, sighting.chain.is_empty()) else {
            return;
        };
        for tag in lookup.image.companions.of(there) {
            let mut destination = lookup.destination.clone();
            destination.name.tag = Some(tag.clone());
            destination.name.digest = None;
            self.repositories.entry(lookup.repository()).or_insert_with(|| Arc::clone(place));
            self.wanted.push(Lookup {
                sink: lookup.sink,
                image: Arc::new(lookup.image.under_tag(tag)),
                route: lookup.route.of_companions(),
                without_signatures: lookup.without_signatures,
                destination,
                place: lookup.place.clone(),
                known: None,
            });
        }
    }

    /// Lookups of those that are missing, and the faults of destinations that could not say, by
    /// sink.
    pub(super) async fn read(
        self,
        tags: &mut TagLists,
        at_once: usize,
    ) -> (Vec<Lookup>, Vec<(String, Fault)>) {
        let faults = tags.read(self.repositories, at_once).await;
        let mut once = BTreeSet::new();
        let mut missing = self.wanted;
        missing.retain(|lookup| {
            let tag = lookup.destination.name.tag.as_deref().unwrap_or_default();
            tags.may_lack(&lookup.repository(), tag)
                && once.insert((lookup.sink, lookup.destination.clone()))
        });
        (missing, faults)
    }
}
