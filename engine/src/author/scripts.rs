//! JavaScript and Python: a tool packs the interpreter and the module into one component.
//!
//! Both tools would let the component import WASI; they are told not to, as a plugin has no
//! system but the engine's interfaces.

use super::AuthorFault;
use super::tool::Tool;
use crate::role::Surroundings;
use std::path::{Path, PathBuf};

/// The world of the plugin, in `wit/`. Source: the templates of `engine plugin new`.
const WORLD: &str = "plugin";

/// Makes a component of `plugin.js`.
pub(super) fn javascript(
    folder: &Path,
    made: &Path,
    around: &Surroundings,
) -> Result<(), AuthorFault> {
    let places = ["node_modules/.bin/componentize-js"];
    let help = "run `npm install` in the folder of the plugin";
    Tool::find(folder, &places, "componentize-js", around, help)?
        .with(["plugin.js", "--wit", "wit", "--world-name", WORLD])
        .with(["--disable", "stdio", "random", "clocks", "http", "fetch-event", "--out"])
        .with([made])
        .run(false)
        .map(drop)
}

/// Makes a component of `app.py`.
pub(super) fn python(folder: &Path, made: &Path, around: &Surroundings) -> Result<(), AuthorFault> {
    let places = [".venv/bin/componentize-py"];
    let help = "run `python3 -m venv .venv && .venv/bin/pip install -r requirements.txt` in the \
                folder of the plugin";
    Tool::find(folder, &places, "componentize-py", around, help)?
        .with(["--wit-path", "wit", "--world", WORLD, "componentize", "app", "--stub-wasi"])
        .with([Path::new("--output"), made])
        .run(false)
        .map(drop)
}

/// Runs the author's own command.
pub(super) fn command(
    folder: &Path,
    command: &[String],
    around: &Surroundings,
) -> Result<(), AuthorFault> {
    let (program, arguments) = command.split_first().ok_or_else(|| AuthorFault::Manifest {
        at: "plugin.toml".to_owned(),
        reason: "the command under `[build]` is empty".to_owned(),
    })?;
    let help = "install it, or name another in `command` under `[build]` in plugin.toml";
    let places = [program.as_str()];
    let places = if program.contains('/') { &places[..] } else { &[] };
    Tool::find(folder, places, program, around, help)?.with(arguments).run(true).map(drop)
}

/// A file that is gone when this is dropped.
pub(super) struct Passing(pub(super) PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        // It may never have been made.
        let _gone = std::fs::remove_file(&self.0);
    }
}
