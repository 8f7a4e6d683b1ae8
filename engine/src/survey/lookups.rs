//! What is to be looked at at the destinations, prepared so that the looking itself needs no lock.

use super::concurrency::concurrently;
use super::destination::{destination, needs_digest, unparsed};
use super::graph_steps::GraphSteps;
use super::image::Image;
use super::immutable_tags::ImmutableTags;
use super::lookup::Lookup;
use super::open_place::OpenPlaces;
use super::route::RoutedImages;
use crate::diagnostic::Fault;
use crate::graph::Sink;
use crate::oci::Reference;
use std::sync::Arc;

/// What came to a sink.
pub(super) struct Arrivals<'a> {
    /// The sink's place in the graph.
    pub index: usize,
    /// Its id.
    pub id: &'a str,
    /// What it says.
    pub sink: &'a Sink,
    /// The images; their routes end at the sink.
    pub images: Vec<RoutedImages>,
}

/// Prepares lookups.
pub(super) struct Lookups<'a> {
    /// The steps of the graph.
    pub steps: &'a GraphSteps,
    /// What need not be asked for.
    pub immutable: &'a ImmutableTags,
    /// Images looked at at once.
    pub at_once: usize,
}

impl Lookups<'_> {
    /// Prepares what came to a sink. Opens each place once; nothing is asked there yet.
    pub(super) async fn of(
        &self,
        arrivals: &Arrivals<'_>,
        places: &mut OpenPlaces<'_>,
    ) -> Vec<Lookup> {
        let (sink, without_signatures) = (arrivals.index, arrivals.sink.remove_signatures);
        if needs_digest(&arrivals.sink.to) {
            let images = arrivals.images.iter().flat_map(|routed| &routed.images).cloned();
            let pin = |image: Arc<Image>| async move { image.pin().await.is_ok() };
            concurrently(images.collect(), self.at_once, pin).await;
        }
        let mut lookups = Vec::new();
        for routed in &arrivals.images {
            for image in &routed.images {
                let (destination, place) = match self.destination(arrivals, image).await {
                    Ok(destination) => {
                        let (word, place) = (&destination.transport, &destination.place);
                        let place = places.open(arrivals.id, word, place).await;
                        (destination, place)
                    }
                    Err(fault) => (self.unknown_destination(arrivals, image), Err(fault)),
                };
                let known = self.immutable.mirrored(image, &routed.route, &destination);
                let (image, route) = (Arc::clone(image), Arc::clone(&routed.route));
                lookups.push(Lookup {
                    sink,
                    image,
                    route,
                    without_signatures,
                    destination,
                    place,
                    known,
                });
            }
            for (image, fault) in &routed.failed {
                lookups.push(Lookup {
                    sink,
                    image: Arc::clone(image),
                    route: Arc::clone(&routed.route),
                    without_signatures,
                    destination: self.unknown_destination(arrivals, image),
                    place: Err(fault.clone()),
                    known: None,
                });
            }
        }
        lookups
    }

    async fn destination(
        &self,
        arrivals: &Arrivals<'_>,
        image: &Image,
    ) -> Result<Reference, Fault> {
        let Arrivals { id, sink, .. } = *arrivals;
        let digest = if needs_digest(&sink.to) {
            image.pin().await?.digest.to_string()
        } else {
            String::new()
        };
        destination(sink, id, &self.steps.filling(&image.reference, &digest))
    }

    /// Names the destination of an image that fails before it is known, as far as it can be.
    fn unknown_destination(&self, arrivals: &Arrivals<'_>, image: &Image) -> Reference {
        let filling = self.steps.filling(&image.reference, "");
        let known = destination(arrivals.sink, arrivals.id, &filling);
        known.unwrap_or_else(|_| unparsed(arrivals.sink, &filling))
    }
}
