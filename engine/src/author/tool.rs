//! A tool of a language: found where the author would find it, run where the plugin is.

use super::AuthorFault;
use crate::role::Surroundings;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes of a tool's answer that are read; what cargo says of a large build is some MiB.
const MAX_ANSWER_BYTES: u64 = 32 << 20;

/// A tool of a language.
pub(super) struct Tool {
    program: PathBuf,
    command: Command,
}

impl Tool {
    /// The tool at one of these paths of the folder, else on `PATH`.
    pub(super) fn find(
        folder: &Path,
        places: &[&str],
        name: &str,
        around: &Surroundings,
        help: &str,
    ) -> Result<Self, AuthorFault> {
        let beside = places.iter().map(|place| folder.join(place));
        let path = around.variable("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(path).map(|folder| folder.join(name));
        let missing = || AuthorFault::MissingTool { tool: name.to_owned(), help: help.to_owned() };
        let found = beside.chain(on_path).find(|path| path.is_file()).ok_or_else(missing)?;
        Ok(Self::at(found, folder))
    }

    /// The tool at this path, to be run in a folder.
    pub(super) fn at(program: PathBuf, folder: &Path) -> Self {
        let mut command = Command::new(&program);
        command.current_dir(folder).stdin(Stdio::null());
        Self { program, command }
    }

    /// More arguments.
    pub(super) fn with(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// A variable of its environment.
    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Without a variable of ours.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it to its end. What it says on standard error is kept for a fault, or goes to the
    /// author at once.
    pub(super) fn run(mut self, hears: bool) -> Result<String, AuthorFault> {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let failed = |words: String| AuthorFault::Failed { tool: name.clone(), words };
        let stderr = if hears { Stdio::inherit() } else { Stdio::piped() };
        let command = self.command.stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let words = child.stderr.take().map(|pipe| std::thread::spawn(move || bounded(pipe)));
        let answer = child.stdout.take().map(bounded).unwrap_or_default();
        let words = words.and_then(|thread| thread.join().ok()).unwrap_or_default();
        let ended = child.wait().map_err(|error| failed(error.to_string()))?;
        if ended.success() {
            return Ok(answer);
        }
        let words = if words.trim().is_empty() && !hears { answer } else { words };
        Err(failed(words))
    }
}

/// What a pipe has, up to the bound; the rest is read and let go, so that the tool can end.
fn bounded(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    // A pipe that breaks has nothing more to say; the exit code says the rest.
    let _read = pipe.by_ref().take(MAX_ANSWER_BYTES).read_to_end(&mut bytes);
    let _rest = std::io::copy(&mut pipe, &mut std::io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}
