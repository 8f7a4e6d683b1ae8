//! The survey, step by step through the graph.

use super::content::Contents;
use super::errand::Arrivals;
use super::hints::Hints;
use super::judge::Verdicts;
use super::look::destinations;
use super::offer::Offering;
use super::sieve::sieve;
use super::signed::SignatureTags;
use crate::diagnostic::Fault;
use crate::event::{Event, Events};
use crate::graph::{Filling, Filter, Graph, Step, StepKind, Transform};
use crate::oci::Reference;
use crate::plan::Facts;
use crate::role::{Ledger, Roles, Side};
use crate::survey::image::{Flow, Pass, Path};
use crate::survey::place::{Patience, Places};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What all tasks of a survey share.
pub(super) struct Surveyor {
    /// The steps of the graph.
    pub steps: Vec<Step>,
    /// The components of the run.
    pub roles: Arc<Roles>,
    /// Who is told.
    pub events: Events,
    /// What was read.
    pub contents: Contents,
    /// Tags of destinations that signatures stand under.
    pub signature_tags: SignatureTags,
    /// What policies said.
    pub verdicts: Verdicts,
    /// What earlier runs did.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// Images looked at at once.
    pub at_once: usize,
    run: String,
    date: String,
}

impl Surveyor {
    /// The filter at a place in the graph.
    pub(super) fn filter(&self, step: usize) -> Option<&Filter> {
        match &self.steps.get(step)?.kind {
            StepKind::Filter(filter) => Some(filter),
            _ => None,
        }
    }

    /// What the templates of an image are filled in with.
    pub(super) fn filling<'a>(&'a self, image: &'a Reference, digest: &'a str) -> Filling<'a> {
        let tag = image.name.tag.as_deref();
        Filling { source: image, tag, digest, date: &self.date, run: &self.run }
    }
}

/// Looks at the sources, walks the graph, and looks at the destinations.
///
/// Never fails as a whole: what could not be looked at is in the facts, and so in the plan.
pub async fn survey(graph: &Graph, roles: &Arc<Roles>, hints: &Hints) -> Facts {
    let surveyor = Arc::new(Surveyor {
        steps: graph.steps.clone(),
        roles: Arc::clone(roles),
        events: hints.events.clone(),
        signature_tags: SignatureTags::default(),
        verdicts: Verdicts::default(),
        contents: Contents::default(),
        ledger: hints.ledger.clone(),
        at_once: hints.at_once,
        run: hints.run.clone(),
        date: hints.date.clone(),
    });
    let patience = Patience::new(&graph.run, hints.stop.clone());
    let mut facts = Facts::default();
    let mut leaving = offers(graph, roles, hints, &patience, &mut facts).await;
    let offered: Vec<Flow> = leaving.values().flatten().cloned().collect();
    let mut sinks = Vec::new();
    for (index, step) in graph.steps.iter().enumerate() {
        let arriving = || arriving(&surveyor.steps, &leaving, &step.inputs);
        match &step.kind {
            StepKind::Source(_) => {}
            StepKind::Filter(Filter::Judge(_)) => {
                leaving.insert(step.id.clone(), passing(arriving(), step, Pass::Judged(index)));
            }
            StepKind::Filter(_) => {
                let sieved = sieve(&surveyor, index, &arriving()).await;
                facts.skips.extend(sieved.skips);
                facts.faults.extend(sieved.fault.map(|fault| (step.id.clone(), fault)));
                leaving.insert(step.id.clone(), sieved.passed);
            }
            StepKind::Transform(transform) => {
                let pass = match transform {
                    Transform::Sign(_) => Pass::Signed(index),
                    _ => Pass::Edited(index),
                };
                leaving.insert(step.id.clone(), passing(arriving(), step, pass));
            }
            StepKind::Sink(sink) => {
                let flows = passing(arriving(), step, Pass::Through);
                sinks.push(Arrivals { index, id: step.id.clone(), sink, flows });
            }
        }
    }
    drop(leaving);
    destinations(&surveyor, roles, patience, &sinks, &mut facts).await;
    down(&offered, &mut facts.faults);
    for (step, fault) in &facts.faults {
        hints.events.say(&Event::SurveyFailed { step: step.clone(), fault: fault.clone() });
    }
    facts
}

/// What arrives at a step that lets all pass.
fn passing(arriving: Vec<Flow>, step: &Step, pass: Pass) -> Vec<Flow> {
    let flows = arriving.into_iter().map(|flow| {
        let next = flow.then(&step.id, pass);
        Flow { images: flow.images, ..next }
    });
    flows.collect()
}

/// Asks all sources side by side.
async fn offers(
    graph: &Graph,
    roles: &Roles,
    hints: &Hints,
    patience: &Patience,
    facts: &mut Facts,
) -> BTreeMap<String, Vec<Flow>> {
    let asked = graph.steps.iter().filter_map(|step| {
        let StepKind::Source(source) = &step.kind else { return None };
        let patience = patience.clone();
        let offering = Offering { step: &step.id, source, hints };
        let places = Places::new(roles, patience, Side::Source);
        Some(async move { (step, offering.ask(places).await) })
    });
    let mut leaving = BTreeMap::new();
    for (step, offer) in join_all(asked).await {
        facts.skips.extend(offer.skips);
        facts.faults.extend(offer.faults.into_iter().map(|fault| (step.id.clone(), fault)));
        let path = Path::from(&step.id);
        let flow = Flow { path, images: offer.images, broken: Vec::new() };
        leaving.insert(step.id.clone(), vec![flow]);
    }
    leaving
}

/// What the inputs of a step bring: their union. An image that comes twice with the same edits,
/// policies and signers counts once, by the first way.
fn arriving(steps: &[Step], leaving: &BTreeMap<String, Vec<Flow>>, inputs: &[String]) -> Vec<Flow> {
    let flows = || inputs.iter().filter_map(|input| leaving.get(input)).flatten();
    if flows().count() <= 1 {
        return flows().cloned().collect();
    }
    let settings = |step: &usize| steps.get(*step).map(|step| step.id.clone());
    let mut seen = BTreeSet::new();
    let mut union = Vec::new();
    for flow in flows() {
        let Path { edits, judges, signs, .. } = flow.path.as_ref();
        let all = edits.iter().chain(judges).chain(signs);
        let edits: Arc<[Option<String>]> = all.map(settings).collect();
        let mut first = |image: &Arc<super::image::Image>| {
            seen.insert((Arc::clone(&image.reference), Arc::clone(&edits)))
        };
        let images = flow.images.iter().filter(|image| first(image)).cloned().collect();
        let broken = flow.broken.iter().filter(|(image, _)| first(image)).cloned().collect();
        union.push(Flow { path: Arc::clone(&flow.path), images, broken });
    }
    union
}

/// Names the sources whose place went out, or never answered, while its images were asked for.
fn down(offered: &[Flow], faults: &mut Vec<(String, Fault)>) {
    for image in offered.iter().flat_map(|flow| &flow.images) {
        let fault = image.place.trouble().map(|fault| (image.place.step.clone(), fault));
        faults.extend(fault.filter(|fault| !faults.contains(fault)));
    }
}
