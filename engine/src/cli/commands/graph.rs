//! `engine graph`

use crate::cli::exit::Exit;
use crate::cli::output_style::Voice;
use crate::cli::refusal::{after_output, refused};
use crate::cli::spec_arguments::SpecArguments;
use crate::cli::{calls_below, output};
use crate::role::Surroundings;
use crate::run;
use clap::{Args, ValueEnum};
use std::sync::Arc;

/// Draw the graph of a spec
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct GraphArguments {
    #[command(flatten)]
    pub(in crate::cli) spec: SpecArguments,

    /// In which language
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    pub(in crate::cli) format: GraphFormat,

    #[command(flatten)]
    pub(in crate::cli) voice: Voice,
}

/// A language for graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum GraphFormat {
    /// Graphviz
    Dot,
    /// Mermaid, as in Markdown
    Mermaid,
}

impl GraphArguments {
    /// Draws.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let speaker = self.voice.speaker(surroundings);
        let request = match self.spec.request(surroundings, &speaker) {
            Ok(request) => request,
            Err(exit) => return exit,
        };
        match run::check(&request) {
            Ok(checked) => {
                let text = match self.format {
                    GraphFormat::Dot => calls_below::graph_dot(&checked.graph),
                    GraphFormat::Mermaid => calls_below::graph_mermaid(&checked.graph),
                };
                after_output(output::text(&text), Exit::Done)
            }
            Err(faults) => refused(&speaker, &faults),
        }
    }
}
