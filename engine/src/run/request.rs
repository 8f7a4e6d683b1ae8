//! What the command line asks for.

use super::{Bounds, SpecSource};
use crate::event::Events;
use crate::host::SharedMachine;
use crate::role::{Ask, Stop, Surroundings};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be walked.
#[derive(Clone)]
pub struct Request {
    /// Where the spec comes from.
    pub spec: SpecSource,
    /// `--var name=value`; for a spec that has a text.
    pub vars: BTreeMap<String, String>,
    /// The environment.
    pub surroundings: Arc<Surroundings>,
    /// Who is told.
    pub events: Events,
    /// Who is asked for passphrases that the spec does not name.
    pub ask: Arc<dyn Ask>,
    /// How the walk is asked to stop.
    pub stop: Stop,
    /// Where the state is.
    pub state: StateChoice,
    /// What no spec says.
    pub bounds: Bounds,
    /// What runs components. Requests with clones of one machine share it, so that a process makes
    /// it once.
    pub machine: SharedMachine,
}

/// Where the state of the pipeline is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StateChoice {
    /// Where the spec says, else at the default place, which only a spec file has.
    #[default]
    AsTheSpecSays,
    /// Nowhere: nothing is known, nothing is kept.
    Nowhere,
    /// In this file.
    At(PathBuf),
}

impl Request {
    /// The folder that relative paths of the spec start at.
    pub fn folder(&self) -> PathBuf {
        self.spec.folder(&self.surroundings.directory)
    }
}
