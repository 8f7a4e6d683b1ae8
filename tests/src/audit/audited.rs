//! A destination to be audited.

use super::directory::Directory;
use super::layout::Layout;
use super::walk::walk;
use super::{Violation, Wrong};
use crate::registry::Registry;
use std::path::Path;

/// A destination to be audited.
#[derive(Clone, Copy)]
pub enum Audited<'a> {
    /// A registry in memory.
    Registry(&'a Registry),
    /// An OCI layout.
    Layout(&'a Path),
    /// A directory in Skopeo's `dir:` format.
    Directory(&'a Path),
}

impl Audited<'_> {
    /// Everything that is wrong; nothing, when every name has its content.
    pub fn violations(self) -> Vec<Violation> {
        match self {
            Self::Registry(registry) => walk(registry),
            Self::Layout(path) => {
                let layout = Layout(path);
                layout.faults().into_iter().chain(walk(&layout)).collect()
            }
            Self::Directory(path) => {
                let directory = Directory(path);
                directory.faults().into_iter().chain(walk(&directory)).collect()
            }
        }
    }

    /// The same without files that are no content, which a killed run may leave behind.
    pub fn violations_after_a_kill(self) -> Vec<Violation> {
        let mut found = self.violations();
        found.retain(|violation| !matches!(violation.wrong, Wrong::Stray(_)));
        found
    }

    /// Panics with every violation, one on each line.
    pub fn assert_sound(self) {
        let found = self.violations();
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "\n{}\n", lines.join("\n"));
    }
}
