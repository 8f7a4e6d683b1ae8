//! A session: one place, opened by a transport. The calls mirror `wit/transport.wit`, where each
//! is described for strangers; here stand the names and what the host adds.

use super::{ExpectedBlob, NameList, PlacedSignature};
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use crate::stream::Body;
use async_trait::async_trait;
use bytes::Bytes;

/// Which manifest of a repository is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// The one that a tag points to.
    Tag(String),
    /// The one with this digest.
    Digest(Digest),
    /// The one at this position among the images of the place, counted from 0.
    Index(u32),
    /// The one with this id, in the place's own words.
    Id(String),
    /// The only one, at a place that holds just one.
    Only,
}

/// A manifest with its exact bytes, whose digest and size the host has checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifested {
    /// What the bytes are.
    pub descriptor: Descriptor,
    /// The bytes.
    pub bytes: Bytes,
}

impl Manifested {
    /// A manifest of the engine's own, described by its bytes.
    pub(crate) fn of(media_type: &str, bytes: Vec<u8>) -> Self {
        let descriptor = Descriptor::of_manifest(media_type, &bytes);
        Self { descriptor, bytes: bytes.into() }
    }
}

/// A name to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The repository.
    pub repository: String,
    /// The tag; none lists the manifest without a name, where a place has such a list.
    pub tag: Option<String>,
    /// The manifest, which is there already.
    pub descriptor: Descriptor,
}

/// A blob to be written.
pub struct PutBlob {
    /// What is known of the blob.
    pub expected: ExpectedBlob,
    /// The bytes, opened only when they are asked for.
    pub body: Body,
    /// Another repository of the same place that has the blob.
    pub mount_from: Option<String>,
    /// Where a broken attempt goes on; `body` starts at the byte that was named with it.
    pub resume: Option<String>,
}

/// How writing a blob ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// The blob is there, written from the body; what its bytes were, with size 0 where a write went on
    /// in the middle and nobody knew the size.
    Done(Descriptor),
    /// The blob is there without having been sent.
    Mounted,
    /// The attempt broke; it can go on.
    Interrupted {
        /// What broke it.
        fault: Fault,
        /// Bytes that the destination has.
        accepted: u64,
        /// Give this back as `resume`, with a body from there.
        resume: String,
    },
}

/// One open place.
///
/// Each call is bounded: 60 s without a byte where a body moves, 30 s in all elsewhere. No call
/// is repeated by the session itself.
#[async_trait]
pub trait Session: Send + Sync {
    /// All repositories of the place.
    async fn list_repositories(&self) -> Result<Vec<String>, Fault>;
    /// All tags of a repository, in the order of the place; empty when it does not exist.
    async fn list_tags(&self, repository: &str) -> Result<Vec<String>, Fault>;
    /// The tags of a repository or, without one, the repositories of the place, with those that
    /// cannot be names: whoever copies all of a place says what it leaves out.
    async fn name_list(&self, repository: Option<&str>) -> Result<NameList, Fault> {
        let names = match repository {
            Some(repository) => self.list_tags(repository).await?,
            None => self.list_repositories().await?,
        };
        Ok(names.into())
    }
    /// What a selector points to, as cheaply as the place can say; `None` when it is absent.
    async fn resolve(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Descriptor>, Fault>;
    /// A manifest's bytes; `None` when it is absent.
    async fn get_manifest(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Manifested>, Fault>;
    /// A blob's bytes from `offset` on. Not verified: the caller wraps the body.
    async fn get_blob(
        &self,
        repository: &str,
        blob: &Descriptor,
        offset: u64,
    ) -> Result<Body, Fault>;
    /// Whether a blob is there.
    async fn has_blob(&self, repository: &str, blob: &Descriptor) -> Result<bool, Fault>;
    /// Writes a blob, or mounts it.
    async fn put_blob(&self, repository: &str, put: PutBlob) -> Result<Put, Fault>;
    /// Writes a manifest, and sets `tag` to it with the same step where names are not set in
    /// groups. Everything that it needs is there already.
    async fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &Manifested,
    ) -> Result<(), Fault>;
    /// Sets a name to a manifest that is there. Calls at the same time are gathered into one
    /// where the transport sets names in groups.
    async fn tag(&self, naming: Naming) -> Result<(), Fault>;
    /// Removes a tag.
    async fn untag(&self, repository: &str, tag: &str) -> Result<(), Fault>;
    /// Deletes a manifest with all its tags.
    async fn delete(&self, repository: &str, digest: &Digest) -> Result<(), Fault>;
    /// The manifests whose subject is `digest`.
    async fn referrers(&self, repository: &str, digest: &Digest) -> Result<Vec<Descriptor>, Fault>;
    /// The signatures that the place keeps beside a manifest; asked only of a transport that keeps some.
    async fn signatures(
        &self,
        repository: &str,
        digest: &Digest,
    ) -> Result<Vec<PlacedSignature>, Fault>;
    /// Replaces the signatures beside a manifest; asked only of a transport that keeps some.
    async fn put_signatures(
        &self,
        repository: &str,
        digest: &Digest,
        signatures: &[PlacedSignature],
    ) -> Result<(), Fault>;
    /// Writes what must stand last, at a destination whose calls are made in turn: only then is
    /// anything there for good. Called once; nothing is written afterwards. Bounded by idle time.
    async fn finish(&self) -> Result<(), Fault>;
    /// Ends a destination whose calls are made in turn without finishing it: what was written is taken
    /// back, as far as that is possible. Gives what had ended it before, such as a trap, if anything had.
    async fn abandon(&self) -> Option<Fault>;
}
