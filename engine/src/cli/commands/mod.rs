//! The commands, one a file: its arguments with their help, then what it does.

mod check;
mod completion;
mod explain;
mod graph;
mod key;
mod listeners;
mod listening;
mod plan;
mod plugin;
mod run;
mod schema;

pub(super) use check::CheckArguments;
pub(super) use completion::CompletionArguments;
pub(super) use explain::ExplainArguments;
pub(super) use graph::GraphArguments;
pub(super) use key::KeyArguments;
pub(super) use plan::PlanArguments;
pub(super) use plugin::arguments::PluginArguments;
pub(super) use run::RunArguments;
pub(super) use schema::SchemaArguments;
#[cfg(test)]
pub(super) use {graph::GraphFormat, listening::Progress};
