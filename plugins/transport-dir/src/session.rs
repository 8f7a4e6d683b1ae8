//! The calls of the engine. A directory has one image and no names: every tag is that image.

use crate::folder::Folder;
use crate::names;
use engine_plugin_sdk::fs::Directory;
use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Digest, Expected, Fault, Manifest, Naming, Put, PutBlob,
    Selector, Side, Signature, Transport, written,
};

impl Transport for Folder {
    fn describe() -> Capabilities {
        Capabilities {
            concurrent: true,
            writes: true,
            names_in_groups: true,
            shared_blobs: true,
            signatures: true,
            ..Capabilities::default()
        }
    }

    fn open(_: &str, _: Side, _: &str) -> Result<Self, Fault> {
        Ok(Self { root: Directory::ROOT })
    }

    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(self.get_manifest(repository, which)?.map(|found| found.descriptor))
    }

    fn get_manifest(&self, _: &str, which: &Selector) -> Result<Option<Manifest>, Fault> {
        match which {
            Selector::Only | Selector::Tag(_) => self.top(),
            Selector::Digest(digest) => self.manifest(digest),
            Selector::Index(_) | Selector::Id(_) => {
                Err(Fault::unsupported("a directory has one image, and no list of them"))
            }
        }
    }

    fn get_blob(&self, _: &str, blob: &Descriptor, offset: u64) -> Result<Content, Fault> {
        self.root.read(&names::blob(&blob.digest), offset).map(Content::Source)
    }

    fn has_blob(&self, _: &str, blob: &Descriptor) -> Result<bool, Fault> {
        self.has(blob)
    }

    fn put_blob(&self, _: &str, put: PutBlob) -> Result<Put, Fault> {
        let Expected { media_type, digest, size } = put.expected;
        let Some(digest) = digest else {
            self.prepare(&Digest::of(b""))?;
            let sink = self.root.create("new")?;
            sink.splice(put.body)?;
            let no_end = || Fault::io("the body of the blob has no end");
            sink.commit_as(&names::blob(&written().ok_or_else(no_end)?.digest))?;
            return Ok(Put::Done);
        };
        self.prepare(&digest)?;
        let name = names::blob(&digest);
        if let Some(size) = size
            && self.has(&Descriptor::new(media_type, digest, size))?
        {
            return Ok(Put::Mounted);
        }
        let sink = self.root.create(&name)?;
        sink.splice(put.body)?;
        sink.commit()?;
        Ok(Put::Done)
    }

    /// Every manifest is a child until it is named.
    fn put_manifest(&self, _: &str, _: Option<&str>, manifest: &Manifest) -> Result<(), Fault> {
        let digest = &manifest.descriptor.digest;
        self.prepare(digest)?;
        self.root.write(&names::child(digest), &manifest.bytes)
    }

    fn signatures(&self, _: &str, digest: &Digest) -> Result<Vec<Signature>, Fault> {
        self.signatures_of(digest)
    }

    fn put_signatures(
        &self,
        _: &str,
        digest: &Digest,
        signatures: &[Signature],
    ) -> Result<(), Fault> {
        self.write_signatures(digest, signatures)
    }

    fn tag(&self, namings: &[Naming]) -> Vec<Result<(), Fault>> {
        let Some(first) = namings.first() else { return Vec::new() };
        let digest = &first.descriptor.digest;
        let done = if namings.iter().all(|naming| naming.descriptor.digest == *digest) {
            self.name(digest)
        } else {
            Err(Fault::conflict("the directory can hold one image, and several were to be named"))
        };
        namings.iter().map(|_| done.clone()).collect()
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
