//! `engine schema`

use crate::cli::exit::Exit;
use crate::cli::refusal::after_output;
use crate::cli::{calls_below, output};
use clap::{Args, ValueEnum};

/// Print a JSON Schema, for editors and programs
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct SchemaArguments {
    /// Of what
    #[arg(value_enum, default_value_t = SchemaKind::Spec)]
    pub(in crate::cli) document: SchemaKind,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaKind {
    /// The YAML file
    Spec,
    /// What `plan -o json` prints
    Plan,
    /// What `run --report` writes
    Report,
}

impl SchemaArguments {
    /// Prints.
    pub(in crate::cli) fn perform(&self) -> Exit {
        let text = match self.document {
            SchemaKind::Spec => calls_below::spec_schema(),
            SchemaKind::Plan => calls_below::plan_schema(),
            SchemaKind::Report => calls_below::report_schema(),
        };
        after_output(output::json(&text), Exit::Done)
    }
}
