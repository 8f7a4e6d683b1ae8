//! The steps that images passed on their way from a source to a sink.

use super::image::Image;
use crate::diagnostic::Fault;
use std::sync::Arc;

/// The steps that images passed so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// The steps, source first.
    pub steps: Arc<[String]>,
    /// The transforms among them that edit, by their places in the graph.
    pub edits: Vec<usize>,
    /// The policies among them.
    pub judges: Vec<usize>,
    /// The signers among them.
    pub signs: Vec<usize>,
    /// Whether it is for companions of the images that took it.
    pub is_of_companions: bool,
}

/// What a step does to the images that pass it.
#[derive(Debug, Clone, Copy)]
pub(super) enum StepEffect {
    /// They stay as they are.
    Nothing,
    /// They are edited by the step at this place in the graph.
    Edits(usize),
    /// They are judged before they are written.
    Judges(usize),
    /// They are signed where they are written.
    Signs(usize),
}

/// Images that took the same route.
#[derive(Clone)]
pub(super) struct RoutedImages {
    /// The route.
    pub route: Arc<Route>,
    /// The images.
    pub images: Vec<Arc<Image>>,
    /// Images that a step could not look at; they fail at each sink that they would reach.
    pub failed: Vec<(Arc<Image>, Fault)>,
}

impl Route {
    /// The route that starts at a source.
    pub(super) fn from(source: &str) -> Arc<Self> {
        let steps = Arc::new([source.to_owned()]);
        let (edits, judges, signs) = (Vec::new(), Vec::new(), Vec::new());
        Arc::new(Self { steps, edits, judges, signs, is_of_companions: false })
    }

    /// The same for companions of its images: they are no images, to be judged or signed.
    pub(super) fn of_companions(&self) -> Arc<Self> {
        let (steps, edits) = (Arc::clone(&self.steps), self.edits.clone());
        let (judges, signs) = (Vec::new(), Vec::new());
        Arc::new(Self { steps, edits, judges, signs, is_of_companions: true })
    }

    /// The route that goes on to another step.
    pub(super) fn then(&self, step: &str, effect: StepEffect) -> Arc<Self> {
        let steps = self.steps.iter().cloned().chain([step.to_owned()]).collect();
        let (mut edits, mut judges) = (self.edits.clone(), self.judges.clone());
        let mut signs = self.signs.clone();
        match effect {
            StepEffect::Nothing => {}
            StepEffect::Edits(step) => edits.push(step),
            StepEffect::Judges(step) => judges.push(step),
            StepEffect::Signs(step) => signs.push(step),
        }
        Arc::new(Self { steps, edits, judges, signs, is_of_companions: self.is_of_companions })
    }
}

impl RoutedImages {
    /// The same images after one more step.
    pub(super) fn then(self, step: &str, effect: StepEffect) -> Self {
        Self { route: self.route.then(step, effect), ..self }
    }
}
