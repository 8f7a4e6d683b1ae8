//! A directory in Skopeo's `dir:` format.

use super::holdings::{Holdings, Named};
use super::{Violation, Wrong};
use bytes::Bytes;
use engine_oci::Digest;
use std::fs;
use std::path::{Path, PathBuf};

/// A directory in Skopeo's `dir:` format. Its one name is `manifest.json`.
///
/// Source: containers-image, "dir" in the manual page containers-transports(5).
pub(super) struct Directory<'a>(pub(super) &'a Path);

impl Directory<'_> {
    fn top(&self) -> Option<Bytes> {
        fs::read(self.0.join("manifest.json")).ok().map(Bytes::from)
    }

    fn path(&self, digest: &Digest, ending: &str) -> PathBuf {
        let name = match digest.algorithm().name() {
            "sha256" => digest.hex().to_owned(),
            other => format!("{other}-{}", digest.hex()),
        };
        self.0.join(format!("{name}{ending}"))
    }

    /// What is wrong with the directory's own files. Without `manifest.json` it names nothing.
    pub(super) fn faults(&self) -> Vec<Violation> {
        let version = fs::read_to_string(self.0.join("version")).unwrap_or_default();
        if self.top().is_some() && !version.starts_with("Directory Transport Version: 1.") {
            let wrong = Wrong::Malformed("the marker".to_owned());
            return vec![Violation { name: "version".to_owned(), wrong }];
        }
        Vec::new()
    }
}

impl Holdings for Directory<'_> {
    fn names(&self) -> Vec<Named> {
        let top = self.top().into_iter();
        let named = top.map(|bytes| Named {
            name: "manifest.json".to_owned(),
            repository: String::new(),
            digest: Digest::of(&bytes),
            size: None,
        });
        named.collect()
    }

    fn manifest(&self, _: &str, digest: &Digest) -> Option<Bytes> {
        let instance = fs::read(self.path(digest, ".manifest.json")).ok().map(Bytes::from);
        instance.or_else(|| self.top().filter(|top| digest.matches(top)))
    }

    fn blob(&self, _: &str, digest: &Digest) -> Option<Bytes> {
        fs::read(self.path(digest, "")).ok().map(Bytes::from)
    }
}
