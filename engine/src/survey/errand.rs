//! What is to be asked at the destinations, prepared so that the asking itself needs no lock.

use super::crowd::each;
use super::edit;
use super::error;
use super::walk::Surveyor;
use crate::diagnostic::Fault;
use crate::graph::Sink;
use crate::oci::{Digest, Reference};
use crate::plan::signature_tag;
use crate::role::{Mirrored, Roles, Session, Side};
use crate::survey::aim::{aim, needs_digest, unreadable};
use crate::survey::image::{Flow, Image, Path};
use crate::survey::place::{Patience, Place, Places};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What came to a sink.
pub(super) struct Arrivals<'a> {
    /// The sink's place in the graph.
    pub index: usize,
    /// Its id.
    pub id: String,
    /// What it says.
    pub sink: &'a Sink,
    /// The images; their ways end at the sink.
    pub flows: Vec<Flow>,
}

/// One image at one sink, to be looked at.
pub(super) struct Errand {
    /// The sink's place in the graph.
    pub sink: usize,
    /// The image.
    pub image: Arc<Image>,
    /// Its way.
    pub path: Arc<Path>,
    /// Where it goes.
    pub destination: Reference,
    /// The place that is asked, or why nothing can be.
    pub place: Result<Arc<Place>, Fault>,
    /// What an earlier run left there, where that is enough to know.
    pub known: Option<Mirrored>,
}

/// Prepares errands; opens each place once.
pub(super) struct Errands<'a> {
    surveyor: &'a Arc<Surveyor>,
    places: Places<'a>,
    all: Vec<Errand>,
}

impl<'a> Errands<'a> {
    /// Nothing prepared yet.
    pub(super) fn new(surveyor: &'a Arc<Surveyor>, roles: &'a Roles, patience: Patience) -> Self {
        let places = Places::new(roles, patience, Side::Destination);
        Self { surveyor, places, all: Vec::new() }
    }

    /// Prepares what came to a sink.
    pub(super) async fn add(&mut self, arrivals: &Arrivals<'_>) {
        if needs_digest(&arrivals.sink.to) {
            let images: Vec<_> =
                arrivals.flows.iter().flat_map(|flow| &flow.images).cloned().collect();
            let pin = |image: Arc<Image>| async move { image.pin().await.is_ok() };
            each(images, self.surveyor.at_once, pin).await;
        }
        for flow in &arrivals.flows {
            for image in &flow.images {
                let (destination, place) = match self.destination(arrivals.sink, image).await {
                    Ok(destination) => {
                        let (word, place) = (&destination.transport, &destination.place);
                        let place = self.places.open(&arrivals.id, word, place).await;
                        (destination, place)
                    }
                    Err(fault) => (self.unreadable(arrivals.sink, image), Err(fault)),
                };
                let known = self.mirrored(image, &flow.path, &destination);
                let (image, path) = (Arc::clone(image), Arc::clone(&flow.path));
                let sink = arrivals.index;
                self.all.push(Errand { sink, image, path, destination, place, known });
            }
            for (image, fault) in &flow.broken {
                self.all.push(Errand {
                    sink: arrivals.index,
                    image: Arc::clone(image),
                    path: Arc::clone(&flow.path),
                    destination: self.unreadable(arrivals.sink, image),
                    place: Err(fault.clone()),
                    known: None,
                });
            }
        }
    }

    /// Reads lists of tags at the destinations where they may save asking for each.
    pub(super) async fn ready(mut self) -> Ready {
        let tags = self.list().await;
        for errand in &mut self.all {
            let listed = tags.get(&listing(errand));
            let signs = !errand.path.signs.is_empty();
            let stands = |row: &Mirrored| {
                let tag = errand.destination.name.tag.as_ref();
                let signature = || tags_have(listed, &signature_tag(&row.digest));
                tag.is_some_and(|tag| tags_have(listed, tag)) && (!signs || signature())
            };
            errand.known = errand.known.take().filter(stands);
        }
        Ready { errands: self.all, closed: self.places.closed(), tags }
    }

    async fn destination(&self, sink: &Sink, image: &Image) -> Result<Reference, Fault> {
        let digest = if needs_digest(&sink.to) {
            image.pin().await?.digest.to_string()
        } else {
            String::new()
        };
        aim(sink, &self.surveyor.filling(&image.reference, &digest))
    }

    /// Names the destination of an image that fails before it is known, as far as it can be.
    fn unreadable(&self, sink: &Sink, image: &Image) -> Reference {
        let filling = self.surveyor.filling(&image.reference, "");
        aim(sink, &filling).unwrap_or_else(|_| unreadable(sink, &filling))
    }

    /// What the ledger has of an image whose tag never moves and stands in its source's list.
    fn mirrored(&self, image: &Image, path: &Path, destination: &Reference) -> Option<Mirrored> {
        let ledger = self.surveyor.ledger.as_ref()?;
        if image.mutable || !image.listed || destination.name.tag.is_none() {
            return None;
        }
        if self.surveyor.judges_always(path) {
            return None;
        }
        let row = ledger.mirrored(&destination.to_string())?;
        let filling = self.surveyor.filling(&image.reference, row.source_digest.as_str());
        let chain = edit::chain(&self.surveyor.steps, &path.edits, &filling);
        let done_by = self.surveyor.done_by(path, &filling, chain);
        (row.source == image.reference.to_string() && row.chain == done_by).then_some(row)
    }

    /// The tags of each repository where something may be known.
    async fn list(&self) -> BTreeMap<Listing, Tags> {
        let mut wanted = BTreeMap::new();
        for errand in self.all.iter().filter(|errand| errand.known.is_some()) {
            if let Some(place) = errand.place.as_ref().ok().filter(|place| place.lists_tags) {
                wanted.entry(listing(errand)).or_insert_with(|| Arc::clone(place));
            }
        }
        let read = each(wanted.into_iter().collect(), self.surveyor.at_once, read_tags).await;
        // Where the list cannot be read, each tag is asked for, and says why.
        read.into_iter().filter_map(|(listing, _, tags)| Some((listing, tags.ok()?))).collect()
    }
}

fn tags_have(tags: Option<&Tags>, tag: &str) -> bool {
    tags.is_some_and(|tags| tags.contains(tag))
}

/// What is ready to be asked.
pub(super) struct Ready {
    /// The errands.
    pub errands: Vec<Errand>,
    /// Faults of places that could not be opened, by sink.
    pub closed: Vec<(String, Fault)>,
    /// The lists of tags that were read.
    pub tags: BTreeMap<Listing, Tags>,
}

/// A sink, and a repository that it writes.
pub(super) type Listing = (usize, Reference);

/// The tags of a repository.
pub(super) type Tags = BTreeSet<String>;

/// The repository that an errand goes to.
pub(super) fn listing(errand: &Errand) -> Listing {
    let mut repository = errand.destination.clone();
    repository.name.tag = None;
    repository.name.digest = None;
    (errand.sink, repository)
}

/// Reads the tags of a repository.
pub(super) async fn read_tags(
    (listing, place): (Listing, Arc<Place>),
) -> (Listing, Arc<Place>, Result<Tags, Fault>) {
    let repository = &listing.1.name.repository;
    let ask = |session: Arc<dyn Session>| async move { session.list_tags(repository).await };
    let tags = place.ask(repository, ask).await.map(|tags| tags.into_iter().collect());
    (listing, place, tags)
}

/// A destination by digest that the edits of the path do not lead to.
pub(super) fn check_digest(destination: &Reference, wanted: &Digest) -> Result<(), Fault> {
    match &destination.name.digest {
        Some(digest) if digest != wanted => Err(error::other_digest(destination, wanted)),
        _ => Ok(()),
    }
}
