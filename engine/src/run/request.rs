//! What the command line asks for.

use super::Bounds;
use crate::event::Events;
use crate::role::{Ask, Stop, Surroundings};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is to be walked.
#[derive(Clone)]
pub struct Request {
    /// The spec file; `-` is standard input.
    pub spec: PathBuf,
    /// `--var name=value`.
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
}

/// Where the state of the pipeline is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StateChoice {
    /// Where the spec says, else at the default place.
    #[default]
    AsTheSpecSays,
    /// Nowhere: nothing is known, nothing is kept.
    Nowhere,
    /// In this file.
    At(PathBuf),
}

impl Request {
    /// The absolute path of the spec; for standard input one in the working directory, so that
    /// relative paths start there.
    pub(super) fn file(&self) -> PathBuf {
        if self.spec.as_os_str() == "-" {
            return self.surroundings.directory.join("stdin");
        }
        let path = self.surroundings.directory.join(&self.spec);
        path.canonicalize().unwrap_or(path)
    }

    /// The folder that relative paths of the spec start at.
    pub fn folder(&self) -> PathBuf {
        self.file().parent().unwrap_or(Path::new("/")).to_owned()
    }

    /// The file's name for people.
    pub(super) fn shown(&self) -> String {
        match self.spec.as_os_str().to_str() {
            Some("-") => "standard input".to_owned(),
            _ => self.spec.display().to_string(),
        }
    }
}
