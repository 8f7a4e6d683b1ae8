//! What a spec stands on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a spec stands on: where it is, and the files that it names.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The absolute path of the spec file; relative paths in it start at its folder.
    pub file: PathBuf,
    /// The text of the files that sources name by `file:`, by path as written.
    pub lists: BTreeMap<String, String>,
    /// The digests of the files of keys, by the names of the keys: a key that was exchanged is
    /// another one.
    pub keys: BTreeMap<String, String>,
}

impl Ground {
    /// The folder that relative paths start at.
    pub fn base(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("/"))
    }

    /// A path of the spec, absolute and without `.` in it.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        self.base().join(written).components().collect()
    }
}
