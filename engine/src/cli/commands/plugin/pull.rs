//! `engine plugin pull`

use crate::cli::commands::listening::Listening;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::refusal::after_output;
use crate::cli::spec_arguments::source;
use crate::event::Events;
use crate::role::{Nobody, Surroundings};
use crate::run::{
    self, Bounds, ComponentsToPull, Pulled, Request, SharedMachine, SpecSource, StateChoice, Stop,
};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

/// Get components out of a registry into the store of this machine
///
/// A component is named by its digest, so what is pulled today is what runs tomorrow. Logins are
/// those of a run.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct PullArguments {
    /// Components, such as <oci://registry.example.com/transport-shelf@sha256:…>
    #[arg(value_name = "REF", required_unless_present = "spec")]
    references: Vec<String>,

    /// Take the settings of registries from this spec; without REF, pull all that its plugins name
    #[arg(long, value_name = "SPEC")]
    spec: Option<PathBuf>,

    #[command(flatten)]
    listening: Listening,
}

impl PullArguments {
    /// Pulls.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let listeners = match self.listening.start(surroundings) {
            Ok(listeners) => listeners,
            Err(exit) => return exit,
        };
        let spec = match &self.spec {
            Some(spec) => source(spec, listeners.speaker()),
            None => Ok(SpecSource::Memory(Arc::default())),
        };
        let spec = match spec {
            Ok(spec) => spec,
            Err(exit) => return exit,
        };
        let request = Request {
            spec,
            vars: [].into(),
            surroundings: Arc::clone(surroundings),
            events: Events::default(),
            ask: Arc::new(Nobody),
            stop: Stop::default(),
            state: StateChoice::Nowhere,
            bounds: Bounds::default(),
            machine: SharedMachine::default(),
        };
        let pull =
            ComponentsToPull { references: self.references.clone(), by_spec: self.spec.is_some() };
        let make = |request: Request| async move { run::pull(&request, pull).await };
        listeners.walk(request, make, |pulled: Vec<Pulled>| {
            let lines: Vec<String> = pulled.iter().map(line).collect();
            after_output(output::text(&lines.join("\n")), Exit::Done)
        })
    }
}

fn line(pulled: &Pulled) -> String {
    let how = if pulled.was_there { "was there" } else { "pulled" };
    let component = &pulled.component;
    let (name, version, wants) = (&component.name, &component.version, &component.wants.interfaces);
    let wants = if wants.is_empty() { "nothing".to_owned() } else { wants.join(", ") };
    format!("{how}  {}  {name} {version}  wants {wants}", pulled.reference)
}
