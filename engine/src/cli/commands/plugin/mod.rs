//! `engine plugin`: look at plugins, make them, try them.

mod build;
mod call;
mod inspect;
mod list;
mod new;
mod pull;
mod shown;
mod wit;

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
    List(list::ListArguments),
    Inspect(inspect::InspectArguments),
    Wit(wit::WitArguments),
    New(new::NewArguments),
    Build(build::BuildArguments),
    Call(Box<call::CallArguments>),
    Pull(pull::PullArguments),
}

impl PluginArguments {
    /// Does it.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        match &self.command {
            PluginCommand::List(arguments) => arguments.perform(),
            PluginCommand::Inspect(arguments) => arguments.perform(surroundings),
            PluginCommand::Wit(arguments) => arguments.perform(),
            PluginCommand::New(arguments) => arguments.perform(surroundings),
            PluginCommand::Build(arguments) => arguments.perform(surroundings),
            PluginCommand::Call(arguments) => arguments.perform(surroundings),
            PluginCommand::Pull(arguments) => arguments.perform(surroundings),
        }
    }
}
