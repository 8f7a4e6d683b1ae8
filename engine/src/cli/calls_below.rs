//! Where the command line meets the floors below: one small function for each thing that is
//! asked of them.

use super::exit::Exit;
use crate::diagnostic::{Drawing, Fault, Kind, Origin};
use crate::graph::{Graph, ReportKind};
use crate::plan::{self, Action, Item, Plan, Reason};
use crate::report::{self, FaultStage};
use crate::role::Catalog;
use crate::run::{Finished, Planned, Refused};
use crate::spec;

/// The exit code of what was refused before anything began.
pub(super) fn refused_exit(refused: &Refused) -> Exit {
    refused.exit_code()
}

/// The faults of a spec, drawn into its text; with colours if asked for.
pub(super) fn drawn(refused: &Refused, colour: bool) -> String {
    let drawing = match &refused.text {
        Some(text) => Drawing::new(refused.file.as_str(), text, colour),
        None => Drawing::without_text(refused.file.as_str()),
    };
    drawing.draw(&refused.faults)
}

/// The exit code of a run.
pub(super) fn finished_exit(finished: &Finished) -> Exit {
    finished.report.exit_code()
}

/// The end of a run for people, who saw what was done item by item.
pub(super) fn closing_text(finished: &Finished) -> String {
    report::closing(&finished.report)
}

/// The report in one of its forms.
pub(super) fn report_as(finished: &Finished, kind: ReportKind) -> String {
    match kind {
        ReportKind::Json => report_json(finished),
        ReportKind::Text => report::text(&finished.report),
    }
}

/// The report for programs.
pub(super) fn report_json(finished: &Finished) -> String {
    finished.report.to_json().unwrap_or_default()
}

/// The plan for people.
pub(super) fn plan_text(planned: &Planned) -> String {
    plan::text(&planned.plan)
}

/// The plan for programs.
pub(super) fn plan_json(planned: &Planned) -> Result<String, Fault> {
    plan::to_json(&planned.plan)
}

/// What a plan does with a reference and why; none where it knows nothing of it.
pub(super) fn explained(planned: &Planned, reference: &str) -> String {
    plan::explain(&planned.plan, reference)
}

/// The exit code of a plan: what a run of it would surely end with.
pub(super) fn planned_exit(planned: &Planned, detailed: bool) -> Exit {
    let Planned { graph, plan } = planned;
    let mut exit = Exit::Done;
    for item in &plan.items {
        exit = exit.or(match item.action {
            Action::Conflict => Exit::of(Kind::Conflict, Origin::Policy, FaultStage::Item),
            Action::Reject => failed(item, FaultStage::Judged),
            Action::Fail => failed(item, FaultStage::Item),
            Action::Copy | Action::Move | Action::Sign if detailed => Exit::Changes,
            _ => Exit::Done,
        });
    }
    for (_, fault) in &plan.faults {
        exit = exit.or(Exit::of(fault.kind, fault.origin, FaultStage::Item));
    }
    if nothing_was_reached(graph, plan) {
        exit = exit.or(Exit::Unreachable);
    }
    exit
}

/// Whether no source gave an answer, or each item failed for want of one.
fn nothing_was_reached(graph: &Graph, plan: &Plan) -> bool {
    let failed = |id: &str| plan.faults.iter().any(|(step, fault)| step == id && fault.is_outage());
    let mut sources = graph.steps.iter().filter(|step| step.inputs.is_empty()).peekable();
    let no_source = sources.peek().is_some() && sources.all(|step| failed(&step.id));
    let items = || plan.items.iter();
    no_source && items().all(|item| item.action == Action::Fail)
        || !plan.items.is_empty()
            && items().all(|item| fault_of(item).is_some_and(Fault::is_unreached_place))
}

/// What kept an item from being planned, or from being judged.
fn fault_of(item: &Item) -> Option<&Fault> {
    match &item.reason {
        Reason::Fault { fault } => Some(fault),
        Reason::Refused { fault, .. } => fault.as_ref(),
        _ => None,
    }
}

/// What it means that an item cannot be done. One whose registry allows no more for now waits.
fn failed(item: &Item, stage: FaultStage) -> Exit {
    let fault = fault_of(item);
    let (kind, origin) = fault.map_or((Kind::Other, Origin::Local), |it| (it.kind, it.origin));
    let waits = kind == Kind::Quota && stage == FaultStage::Item;
    Exit::of(kind, origin, if waits { FaultStage::Deferred } else { stage })
}

/// The graph in Graphviz's language.
pub(super) fn graph_dot(graph: &Graph) -> String {
    graph.to_dot()
}

/// The graph in Mermaid's language.
pub(super) fn graph_mermaid(graph: &Graph) -> String {
    graph.to_mermaid()
}

/// The JSON Schema of the spec.
pub(super) fn spec_schema() -> String {
    spec::schema().to_string()
}

/// The JSON Schema of the plan.
pub(super) fn plan_schema() -> String {
    include_str!("../../../specs/plan.schema.json").to_owned()
}

/// The JSON Schema of the report.
pub(super) fn report_schema() -> String {
    include_str!("../../../specs/report.schema.json").to_owned()
}

/// The built-in components, by transport word.
pub(super) fn catalog() -> Catalog {
    crate::run::catalog()
}
