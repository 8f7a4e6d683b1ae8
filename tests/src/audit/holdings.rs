//! What the walk asks of a destination.

use crate::registry::Registry;
use bytes::Bytes;
use engine_oci::Digest;

/// What the walk asks of a destination.
pub(super) trait Holdings {
    /// Every name: how to call it, its repository, and the descriptor that it names.
    fn names(&self) -> Vec<Named>;
    /// The bytes of a manifest.
    fn manifest(&self, repository: &str, digest: &Digest) -> Option<Bytes>;
    /// The bytes of a blob.
    fn blob(&self, repository: &str, digest: &Digest) -> Option<Bytes>;
}

/// A name and what it names.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) repository: String,
    pub(super) digest: Digest,
    pub(super) size: Option<u64>,
}

impl Holdings for Registry {
    /// Tags, and manifests that can be had by digest: both are names.
    fn names(&self) -> Vec<Named> {
        let store = self.store();
        let mut names = Vec::new();
        for repository in store.names() {
            let tags = store.tags(&repository).into_iter();
            let tags = tags.map(|(tag, digest)| (format!("{repository}:{tag}"), digest));
            let bare = store.manifests(&repository).into_iter();
            let bare = bare.map(|digest| (format!("{repository}@{digest}"), digest));
            for (name, digest) in tags.chain(bare) {
                names.push(Named { name, repository: repository.clone(), digest, size: None });
            }
        }
        names
    }

    fn manifest(&self, repository: &str, digest: &Digest) -> Option<Bytes> {
        self.store().manifest(repository, digest.as_str()).map(|(_, stored)| stored.bytes)
    }

    fn blob(&self, repository: &str, digest: &Digest) -> Option<Bytes> {
        self.store().blob(repository, digest)
    }
}
