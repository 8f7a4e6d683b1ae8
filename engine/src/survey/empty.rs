//! Repositories that have nothing yet. Where no wanted tag stands, one list of tags may save the
//! question for each blob of the first copies.
//!
//! An empty list only says that no name is there: blobs of a run that was killed may be, and are
//! then sent once more. Tags are asked for one by one all the same, as what is overwritten must
//! never depend on a list.

use super::aim::is_nameless;
use super::crowd::each;
use super::place::Place;
use crate::oci::Reference;
use crate::plan::fact::{Sighting, Standing};
use crate::survey::errand::{Errand, Listing, Tags, listing, read_tags};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Gathers repositories in which no wanted tag was found.
#[derive(Default)]
pub(super) struct Empty {
    maybe: BTreeMap<Listing, Arc<Place>>,
    not: BTreeSet<Listing>,
}

impl Empty {
    /// Takes note of what stands at a destination.
    pub(super) fn note(&mut self, errand: &Errand, sighting: &Sighting) {
        let place = errand.place.as_ref().ok();
        let Some(place) = place.filter(|place| place.lists_tags) else { return };
        if is_nameless(&errand.destination) {
            return;
        }
        let listing = listing(errand);
        match &sighting.standing {
            Standing::Seen { has: None, copying: Some(_), .. } => {
                self.maybe.entry(listing).or_insert_with(|| Arc::clone(place));
            }
            Standing::Unknown(_) | Standing::Refused(_) => {}
            Standing::Known(_) | Standing::Seen { .. } => drop(self.not.insert(listing)),
        }
    }

    /// Those that have no tag at all. `tags` are lists that were read already. A list that cannot
    /// be read says nothing.
    pub(super) async fn repositories(
        mut self,
        tags: &BTreeMap<Listing, Tags>,
        at_once: usize,
    ) -> BTreeSet<Reference> {
        self.maybe.retain(|listing, _| !self.not.contains(listing));
        let (read, unread): (Vec<_>, Vec<_>) =
            self.maybe.into_iter().partition(|(listing, _)| tags.contains_key(listing));
        let read = read.into_iter().map(|(listing, _)| listing);
        let mut empty: BTreeSet<Reference> = read
            .filter(|listing| tags.get(listing).is_some_and(BTreeSet::is_empty))
            .map(|(_, repository)| repository)
            .collect();
        for ((_, repository), _, tags) in each(unread, at_once, read_tags).await {
            if tags.is_ok_and(|tags| tags.is_empty()) {
                empty.insert(repository);
            }
        }
        empty
    }
}
