//! The steps of the graph by their places, and what their templates are filled in with.

use super::survey_context::SurveyContext;
use crate::graph::{
    Filling, Filter, Graph, Judge, Referrers, Signing, Source, Step, StepKind, Transform,
};
use crate::oci::Reference;
use std::sync::Arc;

/// The steps of the graph by their places, and what their templates are filled in with.
pub(super) struct GraphSteps {
    steps: Vec<Step>,
    run: String,
    date: String,
}

impl GraphSteps {
    /// The steps of a graph, in a run.
    pub(super) fn of(graph: &Graph, context: &SurveyContext) -> Arc<Self> {
        let (run, date) = (context.run.clone(), context.date.clone());
        Arc::new(Self { steps: graph.steps.clone(), run, date })
    }

    /// What the templates of an image are filled in with.
    pub(super) fn filling<'a>(&'a self, image: &'a Reference, digest: &'a str) -> Filling<'a> {
        let tag = image.name.tag.as_deref();
        Filling { source: image, tag, digest, date: &self.date, run: &self.run }
    }

    /// The transforms at these places.
    pub(super) fn transforms<'a>(
        &'a self,
        edits: &'a [usize],
    ) -> impl Iterator<Item = (&'a str, &'a Transform)> {
        edits.iter().filter_map(|edit| self.transform(*edit))
    }

    /// The transform at a place.
    pub(super) fn transform(&self, step: usize) -> Option<(&str, &Transform)> {
        match self.steps.get(step)? {
            Step { id, kind: StepKind::Transform(transform), .. } => Some((id.as_str(), transform)),
            _ => None,
        }
    }

    /// The policy at a place.
    pub(super) fn judge(&self, step: usize) -> Option<(&str, &Judge)> {
        match self.steps.get(step)? {
            Step { id, kind: StepKind::Filter(Filter::Judge(judge)), .. } => Some((id, judge)),
            _ => None,
        }
    }

    /// The signer at a place.
    pub(super) fn signing(&self, step: usize) -> Option<(&str, &Signing)> {
        match self.steps.get(step)? {
            Step { id, kind: StepKind::Transform(Transform::Sign(signing)), .. } => {
                Some((id.as_str(), signing))
            }
            _ => None,
        }
    }

    /// Whether a source says that the referrers of its images are asked for in each run.
    pub(super) fn follows_referrers(&self, source: &str) -> bool {
        let step = self.steps.iter().find(|step| step.id == source);
        matches!(
            step.map(|step| &step.kind),
            Some(StepKind::Source(Source { referrers: Referrers::Always, .. }))
        )
    }
}
