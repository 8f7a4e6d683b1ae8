//! `engine plan`

use super::listening::Listening;
use crate::cli::exit::Exit;
use crate::cli::refusal::{after_output, unwritable};
use crate::cli::spec_arguments::{Keeping, SpecArguments};
use crate::cli::standard_error::Speaker;
use crate::cli::whole_file::WholeFile;
use crate::cli::{calls_below, output};
use crate::role::Surroundings;
use crate::run::{self, Planned};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;

/// Show what a run would do, and why
///
/// Looks at sources and destinations and writes nothing there. Exit codes are those of `run`;
/// with --detailed-exitcode 2 says that there is something to do.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct PlanArguments {
    #[command(flatten)]
    pub(in crate::cli) spec: SpecArguments,
    #[command(flatten)]
    pub(in crate::cli) keeping: Keeping,

    /// The form of the plan on standard output
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = PlanFormat::Text)]
    pub(in crate::cli) output: PlanFormat,

    /// Also write the plan as JSON to this file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,

    /// Exit with 2 if there is something to do
    #[arg(long = "detailed-exitcode")]
    pub(in crate::cli) detailed: bool,

    #[command(flatten)]
    pub(in crate::cli) listening: Listening,
}

/// The form of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

impl PlanArguments {
    /// Plans.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let listeners = match self.listening.start(surroundings) {
            Ok(listeners) => listeners,
            Err(exit) => return exit,
        };
        let speaker = listeners.speaker();
        if self.listening.takes_stdout() {
            speaker.complain("standard output is the plan's: give --events a file");
            return Exit::Usage;
        }
        let file = match self.out.as_deref().map(WholeFile::open).transpose() {
            Ok(file) => file,
            Err(fault) => return unwritable(speaker, &fault),
        };
        let mut request = match self.spec.request(surroundings, speaker) {
            Ok(request) => request,
            Err(exit) => return exit,
        };
        request.state = self.keeping.choice();
        listeners.walk(
            request,
            |request| async move { run::plan(&request).await },
            |planned| self.show(&planned, file, speaker),
        )
    }

    fn show(&self, planned: &Planned, file: Option<WholeFile>, speaker: &Speaker) -> Exit {
        let mut exit = calls_below::planned_exit(planned, self.detailed);
        let saved = match calls_below::plan_json(planned) {
            Ok(saved) => saved,
            Err(fault) => {
                speaker.complain(&format!("cannot write the plan: {fault}"));
                return Exit::Engine;
            }
        };
        if let Some(Err(fault)) = file.map(|file| file.finish_json(&saved)) {
            speaker.complain(&format!("cannot write the plan: {fault}"));
            exit = exit.or(Exit::Unwritten);
        }
        let written = match self.output {
            PlanFormat::Text => output::text(&calls_below::plan_text(planned)),
            PlanFormat::Json => output::json(&saved),
        };
        after_output(written, exit)
    }
}
