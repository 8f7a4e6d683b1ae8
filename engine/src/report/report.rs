//! The report of a run.

use super::{ExitCode, FaultStage, ItemReport, Summary};
use crate::diagnostic::Fault;
use crate::plan::Skip;
use serde::{Deserialize, Serialize};

/// The report of a run, as it is written to a file (`specs/report.schema.json`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `engine/v1`
    pub api_version: String,
    /// `Report`
    pub kind: String,
    /// The run.
    pub run: RunReport,
    /// Its sums.
    pub summary: Summary,
    /// The items, in the order of the plan.
    pub items: Vec<ItemReport>,
    /// Images that a step did not let through.
    pub skips: Vec<Skip>,
    /// Hosts that a registry led to although the spec does not name them.
    pub led_to: Vec<Reached>,
    /// What people should know although the run went on.
    pub warnings: Vec<Fault>,
    /// Sources and destinations that could not be looked at.
    pub faults: Vec<StepFault>,
    /// Whether no source at all could be looked at.
    #[serde(skip)]
    pub(super) all_sources_failed: bool,
}

/// The run that is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// Names the run.
    pub id: String,
    /// The version of the engine.
    pub engine: String,
    /// The pipeline.
    pub pipeline: String,
    /// When it began, in UTC.
    pub started_at: String,
    /// When it ended, in UTC.
    pub finished_at: String,
    /// How the program ends.
    pub exit_code: u8,
    /// `done`, `partial` (some items are not), `stopped` or `failed` (none is).
    pub outcome: String,
    /// The signal that stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<String>,
}

/// A host that a registry led to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reached {
    /// The registry.
    pub registry: String,
    /// The host, with its port.
    pub host: String,
    /// `challenge`, `redirect` or `location`.
    pub by: String,
}

/// A step that could not look at its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepFault {
    /// The step.
    pub step: String,
    /// Why.
    pub fault: Fault,
}

impl Report {
    /// The report as JSON, with a line break at its end.
    ///
    /// # Errors
    ///
    /// None in practice: all keys are text. The signature is that of the JSON writer.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The exit code of the run.
    pub fn exit_code(&self) -> ExitCode {
        let steps = self.faults.iter().map(|step| (&step.fault, FaultStage::Item));
        let of_steps = steps.map(|(fault, stage)| ExitCode::of(fault.kind, fault.origin, stage));
        let of_run = [
            self.nothing_was_reached().then_some(ExitCode::Unreachable),
            self.run.stopped_by.as_deref().map(|signal| match signal {
                "SIGTERM" => ExitCode::Terminated,
                _ => ExitCode::Interrupted,
            }),
        ];
        let of_items = self.items.iter().filter_map(ItemReport::exit_code);
        ExitCode::first(of_items.chain(of_steps).chain(of_run.into_iter().flatten()))
    }

    /// Whether all sources could not be looked at, or all items failed for want of an answer.
    fn nothing_was_reached(&self) -> bool {
        let unreached =
            |item: &ItemReport| item.fault.as_ref().is_some_and(Fault::is_unreached_place);
        self.all_sources_failed || !self.items.is_empty() && self.items.iter().all(unreached)
    }
}
