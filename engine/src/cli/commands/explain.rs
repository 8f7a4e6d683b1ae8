//! `engine explain`

use super::listening::Listening;
use super::refusal::after_output;
use crate::cli::exit::Exit;
use crate::cli::reading::{Keeping, Reading};
use crate::cli::{output, seams};
use crate::role::Surroundings;
use crate::run;
use clap::Args;
use std::sync::Arc;

/// Explain what becomes of one image, and why
///
/// Plans like `plan`, and shows for one reference which steps it passes, where it stops, and what
/// would be done with it.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct ExplainArguments {
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,

    /// A source or destination, such as docker.io/library/nginx:1.29
    #[arg(value_name = "REF")]
    pub(in crate::cli) reference: String,

    #[command(flatten)]
    pub(in crate::cli) keeping: Keeping,
    #[command(flatten)]
    pub(in crate::cli) listening: Listening,
}

impl ExplainArguments {
    /// Explains.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let listeners = match self.listening.start(surroundings) {
            Ok(listeners) => listeners,
            Err(exit) => return exit,
        };
        let mut request = self.reading.request(surroundings);
        request.state = self.keeping.choice();
        let show = |planned: run::Planned| {
            let text = seams::explained(&planned, &self.reference);
            after_output(output::text(&text), Exit::Done)
        };
        listeners.walk(request, |request| async move { run::plan(&request).await }, show)
    }
}
