//! `engine check`

use crate::cli::amounts::counted;
use crate::cli::exit::Exit;
use crate::cli::output_style::Voice;
use crate::cli::refusal::refused;
use crate::cli::spec_arguments::SpecArguments;
use crate::graph::Graph;
use crate::role::Surroundings;
use crate::run;
use clap::Args;
use std::sync::Arc;

/// Check a spec without asking any registry
///
/// Finds all faults of the file in one pass. Exit codes: 0 it is fine, 65 it is invalid, 78 it
/// cannot be read or is not YAML.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct CheckArguments {
    #[command(flatten)]
    pub(in crate::cli) spec: SpecArguments,
    #[command(flatten)]
    pub(in crate::cli) voice: Voice,
}

impl CheckArguments {
    /// Checks.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let speaker = self.voice.speaker(surroundings);
        let request = match self.spec.request(surroundings, &speaker) {
            Ok(request) => request,
            Err(exit) => return exit,
        };
        match run::check(&request) {
            Ok(checked) => {
                let steps = steps(&checked.graph);
                speaker.note(&format!("{}: fine, {steps}", request.spec.name()));
                Exit::Done
            }
            Err(faults) => refused(&speaker, &faults),
        }
    }
}

fn steps(graph: &Graph) -> String {
    counted(u64::try_from(graph.steps.len()).unwrap_or(u64::MAX), "step")
}
