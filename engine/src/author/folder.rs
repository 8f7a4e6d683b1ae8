//! The folder of a new plugin: small, and working as it is.

use super::template::template;
use super::{AuthorFault, Language, interface};
use crate::role::ComponentRole;
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

/// Where the interface stands, so that all tools find it as a dependency of the world.
const INTERFACE: &str = "wit/deps/engine-plugin/package.wit";

/// Writes the folder of a new plugin below `into`, and says where it is.
///
/// # Errors
///
/// The name is none, the folder is there already, or it cannot be written.
pub fn create(new: &New<'_>, into: &Path) -> Result<PathBuf, AuthorFault> {
    let Some(role) = role_of(new.name) else {
        return Err(AuthorFault::BadName(new.name.to_owned()));
    };
    let folder = into.join(new.name);
    let shown = || folder.display().to_string();
    fs::create_dir_all(into).map_err(|error| file(into, &error))?;
    fs::create_dir(&folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => AuthorFault::Exists(shown()),
        _ => file(&folder, &error),
    })?;
    for (path, text) in template(role, new.language) {
        write(&folder.join(path), &text.replace("NAME", new.name))?;
    }
    write(&folder.join(INTERFACE), &interface())?;
    Ok(folder)
}

/// The role that a name begins with; none where small letters, digits and single dashes do not follow.
fn role_of(name: &str) -> Option<ComponentRole> {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let (role, rest) = name.split_once('-')?;
    let is_name = name.len() <= MAX_NAME && rest.split('-').all(part);
    ComponentRole::ALL.into_iter().find(|known| known.word() == role).filter(|_| is_name)
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
            assert_eq!(role_of(good), Some(ComponentRole::Transport), "{good}");
        }
        assert_eq!(role_of("filter-x"), Some(ComponentRole::Filter));
        let bad = ["", "x", "transport", "transport-", "transport-X", "transport--x", "shelf-x"];
        for bad in bad.into_iter().chain(["../transport-x", "transport-ä"]) {
            assert_eq!(role_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_folder_is_written_once_and_has_its_mark() {
        let into = tempfile::tempdir().unwrap();
        let all =
            ComponentRole::ALL.into_iter().flat_map(|role| Language::ALL.map(|of| (role, of)));
        for (role, language) in all {
            let name = format!("{}-{language:?}", role.word()).to_lowercase();
            let new = New { name: &name, language };
            let folder = create(&new, into.path()).unwrap();
            assert_eq!(Language::of(&folder), Some(language));
            let manifest = fs::read_to_string(folder.join("plugin.toml")).unwrap();
            assert!(manifest.contains(&format!("role = \"{}\"", role.word())), "{manifest}");
            assert!(manifest.contains(&name), "{manifest}");
            assert_eq!(create(&new, into.path()).unwrap_err().code(), crate::author::codes::EXISTS);
        }
    }
}
