//! Where a spec comes from: a file, standard input, or this program itself.

use super::Refused;
use super::bounded::{read_file, read_text};
use crate::diagnostic::{Fault, Origin};
use crate::report::FaultStage;
use crate::spec::{self, Reading, Spec, Variables};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What standard input is called where a place in it is shown, as in `<stdin>:3:5`.
const STDIN: &str = "<stdin>";

/// Where a spec comes from.
#[derive(Debug, Clone)]
pub enum SpecSource {
    /// A YAML file. Relative paths in it start at its folder.
    File(PathBuf),
    /// The text that standard input held, as [`SpecSource::read_standard_input`] reads it. Relative
    /// paths in it start at the working directory. No state is kept unless the spec or
    /// [`StateChoice`](super::StateChoice) names a file.
    StandardInput(String),
    /// A spec that this program built. Its texts are taken as they are: no variable is filled in.
    /// Its faults have a path and no line. Folder and state are as with standard input.
    Memory(Arc<Spec>),
}

impl SpecSource {
    /// Reads standard input to its end, at most 8 MiB.
    ///
    /// # Errors
    ///
    /// `spec::unreadable`: it is larger, cannot be read, or is not UTF-8.
    pub fn read_standard_input() -> Result<Self, Refused> {
        let read = read_text(std::io::stdin().lock());
        read.map(Self::StandardInput).map_err(|why| unreadable(STDIN, &why))
    }

    /// The name for people: the path as it was given, or `<stdin>`.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::StandardInput(_) => STDIN.to_owned(),
            Self::Memory(_) => "<memory>".to_owned(),
        }
    }

    /// The name of the pipeline where the spec gives none.
    pub(super) fn pipeline(&self, directory: &Path) -> String {
        let file = match self {
            Self::File(_) => self.file(directory),
            Self::StandardInput(_) => Some(PathBuf::from("stdin")),
            Self::Memory(_) => None,
        };
        let stem = file.as_deref().and_then(Path::file_stem);
        stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The absolute path, with links resolved; none where the spec is no file.
    pub(super) fn file(&self, directory: &Path) -> Option<PathBuf> {
        let Self::File(path) = self else { return None };
        let path = directory.join(path);
        Some(path.canonicalize().unwrap_or(path))
    }

    /// The folder that relative paths of the spec start at.
    pub(super) fn folder(&self, directory: &Path) -> PathBuf {
        let file = self.file(directory);
        file.as_deref().and_then(Path::parent).unwrap_or(directory).to_owned()
    }

    /// The text; none where the spec was built in memory.
    ///
    /// # Errors
    ///
    /// `spec::unreadable`.
    pub(super) fn text(&self, directory: &Path) -> Result<Option<String>, Refused> {
        match self {
            Self::File(path) => {
                let read = read_file(&directory.join(path));
                read.map(Some).map_err(|why| unreadable(&self.name(), &why))
            }
            Self::StandardInput(text) => Ok(Some(text.clone())),
            Self::Memory(_) => Ok(None),
        }
    }

    /// Reads the spec, of which this is the text, as far as it can be understood.
    pub(super) fn read(&self, text: Option<&str>, variables: &Variables) -> Reading {
        match self {
            Self::Memory(built) => spec::built(built.as_ref().clone(), &variables.env),
            _ => spec::read(text.unwrap_or_default(), variables),
        }
    }
}

fn unreadable(name: &str, why: &str) -> Refused {
    let message = format!("`{name}` could not be read: {why}");
    let fault = Fault::new(spec::codes::UNREADABLE, Origin::Local, message);
    let (file, stage) = (name.to_owned(), FaultStage::Start);
    Refused { faults: vec![fault], file, text: None, stage }
}
