//! The last part of the survey: what stands at the destinations.

use super::comparison::{Comparison, Looked};
use super::concurrency::concurrently;
use super::empty_repositories::EmptyRepositories;
use super::graph_steps::GraphSteps;
use super::left_out::LeftOut;
use super::lookup::Lookup;
use super::lookups::{Arrivals, Lookups};
use super::missing_companions::MissingCompanions;
use super::open_place::{OpenPlace, OpenPlaces};
use crate::diagnostic::Fault;
use crate::oci::Reference;
use crate::plan::{Sighting, Skip};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What was seen at the destinations.
#[derive(Default)]
pub(super) struct AtDestinations {
    /// Images at their sinks.
    pub sightings: Vec<Sighting>,
    /// Images that a transform or a policy left out.
    pub skips: Vec<Skip>,
    /// Destinations that could not be looked at, by sink.
    pub faults: Vec<(String, Fault)>,
    /// Repositories that have no tag at all.
    pub empty: BTreeSet<Reference>,
}

/// Looks at each destination of each image.
pub(super) async fn destinations(
    steps: &GraphSteps,
    lookups: &Lookups<'_>,
    comparison: &Arc<Comparison>,
    mut places: OpenPlaces<'_>,
    sinks: &[Arrivals<'_>],
) -> AtDestinations {
    let at_once = lookups.at_once;
    let mut wanted = Vec::new();
    for arrivals in sinks {
        wanted.extend(lookups.of(arrivals, &mut places).await);
    }
    let mut tags = lookups.immutable.confirm(&mut wanted, at_once).await;
    let mut found = AtDestinations { faults: places.closed(), ..AtDestinations::default() };
    let asked = asked(&wanted);
    let mut companions = MissingCompanions::default();
    let mut empty = EmptyRepositories::default();
    for (lookup, looked) in look(comparison, wanted, at_once).await {
        if let Looked::Seen(sighting) = &looked {
            // Where referrers are followed, companions are found along with them.
            let source = lookup.route.steps.first();
            let follows = source.is_some_and(|source| steps.follows_referrers(source));
            if !follows && !sighting.incomplete {
                companions.note(&lookup, sighting);
            }
            empty.note(&lookup, sighting);
        }
        found.take(&lookup, looked);
    }
    found.empty = empty.read(&mut tags, at_once).await;
    let (missing, faults) = companions.read(&mut tags, at_once).await;
    found.faults.extend(faults);
    for (lookup, looked) in look(comparison, missing, at_once).await {
        found.take(&lookup, looked);
    }
    for place in asked {
        let fault = place.trouble().map(|fault| (place.step.clone(), fault));
        found.faults.extend(fault.filter(|fault| !found.faults.contains(fault)));
    }
    found
}

async fn look(
    comparison: &Arc<Comparison>,
    lookups: Vec<Lookup>,
    at_once: usize,
) -> Vec<(Lookup, Looked)> {
    let look = |lookup: Lookup| {
        let comparison = Arc::clone(comparison);
        async move {
            let looked = comparison.look(&lookup).await;
            (lookup, looked)
        }
    };
    concurrently(lookups, at_once, look).await
}

impl AtDestinations {
    fn take(&mut self, lookup: &Lookup, looked: Looked) {
        match looked {
            Looked::Seen(sighting) => self.sightings.push(*sighting),
            Looked::LeftOut(LeftOut { step, why }) => {
                let image = lookup.image.reference.to_string();
                self.skips.push(Skip { step, image, why });
            }
        }
    }
}

/// The places that are asked, each once.
fn asked(lookups: &[Lookup]) -> Vec<Arc<OpenPlace>> {
    let mut seen = BTreeSet::new();
    let open = lookups.iter().filter_map(|lookup| lookup.place.as_ref().ok());
    open.filter(|place| seen.insert(Arc::as_ptr(place))).cloned().collect()
}
