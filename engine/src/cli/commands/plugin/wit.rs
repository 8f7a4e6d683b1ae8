//! `engine plugin wit`

use crate::author;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::refusal::after_output;
use clap::Args;

/// Print the interface that plugins speak, as one WIT document
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct WitArguments {}

impl WitArguments {
    /// Prints.
    #[expect(clippy::unused_self, reason = "as all commands do")]
    pub(in crate::cli) fn perform(&self) -> Exit {
        after_output(output::text(&author::interface()), Exit::Done)
    }
}
