//! One image at one sink, which is to be looked at.

use super::image::Image;
use super::open_place::OpenPlace;
use super::route::Route;
use crate::diagnostic::Fault;
use crate::oci::Reference;
use crate::role::Mirrored;
use std::sync::Arc;

/// One image at one sink, which is to be looked at.
pub(super) struct Lookup {
    /// The sink's place in the graph.
    pub sink: usize,
    /// The image.
    pub image: Arc<Image>,
    /// Its route.
    pub route: Arc<Route>,
    /// Whether it goes there without the signatures that its source keeps beside it.
    pub without_signatures: bool,
    /// Where it goes.
    pub destination: Reference,
    /// The place that is asked, or why nothing can be.
    pub place: Result<Arc<OpenPlace>, Fault>,
    /// What an earlier run left there, where that is enough to know.
    pub known: Option<Mirrored>,
}

/// A sink, by its place in the graph, and a repository that it writes.
pub(super) type SinkRepository = (usize, Reference);

impl Lookup {
    /// The repository that the image goes to.
    pub(super) fn repository(&self) -> SinkRepository {
        let mut repository = self.destination.clone();
        repository.name.tag = None;
        repository.name.digest = None;
        (self.sink, repository)
    }

    /// The place, where it can list the tags of a repository.
    pub(super) fn listing_place(&self) -> Option<&Arc<OpenPlace>> {
        self.place.as_ref().ok().filter(|place| place.can.lists_tags)
    }
}
