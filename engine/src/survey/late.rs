//! Companions that came late: an image is often signed after it was mirrored. Where the image is
//! unchanged and its destination lacks a companion tag that the source has, the tag becomes an
//! item of its own. Only names are compared: a companion that changed is found with the referrers.

use super::aim::is_nameless;
use super::crowd::each;
use super::image::Image;
use super::place::Place;
use crate::diagnostic::Fault;
use crate::oci::{Digest, Reference};
use crate::plan::companion::companion_of;
use crate::plan::fact::{Sighting, Standing};
use crate::survey::errand::{Errand, Listing, Tags, listing, read_tags};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The companion tags of a source's repository, by the image that they speak of.
#[derive(Debug, Default)]
pub(super) struct Companions(BTreeMap<Digest, Vec<String>>);

impl Companions {
    /// Those among the tags of a repository. Lists of referrers (`sha256-<hex>`) are not among
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

    fn of(&self, image: &Digest) -> &[String] {
        self.0.get(image).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Gathers companions that may be missing at destinations.
#[derive(Default)]
pub(super) struct Late {
    wanted: Vec<Errand>,
    places: BTreeMap<Listing, Arc<Place>>,
}

impl Late {
    /// Takes note of an image whose destination has it already.
    pub(super) fn note(&mut self, errand: &Errand, sighting: &Sighting) {
        let there = match &sighting.standing {
            Standing::Known(digest) => Some(digest),
            Standing::Seen { wanted, has, .. } => has.as_ref().filter(|has| *has == wanted),
            Standing::Unknown(_) | Standing::Refused(_) => None,
        };
        let nameless = is_nameless(&errand.destination);
        let place = errand.place.as_ref().ok().filter(|place| place.lists_tags && !nameless);
        // An edited image is another one: what was said of the original does not hold for it.
        let (Some(there), Some(place), true) = (there, place, sighting.chain.is_empty()) else {
            return;
        };
        for tag in errand.image.companions.of(there) {
            let image = Arc::new(errand.image.companion(tag));
            let mut destination = errand.destination.clone();
            destination.name.tag = Some(tag.clone());
            destination.name.digest = None;
            self.places.entry(listing(errand)).or_insert_with(|| Arc::clone(place));
            let (place, path) = (errand.place.clone(), errand.path.of_companions());
            let sink = errand.sink;
            self.wanted.push(Errand { sink, image, path, destination, place, known: None });
        }
    }

    /// The errands for those that are missing, and the faults of destinations that could not say,
    /// by sink. `tags` are lists that were read already.
    pub(super) async fn missing(
        mut self,
        mut tags: BTreeMap<Listing, Tags>,
        at_once: usize,
    ) -> (Vec<Errand>, Vec<(String, Fault)>) {
        self.places.retain(|listing, _| !tags.contains_key(listing));
        let mut faults = Vec::new();
        let unread = self.places.into_iter().collect();
        for (listing, place, read) in each(unread, at_once, read_tags).await {
            match read {
                Ok(read) => drop(tags.insert(listing, read)),
                Err(fault) => faults.push((place.step.clone(), fault)),
            }
        }
        let mut once = BTreeSet::new();
        self.wanted.retain(|errand| {
            let tag = errand.destination.name.tag.as_deref().unwrap_or_default();
            tags.get(&listing(errand)).is_some_and(|tags| !tags.contains(tag))
                && once.insert((errand.sink, errand.destination.clone()))
        });
        (self.wanted, faults)
    }
}

impl Image {
    /// The image under a companion tag beside this one.
    fn companion(&self, tag: &str) -> Self {
        let mut reference = Reference::clone(&self.reference);
        reference.name.tag = Some(tag.to_owned());
        reference.name.digest = None;
        Self::new(reference, Arc::clone(&self.place), true, self.mutable)
    }
}
