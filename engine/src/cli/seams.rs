//! Where the command line meets the floors below: one small function for each thing that is
//! asked of them.

use super::exit::Exit;
use crate::diagnostic::{Drawing, Fault, Kind};
use crate::graph::{Graph, ReportKind};
use crate::plan::{self, Action, Plan};
use crate::report;
use crate::role::Catalog;
use crate::run::{Finished, Planned, Refused};
use crate::spec;

/// The exit code of what was refused before anything began.
pub(super) fn refused_exit(refused: &Refused) -> Exit {
    refused.exit_code()
}

/// The faults of a spec, drawn into its text; with colours if asked for.
pub(super) fn drawn(refused: &Refused, colour: bool) -> String {
    let text = refused.text.as_deref().unwrap_or_default();
    Drawing::new(refused.file.as_str(), text, colour).draw(&refused.faults)
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
            Action::Conflict => Exit::Conflict,
            Action::Reject => Exit::Refused,
            Action::Fail => Exit::SomeFailed,
            Action::Copy | Action::Move | Action::Sign if detailed => Exit::Changes,
            _ => Exit::Done,
        });
    }
    if !plan.faults.is_empty() {
        exit = exit.or(Exit::SomeFailed);
    }
    if all_sources_failed(graph, plan) && plan.items.iter().all(|item| item.action == Action::Fail)
    {
        exit = exit.or(Exit::Unreachable);
    }
    if plan.faults.iter().any(|(_, fault)| is_about_a_credential(fault)) {
        exit = exit.or(Exit::Unauthorized);
    }
    exit
}

fn all_sources_failed(graph: &Graph, plan: &Plan) -> bool {
    let failed = |id: &str| plan.faults.iter().any(|(step, _)| step == id);
    let mut sources = graph.steps.iter().filter(|step| step.inputs.is_empty()).peekable();
    sources.peek().is_some() && sources.all(|step| failed(&step.id))
}

/// Whether a registry refused who we are or what we may.
fn is_about_a_credential(fault: &Fault) -> bool {
    fault.kind == Kind::Unauthorized
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
