//! `engine plugin new`

use crate::author::{self, Language, New};
use crate::cli::exit::Exit;
use crate::cli::output_style::Voice;
use crate::role::Surroundings;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;

/// Write the folder of a new plugin: small, and working as it is
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct NewArguments {
    /// Its name and that of its folder, such as transport-shelf: it begins with the role, which is
    /// transport, signer, policy, filter or transform
    name: String,

    /// The language that it is written in
    #[arg(long, value_enum, default_value_t = NewLanguage::Rust)]
    language: NewLanguage,

    /// Where its folder is made; here, if left out
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,

    #[command(flatten)]
    voice: Voice,
}

/// A language that there is a template for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NewLanguage {
    /// Built by cargo
    Rust,
    /// Built by componentize-js, from the npm registry
    Javascript,
    /// Built by componentize-py, from the Python Package Index
    Python,
}

impl NewArguments {
    /// Writes.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let speaker = self.voice.speaker(surroundings);
        let language = match self.language {
            NewLanguage::Rust => Language::Rust,
            NewLanguage::Javascript => Language::JavaScript,
            NewLanguage::Python => Language::Python,
        };
        let into = self.into.clone().unwrap_or_default();
        let new = New { name: &self.name, language };
        match author::create(&new, &surroundings.directory.join(&into)) {
            Ok(_) => {
                let folder = into.join(&self.name);
                speaker.note(&format!(
                    "{} is there; its README.md says how to go on",
                    folder.display()
                ));
                Exit::Done
            }
            Err(fault) => {
                speaker.fault(&fault.into());
                Exit::Usage
            }
        }
    }
}
