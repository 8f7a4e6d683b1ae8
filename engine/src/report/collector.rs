//! Listens to a run, and makes the report of it.

use super::summary::count_request;
use super::{ItemReport, Reached, Report, Requests, RunReport, StepFault, Summary};
use crate::diagnostic::{Fault, Origin};
use crate::event::{Event, Outcome, Reader, Status};
use crate::plan::Plan;
use crate::report::codes;
use crate::role::timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Warnings that are kept; one says how many more there were.
const MAX_WARNINGS: usize = 1000;

/// Listens to a run.
#[derive(Default)]
pub struct Collector(Mutex<Heard>);

/// When a run began and ended, since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// When it began.
    pub started: Duration,
    /// When it ended.
    pub finished: Duration,
}

#[derive(Default)]
struct Heard {
    run: String,
    pipeline: String,
    outcomes: BTreeMap<u64, Outcome>,
    requests: BTreeMap<String, Requests>,
    led_to: BTreeSet<Reached>,
    warnings: Vec<Fault>,
    more_warnings: usize,
    sources: BTreeSet<String>,
    /// Sources that gave an image.
    reached: BTreeSet<String>,
    faults: Vec<StepFault>,
    stopped_by: Option<String>,
}

impl Reader for Collector {
    fn read(&self, event: &Event) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::RunStarted { run, pipeline } => {
                heard.run.clone_from(run);
                heard.pipeline.clone_from(pipeline);
            }
            Event::SurveyStarted { step, .. } => drop(heard.sources.insert(step.clone())),
            Event::SurveyFinished { step, images } if *images > 0 => {
                heard.reached.insert(step.clone());
            }
            Event::SurveyFailed { step, fault } => heard.fault(step, fault),
            Event::ItemFinished { item, outcome } => {
                heard.outcomes.insert(*item, outcome.clone());
            }
            Event::LedTo { registry, host, by } => {
                let (registry, host, by) = (registry.clone(), host.clone(), by.clone());
                heard.led_to.insert(Reached { registry, host, by });
            }
            Event::Warned { .. } if heard.warnings.len() == MAX_WARNINGS => {
                heard.more_warnings += 1;
            }
            Event::Warned { fault } => heard.warnings.push(fault.clone()),
            Event::Stopping { signal } => heard.stopped_by = Some(signal.clone()),
            other => count_request(&mut heard.requests, other),
        }
    }
}

impl Collector {
    /// The report of the run so far. An item that has not ended is deferred.
    pub fn report(&self, plan: &Plan, times: Times) -> Report {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (step, fault) in &plan.faults {
            heard.fault(step, fault);
        }
        let mut summary = Summary { requests: heard.requests.clone(), ..Summary::default() };
        let mut items = Vec::with_capacity(plan.items.len());
        for item in &plan.items {
            let outcome = heard
                .outcomes
                .get(&item.id)
                .cloned()
                .unwrap_or_else(|| Outcome::untouched(Status::Deferred));
            summary.count(outcome.status);
            summary.incomplete += u64::from(outcome.incomplete);
            summary.bytes.copied += outcome.bytes_copied;
            summary.bytes.mounted += outcome.bytes_mounted;
            summary.bytes.reused += outcome.bytes_reused;
            items.push(ItemReport::new(item, outcome));
        }
        let run = RunReport {
            id: heard.run.clone(),
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            pipeline: heard.pipeline.clone(),
            started_at: timestamp(times.started),
            finished_at: timestamp(times.finished),
            exit_code: 0,
            outcome: String::new(),
            stopped_by: heard.stopped_by.clone(),
        };
        let all_sources_failed =
            !heard.sources.is_empty() && heard.sources.iter().all(|step| heard.failed(step));
        let mut report = Report {
            api_version: "engine/v1".to_owned(),
            kind: "Report".to_owned(),
            run,
            summary,
            items,
            skips: plan.skips.clone(),
            led_to: heard.led_to.iter().cloned().collect(),
            warnings: heard.warnings(),
            faults: heard.faults.clone(),
            all_sources_failed,
        };
        report.run.exit_code = report.exit_code().number();
        report.run.outcome = outcome(&report).to_owned();
        report
    }
}

impl Heard {
    /// Notes a fault of a step once, whether an event or the plan says it.
    fn fault(&mut self, step: &str, fault: &Fault) {
        let noted = StepFault { step: step.to_owned(), fault: fault.clone() };
        if !self.faults.contains(&noted) {
            self.faults.push(noted);
        }
    }

    /// Whether a source gave nothing, as it could not be reached. One that answered that there is
    /// nothing was reached.
    fn failed(&self, source: &str) -> bool {
        let unreached = |StepFault { step, fault }: &StepFault| step == source && fault.is_outage();
        !self.reached.contains(source) && self.faults.iter().any(unreached)
    }

    fn warnings(&self) -> Vec<Fault> {
        let mut warnings = self.warnings.clone();
        if self.more_warnings > 0 {
            let message = format!("{} more warnings were left out", self.more_warnings);
            warnings.push(Fault::new(codes::MORE_WARNINGS, Origin::Local, message));
        }
        warnings
    }
}

fn outcome(report: &Report) -> &'static str {
    let Summary { items, failed, rejected, deferred, .. } = report.summary;
    let undone = failed + rejected + deferred;
    match report.run.exit_code {
        130 | 143 => "stopped",
        _ if undone == 0 && report.faults.is_empty() => "done",
        _ if undone == items => "failed",
        _ => "partial",
    }
}
