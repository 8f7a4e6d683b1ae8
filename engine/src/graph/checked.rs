//! The graph itself.

use super::{Report, RunSettings, Sink, Step, StepKind};
use crate::role::{Binding, KeySettings, RegistrySettings};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done, with every reference resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The name of the pipeline, or of its file.
    pub name: String,
    /// Settings of the run.
    pub run: RunSettings,
    /// Settings of registries, by host and port.
    pub registries: BTreeMap<String, RegistrySettings>,
    /// The keys that steps use, by name.
    pub keys: BTreeMap<String, KeySettings>,
    /// The steps; each comes after all its inputs.
    pub steps: Vec<Step>,
    /// Which component plays which transport for which step.
    pub bindings: Vec<Binding>,
    /// Reports to be written.
    pub reports: Vec<Report>,
}

impl Graph {
    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The sinks that say `partial: true`.
    pub fn partial_sinks(&self) -> BTreeSet<String> {
        self.sinks(|sink| sink.partial)
    }

    /// The sinks that say `removeSignatures: true`.
    pub fn unsigned_sinks(&self) -> BTreeSet<String> {
        self.sinks(|sink| sink.remove_signatures)
    }

    fn sinks(&self, says: impl Fn(&Sink) -> bool) -> BTreeSet<String> {
        let is_one = |step: &&Step| matches!(&step.kind, StepKind::Sink(sink) if says(sink));
        self.steps.iter().filter(is_one).map(|step| step.id.clone()).collect()
    }
}
