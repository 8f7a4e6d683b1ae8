//! `engine plugin inspect`

use super::list::by_name;
use super::reach::Under;
use super::shown::PluginScreen;
use crate::author;
use crate::cli::exit::Exit;
use crate::cli::output_style::Voice;
use crate::cli::refusal::{after_output, refused};
use crate::cli::spec_arguments::SpecArguments;
use crate::cli::standard_error::Speaker;
use crate::cli::{calls_below, output};
use crate::report::FaultStage;
use crate::role::{Component, Surroundings};
use crate::run::{self, Refused};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Show what a plugin wants, what it can reach under a spec, and what it cannot
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct InspectArguments {
    /// A component's file, or the name or a transport word of a built-in one
    #[arg(value_name = "FILE|NAME")]
    plugin: String,

    /// Show what this spec lets it reach
    #[arg(long, value_name = "SPEC")]
    spec: Option<PathBuf>,

    /// Print the JSON Schema of its settings, and nothing else
    #[arg(long)]
    schema: bool,

    #[command(flatten)]
    voice: Voice,
}

impl InspectArguments {
    /// Shows.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let speaker = self.voice.speaker(surroundings);
        match self.shown(surroundings, &speaker) {
            Ok(text) => after_output(output::text(&text), Exit::Done),
            Err(exit) => exit,
        }
    }

    fn shown(&self, surroundings: &Arc<Surroundings>, speaker: &Speaker) -> Result<String, Exit> {
        let (component, imports) = self.component(surroundings, speaker)?;
        if self.schema {
            return Ok(serde_json::to_string_pretty(&component.settings).unwrap_or_default());
        }
        let under = match &self.spec {
            Some(spec) => Some(under(spec, &component, surroundings, speaker)?),
            None => None,
        };
        Ok(PluginScreen { component: &component, imports: imports.as_deref(), under }.text())
    }

    /// The component, and what it imports where that is in a file of its own.
    fn component(
        &self,
        surroundings: &Arc<Surroundings>,
        speaker: &Speaker,
    ) -> Result<(Component, Option<Vec<String>>), Exit> {
        let fits =
            |one: &Component| one.name == self.plugin || one.transports.contains(&self.plugin);
        let built_in = by_name(calls_below::catalog().components.into_values());
        if let Some(component) = built_in.into_iter().find(fits) {
            return Ok((component, None));
        }
        let path = surroundings.directory.join(&self.plugin);
        let is_name = !self.plugin.contains(['/', '.']) && !path.exists();
        if is_name {
            speaker.complain(&format!(
                "there is no plugin `{}`; see engine plugin list, or name a file",
                self.plugin
            ));
            return Err(Exit::Usage);
        }
        let refuse = |faults| {
            refused(
                speaker,
                &Refused { faults, file: self.plugin.clone(), text: None, stage: FaultStage::Call },
            )
        };
        let component = run::described(path.clone()).map_err(refuse)?;
        let imports = std::fs::read(&path).ok().and_then(|bytes| author::imports(&bytes).ok());
        Ok((component, imports))
    }
}

/// What a spec gives to the component, by step.
fn under(
    spec: &Path,
    component: &Component,
    surroundings: &Arc<Surroundings>,
    speaker: &Speaker,
) -> Result<Under, Exit> {
    let arguments = SpecArguments { spec: spec.to_owned(), vars: Vec::new() };
    let request = arguments.request(surroundings, speaker)?;
    let checked = run::check(&request).map_err(|faults| refused(speaker, &faults))?;
    let bindings = checked.graph.bindings.into_iter();
    let bindings = bindings.filter(|binding| binding.component.digest == component.digest);
    Ok(Under { spec: request.spec.name(), bindings: bindings.collect() })
}
