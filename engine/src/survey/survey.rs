//! The survey: the images of the sources, step by step through the graph, and what their
//! destinations have.

use super::comparison::Comparison;
use super::content_cache::ContentCache;
use super::destinations::{AtDestinations, destinations};
use super::filter::Filters;
use super::graph_steps::GraphSteps;
use super::image::Image;
use super::immutable_tags::ImmutableTags;
use super::judging::{Answers, Judging};
use super::lookups::{Arrivals, Lookups};
use super::machine_judge::MachineJudge;
use super::open_place::{OpenPlaces, RetryLimits};
use super::route::{Route, RoutedImages, StepEffect};
use super::signatures::Signatures;
use super::source_images::SourceQuery;
use super::survey_context::SurveyContext;
use super::transforms::Transforms;
use crate::companion::{CompanionTags, Referrers};
use crate::diagnostic::Fault;
use crate::event::Event;
use crate::graph::{Filter, Graph, Step, StepKind, Transform};
use crate::plan::Facts;
use crate::role::{Roles, Side};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The images that leave each step, by its id.
type Leaving = BTreeMap<String, Vec<RoutedImages>>;

/// Looks at the sources, walks the graph, and looks at the destinations.
///
/// Never fails as a whole: what could not be looked at is in the facts, and so in the plan.
pub async fn survey(graph: &Graph, roles: &Arc<Roles>, context: &SurveyContext) -> Facts {
    let retries = RetryLimits::new(&graph.run, context.stop.clone());
    let parts = Parts::new(graph, roles, context);
    let mut facts = Facts::default();
    let offered = sources(graph, roles, context, &retries, &mut facts).await;
    let images: Vec<RoutedImages> = offered.values().flatten().cloned().collect();
    let sinks = steps(graph, &parts.filters, offered, &mut facts).await;
    let places = OpenPlaces::new(roles, retries, Side::Destination);
    let Parts { steps, immutable, comparison, .. } = &parts;
    let lookups = Lookups { steps, immutable, at_once: context.at_once };
    let found = destinations(steps, &lookups, comparison, places, &sinks).await;
    let AtDestinations { sightings, skips, faults, empty } = found;
    facts.skips.extend(skips);
    facts.faults.extend(faults);
    facts = Facts { sightings, empty, ..facts };
    add_outages(&images, &mut facts.faults);
    for (step, fault) in &facts.faults {
        context.events.say(&Event::SurveyFailed { step: step.clone(), fault: fault.clone() });
    }
    facts
}

/// What the parts of the survey are made of. Each is given what it needs.
struct Parts {
    steps: Arc<GraphSteps>,
    filters: Filters,
    immutable: ImmutableTags,
    comparison: Arc<Comparison>,
}

impl Parts {
    fn new(graph: &Graph, roles: &Arc<Roles>, context: &SurveyContext) -> Self {
        let steps = GraphSteps::of(graph, context);
        let contents = Arc::new(ContentCache::default());
        let referrers = Arc::new(Referrers::default());
        let transforms = Arc::new(Transforms {
            steps: Arc::clone(&steps),
            roles: Arc::clone(roles),
            contents: Arc::clone(&contents),
        });
        let judging = Arc::new(Judging {
            machine: MachineJudge::of(context),
            steps: Arc::clone(&steps),
            roles: Arc::clone(roles),
            events: context.events.clone(),
            contents: Arc::clone(&contents),
            referrers: Arc::clone(&referrers),
            answers: Answers::default(),
        });
        let signatures = Arc::new(Signatures {
            steps: Arc::clone(&steps),
            roles: Arc::clone(roles),
            ledger: context.ledger.clone(),
            referrers,
            tags: CompanionTags::default(),
        });
        let filters = Filters {
            roles: Arc::clone(roles),
            contents: Arc::clone(&contents),
            transforms: Arc::clone(&transforms),
            ledger: context.ledger.clone(),
            at_once: context.at_once,
        };
        let immutable = ImmutableTags {
            ledger: context.ledger.clone(),
            transforms: Arc::clone(&transforms),
            judging: Arc::clone(&judging),
            signatures: Arc::clone(&signatures),
        };
        let ledger = context.ledger.clone();
        let comparison = Arc::new(Comparison { contents, transforms, judging, signatures, ledger });
        Self { steps, filters, immutable, comparison }
    }
}

/// Asks all sources side by side.
async fn sources(
    graph: &Graph,
    roles: &Roles,
    context: &SurveyContext,
    retries: &RetryLimits,
    facts: &mut Facts,
) -> Leaving {
    let asked = graph.steps.iter().filter_map(|step| {
        let StepKind::Source(source) = &step.kind else { return None };
        let query = SourceQuery { step: &step.id, source, context };
        let places = OpenPlaces::new(roles, retries.clone(), Side::Source);
        Some(async move { (step, query.ask(places).await) })
    });
    let mut leaving = Leaving::new();
    for (step, found) in join_all(asked).await {
        facts.skips.extend(found.skips);
        facts.listings.extend(found.listings);
        facts.faults.extend(found.faults.into_iter().map(|fault| (step.id.clone(), fault)));
        let route = Route::from(&step.id);
        let routed = RoutedImages { route, images: found.images, failed: Vec::new() };
        leaving.insert(step.id.clone(), vec![routed]);
    }
    leaving
}

/// Takes the images through the steps, and gives what arrives at the sinks.
async fn steps<'a>(
    graph: &'a Graph,
    filters: &Filters,
    mut leaving: Leaving,
    facts: &mut Facts,
) -> Vec<Arrivals<'a>> {
    let mut sinks = Vec::new();
    for (index, step) in graph.steps.iter().enumerate() {
        let id = step.id.as_str();
        let effect = match &step.kind {
            StepKind::Source(_) => continue,
            StepKind::Filter(Filter::Judge(_)) => StepEffect::Judges(index),
            StepKind::Filter(_) | StepKind::Sink(_) => StepEffect::Nothing,
            StepKind::Transform(Transform::Sign(_)) => StepEffect::Signs(index),
            StepKind::Transform(_) => StepEffect::Edits(index),
        };
        let arriving = arriving(&graph.steps, &leaving, &step.inputs);
        let passed = match &step.kind {
            StepKind::Filter(filter) if !matches!(filter, Filter::Judge(_)) => {
                match filters.apply(id, filter, arriving).await {
                    Ok(outcome) => {
                        facts.skips.extend(outcome.skips);
                        outcome.passed
                    }
                    Err(fault) => {
                        facts.faults.push((step.id.clone(), fault));
                        Vec::new()
                    }
                }
            }
            _ => arriving.into_iter().map(|routed| routed.then(id, effect)).collect(),
        };
        if let StepKind::Sink(sink) = &step.kind {
            sinks.push(Arrivals { index, id, sink, images: passed });
        } else {
            leaving.insert(step.id.clone(), passed);
        }
    }
    sinks
}

/// What the inputs of a step bring: their union. An image that comes twice with the same edits,
/// policies and signers counts once, by the first route.
fn arriving(steps: &[Step], leaving: &Leaving, inputs: &[String]) -> Vec<RoutedImages> {
    let inputs = || inputs.iter().filter_map(|input| leaving.get(input)).flatten();
    if inputs().count() <= 1 {
        return inputs().cloned().collect();
    }
    let id = |step: &usize| steps.get(*step).map(|step| step.id.clone());
    let mut seen = BTreeSet::new();
    let mut union = Vec::new();
    for routed in inputs() {
        let Route { edits, judges, signs, .. } = routed.route.as_ref();
        let done: Arc<[Option<String>]> = edits.iter().chain(judges).chain(signs).map(id).collect();
        let mut is_first =
            |image: &Arc<Image>| seen.insert((Arc::clone(&image.reference), Arc::clone(&done)));
        let images = routed.images.iter().filter(|image| is_first(image)).cloned().collect();
        let failed = routed.failed.iter().filter(|(image, _)| is_first(image)).cloned().collect();
        union.push(RoutedImages { route: Arc::clone(&routed.route), images, failed });
    }
    union
}

/// Names the sources whose place went out, or never answered, while its images were asked for.
fn add_outages(offered: &[RoutedImages], faults: &mut Vec<(String, Fault)>) {
    for image in offered.iter().flat_map(|routed| &routed.images) {
        let fault = image.place.trouble().map(|fault| (image.place.step.clone(), fault));
        faults.extend(fault.filter(|fault| !faults.contains(fault)));
    }
}
