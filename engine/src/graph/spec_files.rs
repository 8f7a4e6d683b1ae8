//! What a spec stands on.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a spec stands on: its folder, and the files that it names.
#[derive(Debug, Clone)]
pub struct SpecFiles {
    /// The absolute folder that relative paths of the spec start at.
    pub folder: PathBuf,
    /// The pipeline's name where the spec gives none: that of its file, or nothing.
    pub name: String,
    /// The text of the files that sources name by `file:`, by path as written.
    pub lists: BTreeMap<String, String>,
    /// The digests of the files of keys, by the names of the keys: a key that was exchanged is
    /// another one.
    pub keys: BTreeMap<String, String>,
}

impl SpecFiles {
    /// A path of the spec, absolute and without `.` in it.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        self.folder.join(written).components().collect()
    }
}
