//! `engine completion`

use crate::cli::arguments::Arguments;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::refusal::after_output;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

/// Print completions for a shell
///
/// For bash: `engine completion bash > ~/.local/share/bash-completion/completions/engine`
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct CompletionArguments {
    /// The shell
    #[arg(value_enum)]
    pub(in crate::cli) shell: Shell,
}

impl CompletionArguments {
    /// Prints.
    pub(in crate::cli) fn perform(&self) -> Exit {
        // Into memory first: the generator panics when a pipe closes.
        let mut script = Vec::new();
        generate(self.shell, &mut Arguments::command(), "engine", &mut script);
        after_output(output::text(&String::from_utf8_lossy(&script)), Exit::Done)
    }
}
