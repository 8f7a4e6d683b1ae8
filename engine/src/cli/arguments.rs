//! The command line as clap reads it.

use super::commands::{
    CheckArguments, CompletionArguments, ExplainArguments, GraphArguments, KeyArguments,
    PlanArguments, PluginArguments, RunArguments, SchemaArguments,
};
use super::exit::Exit;
use crate::role::Surroundings;
use clap::{Parser, Subcommand};
use std::sync::Arc;

/// Makes a set of OCI repositories look the way a YAML file says.
#[derive(Debug, PartialEq, Eq, Parser)]
#[command(name = "engine", version, disable_help_subcommand = false)]
pub(super) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// A command; each is a file of its own.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Command {
    Run(RunArguments),
    Check(CheckArguments),
    Plan(PlanArguments),
    Graph(GraphArguments),
    Explain(ExplainArguments),
    Schema(SchemaArguments),
    Plugin(PluginArguments),
    Key(KeyArguments),
    Completion(CompletionArguments),
}

impl Command {
    /// Does it.
    pub(super) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        match self {
            Self::Run(arguments) => arguments.perform(surroundings),
            Self::Check(arguments) => arguments.perform(surroundings),
            Self::Plan(arguments) => arguments.perform(surroundings),
            Self::Graph(arguments) => arguments.perform(surroundings),
            Self::Explain(arguments) => arguments.perform(surroundings),
            Self::Schema(arguments) => arguments.perform(),
            Self::Plugin(arguments) => arguments.perform(surroundings),
            Self::Key(arguments) => arguments.perform(surroundings),
            Self::Completion(arguments) => arguments.perform(),
        }
    }
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
