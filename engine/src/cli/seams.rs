//! Where the command line meets the floors below: one small function for each thing that is
//! asked of them.

use super::exit::Exit;
use crate::diagnostic::Fault;
use crate::graph::Graph;
use crate::plan::{Action, Plan};
use crate::role::Catalog;
use crate::run::{Finished, Planned, Refused};

/// The exit code of what was refused before anything began.
pub(super) fn refused_exit(refused: &Refused) -> Exit {
    let unreadable =
        |fault: &Fault| matches!(fault.code.as_ref(), "spec::unreadable" | "spec::not-yaml");
    if refused.faults.iter().any(unreadable) { Exit(78) } else { Exit(65) }
}

/// The faults of a spec, drawn into its text; with colours if asked for.
pub(super) fn drawn(refused: &Refused, _colour: bool) -> String {
    let draw = |fault: &Fault| {
        let place = fault.place.as_deref().unwrap_or_default();
        format!("{}: {place}: {fault} [{}]\n", refused.file, fault.code)
    };
    refused.faults.iter().map(draw).collect()
}

/// The exit code of a run.
pub(super) fn finished_exit(finished: &Finished) -> Exit {
    Exit(finished.report.exit_code())
}

/// The report for people.
pub(super) fn report_text(_finished: &Finished) -> String {
    String::new()
}

/// The report for programs.
pub(super) fn report_json(_finished: &Finished) -> String {
    "{}".to_owned()
}

/// The plan for people.
pub(super) fn plan_text(planned: &Planned) -> String {
    format!("{} items", planned.plan.items.len())
}

/// The plan for programs.
pub(super) fn plan_json(_planned: &Planned) -> String {
    "{}".to_owned()
}

/// What a plan does with a reference and why; none where it knows nothing of it.
pub(super) fn explained(_planned: &Planned, _reference: &str) -> Option<String> {
    None
}

/// The exit code of a plan: what a run of it would surely end with.
pub(super) fn planned_exit(planned: &Planned, detailed: bool) -> Exit {
    let Planned { graph, plan } = planned;
    let mut exit = Exit::DONE;
    for item in &plan.items {
        exit = exit.or(match item.action {
            Action::Conflict => Exit::CONFLICT,
            Action::Fail => Exit::SOME_FAILED,
            Action::Copy | Action::Move if detailed => Exit::CHANGES,
            _ => Exit::DONE,
        });
    }
    if !plan.faults.is_empty() {
        exit = exit.or(Exit::SOME_FAILED);
    }
    if all_sources_failed(graph, plan) {
        exit = exit.or(Exit::UNREACHABLE);
    }
    if plan.faults.iter().any(|(_, fault)| is_about_a_credential(fault)) {
        exit = exit.or(Exit::REFUSED_CREDENTIAL);
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
    matches!(fault.fact_of("status"), Some("401" | "403"))
}

/// The graph in Graphviz's language.
pub(super) fn graph_dot(graph: &Graph) -> String {
    format!("digraph \"{}\" {{}}\n", graph.name)
}

/// The graph in Mermaid's language.
pub(super) fn graph_mermaid(_graph: &Graph) -> String {
    "flowchart LR\n".to_owned()
}

/// The JSON Schema of the spec.
pub(super) fn spec_schema() -> String {
    "{}".to_owned()
}

/// The JSON Schema of the plan.
pub(super) fn plan_schema() -> String {
    "{}".to_owned()
}

/// The JSON Schema of the report.
pub(super) fn report_schema() -> String {
    "{}".to_owned()
}

/// The built-in components, by transport word.
pub(super) fn catalog() -> Catalog {
    crate::run::catalog()
}
