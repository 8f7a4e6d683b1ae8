//! The folder of a new plugin: small, and working as it is.

use super::{AuthorFault, Language, interface};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Letters of the longest name.
const MAX_NAME: usize = 64;

/// A plugin that is to be.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Its name, which begins with its role.
    pub name: &'a str,
    /// The language that it is written in.
    pub language: Language,
}

/// A file of a template: its path in the folder, and its text.
type File = (&'static str, &'static str);

macro_rules! template {
    ($($path:literal from $file:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/transport/", $file)))),*]
    };
}

/// What every language has.
const ALL: &[File] = template![
    ".gitignore" from "gitignore",
    "settings.schema.json" from "settings.schema.json",
    "sync.yaml" from "sync.yaml",
    "wit/world.wit" from "world.wit",
];

/// Where the interface stands, so that all tools find it as a dependency of the world.
const INTERFACE: &str = "wit/deps/engine-plugin/package.wit";

impl New<'_> {
    fn files(&self) -> &'static [File] {
        match self.language {
            Language::Rust => template![
                "Cargo.toml" from "rust/Cargo.toml",
                "README.md" from "rust/README.md",
                "plugin.toml" from "rust/plugin.toml",
                "src/image.rs" from "rust/image.rs",
                "src/lib.rs" from "rust/lib.rs",
                "src/place.rs" from "rust/place.rs",
            ],
            Language::JavaScript => template![
                "README.md" from "javascript/README.md",
                "fault.js" from "javascript/fault.js",
                "image.js" from "javascript/image.js",
                "package.json" from "javascript/package.json",
                "place.js" from "javascript/place.js",
                "plugin.js" from "javascript/plugin.js",
                "plugin.toml" from "javascript/plugin.toml",
                "sha256.js" from "javascript/sha256.js",
            ],
            Language::Python => template![
                "README.md" from "python/README.md",
                "app.py" from "python/app.py",
                "fault.py" from "python/fault.py",
                "image.py" from "python/image.py",
                "place.py" from "python/place.py",
                "plugin.toml" from "python/plugin.toml",
                "requirements.txt" from "python/requirements.txt",
                "transport.py" from "python/transport.py",
            ],
        }
    }
}

/// Writes the folder of a new plugin below `into`, and says where it is.
///
/// # Errors
///
/// The name is none, the folder is there already, or it cannot be written.
pub fn create(new: &New<'_>, into: &Path) -> Result<PathBuf, AuthorFault> {
    if !is_name(new.name) {
        return Err(AuthorFault::BadName(new.name.to_owned()));
    }
    let folder = into.join(new.name);
    let shown = || folder.display().to_string();
    fs::create_dir_all(into).map_err(|error| file(into, &error))?;
    fs::create_dir(&folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => AuthorFault::Exists(shown()),
        _ => file(&folder, &error),
    })?;
    for (path, text) in ALL.iter().chain(new.files()) {
        write(&folder.join(path), &text.replace("NAME", new.name))?;
    }
    write(&folder.join(INTERFACE), &interface())?;
    Ok(folder)
}

/// Small letters, digits and single dashes, after the role.
fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    name.len() <= MAX_NAME
        && name.strip_prefix("transport-").is_some_and(|rest| rest.split('-').all(part))
}

/// Writes a file that is not there, with the folders that lead to it.
fn write(path: &Path, text: &str) -> Result<(), AuthorFault> {
    let made = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
    };
    made().map_err(|error| file(path, &error))
}

fn file(path: &Path, error: &std::io::Error) -> AuthorFault {
    AuthorFault::File { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_their_role() {
        for good in ["transport-x", "transport-my-shelf2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in
            ["", "x", "transport-", "transport-X", "transport--x", "../transport-x", "transport-ä"]
        {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_folder_is_written_once_and_has_its_mark() {
        let into = tempfile::tempdir().unwrap();
        for language in Language::ALL {
            let new = New { name: &format!("transport-{language:?}").to_lowercase(), language };
            let folder = create(&new, into.path()).unwrap();
            assert_eq!(Language::of(&folder), Some(language));
            let manifest = fs::read_to_string(folder.join("plugin.toml")).unwrap();
            assert!(manifest.contains(new.name), "{manifest}");
            assert_eq!(create(&new, into.path()).unwrap_err().code(), "author::exists");
        }
    }
}
