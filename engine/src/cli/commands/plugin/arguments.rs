//! What `engine plugin` can be asked for.

use super::build::BuildArguments;
use super::call::CallArguments;
use super::inspect::InspectArguments;
use super::list::ListArguments;
use super::new::NewArguments;
use super::pull::PullArguments;
use super::wit::WitArguments;
use crate::cli::exit::Exit;
use crate::role::Surroundings;
use clap::{Args, Subcommand};
use std::sync::Arc;

/// Look at plugins, make them, try them
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct PluginArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: PluginCommand,
}

/// What to do.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(in crate::cli) enum PluginCommand {
    List(ListArguments),
    Inspect(InspectArguments),
    Wit(WitArguments),
    New(NewArguments),
    Build(BuildArguments),
    Call(Box<CallArguments>),
    Pull(PullArguments),
}

impl PluginArguments {
    /// Does it.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        match &self.command {
            PluginCommand::List(arguments) => arguments.perform(surroundings),
            PluginCommand::Inspect(arguments) => arguments.perform(surroundings),
            PluginCommand::Wit(arguments) => arguments.perform(),
            PluginCommand::New(arguments) => arguments.perform(surroundings),
            PluginCommand::Build(arguments) => arguments.perform(surroundings),
            PluginCommand::Call(arguments) => arguments.perform(surroundings),
            PluginCommand::Pull(arguments) => arguments.perform(surroundings),
        }
    }
}
