//! The files of a layout but for `index.json`, which has a file of its own.

use engine_plugin_sdk::fs::Directory;
use engine_plugin_sdk::oci::{MAX_MANIFEST_BYTES, Manifest as Parsed};
use engine_plugin_sdk::{Descriptor, Digest, Fault, Manifest, Side};

/// Where a layout says that it is one. Source: image-spec 1.1, "oci-layout file".
const MARKER: &str = "oci-layout";
/// What it says.
const MARKER_TEXT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
/// Whoever holds this may write `index.json`. It stays behind, since removing a lock that others
/// wait for would let two of them in.
pub(crate) const LOCK: &str = ".index.json.lock";
/// Milliseconds that a writer waits for another: a call has 30 s in all.
pub(crate) const LOCK_WAIT_MILLIS: u32 = 20_000;
/// What the system puts at the top of a new volume. Source: e2fsprogs, `mklost+found`.
const OF_THE_VOLUME: &str = "lost+found";

/// A layout in the granted directory.
pub(crate) struct Layout {
    pub(crate) root: Directory,
    pub(crate) side: Side,
}

impl Layout {
    /// Where the content of a digest is.
    pub(crate) fn path(digest: &Digest) -> String {
        format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
    }

    /// Makes sure that the directory is a layout before anything is written into it.
    ///
    /// Fails with `conflict` when something else is in it. Hidden files do not count, nor does the
    /// `lost+found` of a new volume.
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
        let is_other = |name: &str| !name.starts_with('.') && name != OF_THE_VOLUME;
        if let Some(other) = entries.iter().find(|entry| is_other(&entry.name)) {
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
