//! The texts of the repository, by path.

use std::collections::BTreeMap;
use std::path::Path;

/// Folders that hold nothing of ours; `.git` is a file in a linked worktree.
const FOREIGN: [&str; 3] = [".git", "target", "node_modules"];

/// Bytes of the largest file that is read; lock files and recorded outputs stay below it.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// The text files of a repository, by their path from its root.
///
/// Files that are not UTF-8 (certificates, archives) are listed with an empty text.
#[derive(Debug, Clone, Default)]
pub struct Tree(BTreeMap<String, String>);

impl Tree {
    /// Reads the repository that this package stands in.
    pub fn of_this_repository() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut tree = Self::default();
        tree.read(&root, "");
        assert!(tree.0.contains_key("Cargo.toml"), "no repository at {}", root.display());
        tree
    }

    /// A small tree for a test: pairs of path and text.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect())
    }

    fn read(&mut self, folder: &Path, prefix: &str) {
        for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
            let entry = entry.expect("an entry of a folder");
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().expect("the type of an entry");
            if FOREIGN.contains(&name.as_str()) {
                continue;
            }
            if kind.is_dir() {
                self.read(&entry.path(), &format!("{path}/"));
            } else if kind.is_file() {
                let bytes = entry.metadata().expect("the size of a file").len();
                assert!(
                    bytes <= MAX_FILE_BYTES,
                    "{path} has {bytes} bytes: what is it doing here?"
                );
                let text = std::fs::read(entry.path()).expect("a file of the repository");
                self.0.insert(path, String::from_utf8(text).unwrap_or_default());
            }
        }
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// All files whose path starts with `prefix` and ends with `suffix`, in order.
    pub fn files<'a>(
        &'a self,
        prefix: &'a str,
        suffix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .filter(move |(path, _)| path.starts_with(prefix) && path.ends_with(suffix))
    }

    /// The names of the folders directly below `folder`, which ends with `/`.
    pub fn folders(&self, folder: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .0
            .keys()
            .filter_map(|path| path.strip_prefix(folder)?.split_once('/'))
            .map(|(name, _)| name)
            .collect();
        names.dedup();
        names
    }
}
