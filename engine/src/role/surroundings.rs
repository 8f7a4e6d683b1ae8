//! What surrounds a run: variables, home, working directory. `cli` reads it once; nobody else
//! asks the process for it, so a test can surround a run with anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The environment of a run.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Environment variables; those that are not UTF-8 are left out.
    pub variables: BTreeMap<String, String>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
    /// The directory that relative paths on the command line start at.
    pub directory: PathBuf,
    /// Whether standard error is a terminal.
    pub terminal: bool,
}

impl Surroundings {
    /// The value of a variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Where caches go: `$XDG_CACHE_HOME/engine`, else `~/.cache/engine`.
    pub fn cache(&self) -> Option<PathBuf> {
        self.xdg("XDG_CACHE_HOME", ".cache").map(|directory| directory.join("engine"))
    }

    /// Where data goes that is costly to get again: `$XDG_DATA_HOME/engine`, else
    /// `~/.local/share/engine`.
    pub fn data(&self) -> Option<PathBuf> {
        self.xdg("XDG_DATA_HOME", ".local/share").map(|directory| directory.join("engine"))
    }

    /// Where state goes: `$XDG_STATE_HOME/engine`, else `~/.local/state/engine`.
    pub fn state(&self) -> Option<PathBuf> {
        self.xdg("XDG_STATE_HOME", ".local/state").map(|directory| directory.join("engine"))
    }

    /// Where settings are: `$XDG_CONFIG_HOME`, else `~/.config`.
    pub fn config(&self) -> Option<PathBuf> {
        self.xdg("XDG_CONFIG_HOME", ".config")
    }

    /// A path as the user meant it: relative ones start at `base`.
    pub fn resolve(base: &Path, path: &str) -> PathBuf {
        base.join(path)
    }

    fn xdg(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        let set = self.variable(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        set.or_else(|| self.home.as_ref().map(|home| home.join(below_home)))
    }
}
