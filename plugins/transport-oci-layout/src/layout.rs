//! The files of a layout. One writer at a time changes `index.json`, under a lock that other
//! processes see too.

use crate::index::{EMPTY, Index};
use engine_plugin_sdk::fs::Directory;
use engine_plugin_sdk::oci::{MAX_MANIFEST_BYTES, Manifest as Parsed};
use engine_plugin_sdk::{Descriptor, Digest, Fault, Manifest};

/// Where a layout says that it is one. Source: image-spec 1.1, "oci-layout file".
const MARKER: &str = "oci-layout";
/// What it says.
const MARKER_TEXT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
/// The list of what is named.
const INDEX: &str = "index.json";
/// Whoever holds this may write `index.json`. It stays behind, since removing a lock that others
/// wait for would let two of them in.
const LOCK: &str = ".index.json.lock";
/// Milliseconds that a writer waits for another: a call has 30 s in all.
const LOCK_WAIT_MILLIS: u32 = 20_000;
/// Bytes of the largest `index.json` that is read: some 90,000 entries. The engine takes at most
/// 32 MiB from a component in one call.
const MAX_INDEX_BYTES: u64 = 24 << 20;

/// A layout in the granted directory.
pub(crate) struct Layout {
    pub(crate) root: Directory,
}

impl Layout {
    /// Where the content of a digest is.
    pub(crate) fn path(digest: &Digest) -> String {
        format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
    }

    /// The text of the list, for [`Index::parse`]; an empty list where there is no layout yet.
    pub(crate) fn index_text(&self) -> Result<Vec<u8>, Fault> {
        let text = self.root.read_small(INDEX, MAX_INDEX_BYTES)?;
        Ok(text.unwrap_or_else(|| EMPTY.as_bytes().to_vec()))
    }

    /// Changes the list under the lock; it is written only where `change` says that it changed.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Index) -> Result<(T, bool), Fault>,
    ) -> Result<T, Fault> {
        self.prepare()?;
        let _held = self.root.lock(LOCK, LOCK_WAIT_MILLIS)?;
        let text = self.index_text()?;
        let mut index = Index::parse(&text)?;
        let (answer, changed) = change(&mut index)?;
        if changed {
            self.root.write(INDEX, &index.bytes())?;
        }
        Ok(answer)
    }

    /// Makes sure that the directory is a layout before anything is written into it.
    ///
    /// Fails with `conflict` when something else is in it; hidden files do not count.
    pub(crate) fn prepare(&self) -> Result<(), Fault> {
        if self.root.stat(MARKER)?.is_some() {
            return Ok(());
        }
        self.root.mkdir("")?;
        let _held = self.root.lock(LOCK, LOCK_WAIT_MILLIS)?;
        if self.root.stat(MARKER)?.is_some() {
            return Ok(());
        }
        let entries = self.root.list("")?;
        if let Some(other) = entries.iter().find(|entry| !entry.name.starts_with('.')) {
            return Err(Fault::conflict(format!(
                "the directory is not an OCI layout, and `{}` is in it: nothing was written",
                other.name
            )));
        }
        self.root.write(MARKER, MARKER_TEXT)
    }

    /// Whether the content of a descriptor is there, with its size where that is known.
    pub(crate) fn has(&self, blob: &Descriptor) -> Result<bool, Fault> {
        let found = self.root.stat(&Self::path(&blob.digest))?;
        Ok(found.is_some_and(|entry| blob.size == 0 || entry.size == blob.size))
    }

    /// Makes the directory that content with this digest goes to.
    pub(crate) fn make_room(&self, digest: &Digest) -> Result<(), Fault> {
        self.prepare()?;
        self.root.mkdir(&format!("blobs/{}", digest.algorithm().name()))
    }

    /// A manifest by digest; `listed` is what the index says of it. None if it is not there.
    pub(crate) fn manifest(
        &self,
        digest: &Digest,
        listed: Option<Descriptor>,
    ) -> Result<Option<Manifest>, Fault> {
        let Some(bytes) = self.root.read_small(&Self::path(digest), MAX_MANIFEST_BYTES)? else {
            return Ok(None);
        };
        let size = bytes.len() as u64;
        let descriptor = if let Some(listed) = listed {
            Descriptor { size, ..listed }
        } else {
            let parsed = Parsed::parse("", &bytes)
                .map_err(|fault| Fault::invalid(format!("`{digest}`: {fault}")))?;
            Descriptor::new(parsed.media_type, digest.clone(), size)
        };
        Ok(Some(Manifest { descriptor, bytes }))
    }
}
