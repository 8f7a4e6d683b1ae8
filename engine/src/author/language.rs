//! The languages that the engine knows how to build.

use std::path::Path;

/// A language that a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A crate, built by cargo.
    Rust,
    /// A module, built by `componentize-js`.
    JavaScript,
    /// A module, built by `componentize-py`.
    Python,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rust, Self::JavaScript, Self::Python];

    /// The file by which a folder is known to be in this language.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::JavaScript => "package.json",
            Self::Python => "app.py",
        }
    }

    /// The language of a folder; none where no mark is there.
    pub fn of(folder: &Path) -> Option<Self> {
        Self::ALL.into_iter().find(|language| folder.join(language.mark()).is_file())
    }
}
