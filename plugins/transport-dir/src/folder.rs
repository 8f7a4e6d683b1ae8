//! The directory: what may be written into it, what is in it, and what is no longer needed.

use crate::names::{self, TOP, VERSION};
use engine_plugin_sdk::fs::Directory;
use engine_plugin_sdk::oci::{MAX_MANIFEST_BYTES, Manifest as Parsed};
use engine_plugin_sdk::{Descriptor, Digest, Fault, Manifest};
use std::collections::BTreeSet;

/// Bytes of the longest `version` that is read; a real one has 33.
const MAX_VERSION_BYTES: u64 = 1024;
/// Manifests below one index, nested ones included: more than any registry takes.
const MAX_CHILDREN: usize = 10_000;

/// What the system puts at the top of a new volume. Source: e2fsprogs, `mklost+found`.
const OF_THE_VOLUME: &str = "lost+found";

/// The granted directory.
pub(crate) struct Folder {
    pub(crate) root: Directory,
}

impl Folder {
    /// Makes sure that content with `digest` may be written: the directory is new, empty, or an
    /// image already. Hidden files do not count, as the engine's own unfinished files are, nor does
    /// the `lost+found` of a new volume.
    ///
    /// There is no lock, as that would leave a file that the format does not know: whoever sees
    /// content sees `version` too, which came first.
    pub(crate) fn prepare(&self, digest: &Digest) -> Result<(), Fault> {
        let now = self.version()?;
        if now.is_none() {
            self.root.mkdir("")?;
            let entries = self.root.list("")?;
            let is_foreign = |name: &str| !name.starts_with('.') && name != OF_THE_VOLUME;
            let foreign = entries.iter().find(|entry| is_foreign(&entry.name));
            if let Some(foreign) = foreign
                && self.version()?.is_none()
            {
                return Err(Fault::conflict(format!(
                    "the directory holds no image, and `{}` is in it: nothing was written",
                    foreign.name
                )));
            }
        }
        let wanted = names::version_for(digest, now);
        if now != names::known_version(wanted.as_bytes()) {
            self.root.write(VERSION, wanted.as_bytes())?;
        }
        Ok(())
    }

    /// The version of the format; none where there is none. Fails with `unsupported` for one that
    /// we do not know.
    pub(crate) fn version(&self) -> Result<Option<&'static str>, Fault> {
        let Some(text) = self.root.read_small(VERSION, MAX_VERSION_BYTES)? else { return Ok(None) };
        let unknown = || Fault::unsupported("the directory has a `version` that is not known");
        names::known_version(&text).ok_or_else(unknown).map(Some)
    }

    /// The manifest of the image; none where nothing is.
    pub(crate) fn top(&self) -> Result<Option<Manifest>, Fault> {
        self.version()?;
        match self.root.read_small(TOP, MAX_MANIFEST_BYTES)? {
            Some(bytes) => described(Digest::of(&bytes), bytes).map(Some),
            None => Ok(None),
        }
    }

    /// A manifest by digest: a child, or the top one.
    pub(crate) fn manifest(&self, digest: &Digest) -> Result<Option<Manifest>, Fault> {
        if let Some(bytes) = self.root.read_small(&names::child(digest), MAX_MANIFEST_BYTES)? {
            return described(digest.clone(), bytes).map(Some);
        }
        match self.root.read_small(TOP, MAX_MANIFEST_BYTES)? {
            Some(bytes) if digest.matches(&bytes) => described(digest.clone(), bytes).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether the content of a descriptor is there, with its size where that is known.
    pub(crate) fn has(&self, blob: &Descriptor) -> Result<bool, Fault> {
        let found = self.root.stat(&names::blob(&blob.digest))?;
        Ok(found.is_some_and(|entry| blob.size == 0 || entry.size == blob.size))
    }

    /// Makes a manifest that is there the image of the directory, and removes what the image
    /// before it needed.
    pub(crate) fn name(&self, digest: &Digest) -> Result<(), Fault> {
        let Some(manifest) = self.manifest(digest)? else {
            return Err(Fault::not_found(format!("the manifest `{digest}` is not there")));
        };
        let is_new = self.top()?.is_none_or(|top| top.descriptor.digest != *digest);
        // The signatures before the manifest: the image is never there without them.
        let signatures = if is_new || self.has_child_signature(digest)? {
            self.promote_signatures(digest)?
        } else {
            usize::MAX
        };
        self.root.write(TOP, &manifest.bytes)?;
        // The image is there; what stays behind costs space and nothing else.
        self.tidy(&manifest, signatures).ok();
        Ok(())
    }

    fn has_child_signature(&self, digest: &Digest) -> Result<bool, Fault> {
        Ok(self.root.stat(&names::signature_of(digest, 1))?.is_some())
    }

    /// Removes files of other images; the image itself has so many signatures, or all that are there.
    fn tidy(&self, top: &Manifest, signatures: usize) -> Result<(), Fault> {
        let needed = self.needed(top)?;
        for entry in self.root.list("")? {
            let is_needed = match names::signed(&entry.name) {
                Some((None, number)) => number <= signatures,
                // Of a child, which the image has.
                Some((Some(child), _)) => needed.contains(&format!("{child}{}", names::CHILD)),
                None => needed.contains(&entry.name),
            };
            if names::is_ours(&entry.name) && !is_needed {
                self.root.remove(&entry.name)?;
            }
        }
        Ok(())
    }

    /// The files of an image. Children that are not there, as in a sparse copy, need nothing.
    fn needed(&self, top: &Manifest) -> Result<BTreeSet<String>, Fault> {
        let mut needed = BTreeSet::new();
        let mut left = vec![parsed(top)?];
        while let Some(manifest) = left.pop() {
            needed.extend(manifest.blobs().iter().map(|blob| names::blob(&blob.digest)));
            for child in manifest.children() {
                let is_new = needed.insert(names::child(&child.digest));
                if needed.len() > MAX_CHILDREN {
                    return Err(Fault::unsupported("the index has too many children"));
                }
                if let Some(found) = self.manifest(&child.digest)?.filter(|_| is_new) {
                    left.push(parsed(&found)?);
                }
            }
        }
        Ok(needed)
    }
}

fn parsed(manifest: &Manifest) -> Result<Parsed, Fault> {
    let parsed = Parsed::parse(&manifest.descriptor.media_type, &manifest.bytes);
    parsed.map_err(|fault| Fault::invalid(format!("`{}`: {fault}", manifest.descriptor.digest)))
}

/// What the bytes of a manifest say about themselves: nothing else does here.
fn described(digest: Digest, bytes: Vec<u8>) -> Result<Manifest, Fault> {
    let parsed = Parsed::parse("", &bytes);
    let parsed = parsed.map_err(|fault| Fault::invalid(format!("`{digest}`: {fault}")))?;
    let descriptor = Descriptor::new(parsed.media_type, digest, bytes.len() as u64);
    Ok(Manifest { descriptor, bytes })
}
