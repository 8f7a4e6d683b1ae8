//! Repositories that have nothing yet. Where no wanted tag stands, one list of tags may save the
//! question for each blob of the first copies.
//!
//! An empty list only says that no name is there: blobs of a run that was killed may be, and are
//! then sent once more. Tags are asked for one by one all the same, as what is overwritten must
//! never depend on a list.

use super::lookup::{Lookup, SinkRepository};
use super::tag_lists::{TagLists, Unlisted};
use crate::oci::Reference;
use crate::plan::{Sighting, Standing};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Gathers repositories in which no wanted tag was found.
#[derive(Default)]
pub(super) struct EmptyRepositories {
    maybe: Unlisted,
    not: BTreeSet<SinkRepository>,
}

impl EmptyRepositories {
    /// Takes note of what stands at a destination.
    pub(super) fn note(&mut self, lookup: &Lookup, sighting: &Sighting) {
        let Some(place) = lookup.listing_place() else { return };
        if lookup.destination.is_nameless() {
            return;
        }
        let repository = lookup.repository();
        match &sighting.standing {
            Standing::Seen { has: None, copying: Some(_), .. } => {
                self.maybe.entry(repository).or_insert_with(|| Arc::clone(place));
            }
            Standing::Unknown(_) | Standing::Refused(_) => {}
            Standing::Known(_) | Standing::Seen { .. } => {
                self.not.insert(repository);
            }
        }
    }

    /// Those that have no tag at all. A list that cannot be read says nothing.
    pub(super) async fn read(mut self, tags: &mut TagLists, at_once: usize) -> BTreeSet<Reference> {
        self.maybe.retain(|repository, _| !self.not.contains(repository));
        let candidates = self.maybe.keys().cloned().collect();
        tags.read(self.maybe, at_once).await;
        tags.empty(candidates)
    }
}
