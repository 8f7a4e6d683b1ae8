//! An OCI layout.

use super::holdings::{Holdings, Named};
use super::{Violation, Wrong};
use bytes::Bytes;
use engine_oci::Digest;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// An OCI layout in a folder.
pub(super) struct Layout<'a>(pub(super) &'a Path);

impl Layout<'_> {
    fn path(&self, digest: &Digest) -> PathBuf {
        self.0.join("blobs").join(digest.algorithm().name()).join(digest.hex())
    }

    fn index(&self) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.0.join("index.json")).ok()?).ok()
    }

    /// What is wrong with the layout's own files. A folder without an index names nothing.
    ///
    /// Source: image-spec 1.1, "OCI Image Layout Specification".
    pub(super) fn faults(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut say = |name: &str, wrong| found.push(Violation { name: name.to_owned(), wrong });
        if self.0.join("index.json").exists() {
            let marker = fs::read(self.0.join("oci-layout")).unwrap_or_default();
            let marker: Value = serde_json::from_slice(&marker).unwrap_or_default();
            if marker["imageLayoutVersion"] != "1.0.0" {
                say("oci-layout", Wrong::Malformed("the marker".to_owned()));
            }
            match self.index() {
                Some(index) => index_faults(&index, &mut say),
                None => say("index.json", Wrong::Malformed("the index".to_owned())),
            }
        }
        for (algorithm, file) in self.files() {
            let name = format!("blobs/{algorithm}/{file}");
            match format!("{algorithm}:{file}").parse::<Digest>() {
                Err(_) => say(&name, Wrong::Stray("the file".to_owned())),
                Ok(digest) => {
                    let bytes = fs::read(self.path(&digest)).unwrap_or_default();
                    if !digest.matches(&bytes) {
                        say(&name, Wrong::Digest("the file".to_owned()));
                    }
                }
            }
        }
        found
    }

    /// The folders below `blobs` and the files in them.
    fn files(&self) -> Vec<(String, String)> {
        let blobs = self.0.join("blobs");
        let folders = entries(&blobs).into_iter();
        let pairs = folders.flat_map(|folder| {
            let files = entries(&blobs.join(&folder)).into_iter();
            files.map(|file| (folder.clone(), file)).collect::<Vec<_>>()
        });
        pairs.collect()
    }
}

fn index_faults(index: &Value, say: &mut impl FnMut(&str, Wrong)) {
    if index["schemaVersion"] != 2 || !index["manifests"].is_array() {
        say("index.json", Wrong::Malformed("the index".to_owned()));
    }
    let mut names = BTreeSet::new();
    for descriptor in index["manifests"].as_array().into_iter().flatten() {
        if named(descriptor).is_none() {
            say("index.json", Wrong::Malformed("a descriptor".to_owned()));
        }
        if let Some(name) = descriptor["annotations"][REF_NAME].as_str()
            && !names.insert(name)
        {
            say("index.json", Wrong::Malformed(format!("`{name}`, which stands there twice,")));
        }
    }
}

/// The names of the files in a folder, in order.
pub(super) fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn named(descriptor: &Value) -> Option<Named> {
    let digest: Digest = descriptor["digest"].as_str()?.parse().ok()?;
    let size = Some(descriptor["size"].as_u64()?);
    let name = descriptor["annotations"][REF_NAME].as_str();
    let name = name.map_or_else(|| digest.to_string(), str::to_owned);
    Some(Named { name, repository: String::new(), digest, size })
}

impl Holdings for Layout<'_> {
    fn names(&self) -> Vec<Named> {
        let index = self.index().unwrap_or_default();
        index["manifests"].as_array().into_iter().flatten().filter_map(named).collect()
    }

    fn manifest(&self, _: &str, digest: &Digest) -> Option<Bytes> {
        fs::read(self.path(digest)).ok().map(Bytes::from)
    }

    fn blob(&self, _: &str, digest: &Digest) -> Option<Bytes> {
        fs::read(self.path(digest)).ok().map(Bytes::from)
    }
}
