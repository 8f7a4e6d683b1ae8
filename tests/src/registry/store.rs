//! The content of a registry.

use super::uploads::Upload;
use bytes::Bytes;
use engine_oci::Digest;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The content of a registry. Blobs are kept once, whatever repositories have them.
#[derive(Default)]
pub struct Store {
    pub(super) blobs: BTreeMap<Digest, Bytes>,
    pub(super) repositories: BTreeMap<String, Repository>,
    pub(super) uploads: BTreeMap<String, Upload>,
    pub(super) uploads_ever: u64,
    pub(super) manifests_read: u32,
}

#[derive(Debug, Default)]
pub(super) struct Repository {
    pub(super) blobs: BTreeSet<Digest>,
    pub(super) manifests: BTreeMap<Digest, Stored>,
    pub(super) tags: BTreeMap<String, Digest>,
    pub(super) referrers: BTreeMap<Digest, BTreeSet<Digest>>,
}

/// A manifest as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The `Content-Type` that it came with.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Store {
    /// Adds a blob to a repository.
    pub fn add_blob(&mut self, repository: &str, digest: &Digest, bytes: Bytes) {
        self.blobs.entry(digest.clone()).or_insert(bytes);
        self.repository(repository).blobs.insert(digest.clone());
    }

    /// Adds a manifest to a repository without looking into what it needs, and gives its digest.
    pub fn add_manifest(&mut self, repository: &str, media_type: &str, bytes: Bytes) -> Digest {
        let digest = Digest::of(&bytes);
        self.add_manifest_as(repository, &digest, Stored { media_type: media_type.into(), bytes });
        digest
    }

    pub(super) fn add_manifest_as(&mut self, repository: &str, digest: &Digest, stored: Stored) {
        let subject = subject(&stored.bytes);
        let repository = self.repository(repository);
        repository.manifests.insert(digest.clone(), stored);
        if let Some(subject) = subject {
            repository.referrers.entry(subject).or_default().insert(digest.clone());
        }
    }

    /// Names a digest.
    pub fn tag(&mut self, repository: &str, tag: &str, digest: &Digest) {
        self.repository(repository).tags.insert(tag.to_owned(), digest.clone());
    }

    /// Takes a tag away; what it named stays.
    pub fn untag(&mut self, repository: &str, tag: &str) {
        self.repository(repository).tags.remove(tag);
    }

    /// The tags of a repository with their digests, in order.
    pub fn tags(&self, repository: &str) -> Vec<(String, Digest)> {
        let tags = self.repositories.get(repository).map(|found| found.tags.clone());
        tags.unwrap_or_default().into_iter().collect()
    }

    /// The names of all repositories, in order.
    pub fn names(&self) -> Vec<String> {
        self.repositories.keys().cloned().collect()
    }

    /// The digests of all manifests of a repository, in order.
    pub fn manifests(&self, repository: &str) -> Vec<Digest> {
        let found = self.repositories.get(repository);
        found.map(|found| found.manifests.keys().cloned().collect()).unwrap_or_default()
    }

    /// The digests of all blobs of a repository, in order.
    pub fn blobs(&self, repository: &str) -> Vec<Digest> {
        let found = self.repositories.get(repository);
        found.map(|found| found.blobs.iter().cloned().collect()).unwrap_or_default()
    }

    /// A manifest by tag or digest.
    pub fn manifest(&self, repository: &str, name: &str) -> Option<(Digest, Stored)> {
        let repository = self.repositories.get(repository)?;
        let digest = match repository.tags.get(name) {
            Some(digest) => digest.clone(),
            None => name.parse().ok()?,
        };
        let stored = repository.manifests.get(&digest)?.clone();
        Some((digest, stored))
    }

    /// A blob that the repository has.
    pub fn blob(&self, repository: &str, digest: &Digest) -> Option<Bytes> {
        self.repositories.get(repository)?.blobs.get(digest)?;
        self.blobs.get(digest).cloned()
    }

    /// Takes a blob away from every repository, as a garbage collector at the wrong moment does.
    pub fn lose_blob(&mut self, digest: &Digest) {
        self.blobs.remove(digest);
        for repository in self.repositories.values_mut() {
            repository.blobs.remove(digest);
        }
    }

    /// Uploads that were begun and neither finished nor given up.
    pub fn open_uploads(&self) -> usize {
        self.uploads.len()
    }

    pub(super) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }
}

/// The digest that a manifest refers to.
pub(super) fn subject(manifest: &[u8]) -> Option<Digest> {
    let value: Value = serde_json::from_slice(manifest).ok()?;
    value["subject"]["digest"].as_str()?.parse().ok()
}
