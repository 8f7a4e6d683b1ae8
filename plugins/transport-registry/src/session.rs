//! The calls of the engine, each handed to the part that knows.

use crate::address::Registry;
use crate::{blobs, listing, manifests, referrers, upload};
use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Digest, Fault, Manifest, Naming, Page, Put, PutBlob,
    Selector, Side, Transport,
};

impl Transport for Registry {
    fn describe() -> Capabilities {
        Capabilities {
            concurrent: true,
            lists_repositories: true,
            lists_tags: true,
            writes: true,
            deletes: true,
            referrers: true,
            names_in_groups: false,
            shared_blobs: false,
            signatures: false,
            refuses_indexes: false,
        }
    }

    fn open(place: &str, side: Side, _: &str) -> Result<Self, Fault> {
        Ok(Self::new(place)?.at(side))
    }

    fn list_repositories(&self, after: Option<&str>) -> Result<Page, Fault> {
        listing::repositories(self, after)
    }

    fn list_tags(&self, repository: &str, after: Option<&str>) -> Result<Page, Fault> {
        listing::tags(&self.repository(repository)?, after)
    }

    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        manifests::resolve(&self.repository(repository)?, which)
    }

    fn get_manifest(&self, repository: &str, which: &Selector) -> Result<Option<Manifest>, Fault> {
        manifests::get(&self.repository(repository)?, which)
    }

    fn get_blob(&self, repository: &str, blob: &Descriptor, offset: u64) -> Result<Content, Fault> {
        blobs::get(&self.repository(repository)?, &blob.digest, offset).map(Content::Source)
    }

    fn has_blob(&self, repository: &str, blob: &Descriptor) -> Result<bool, Fault> {
        blobs::has(&self.repository(repository)?, &blob.digest)
    }

    fn put_blob(&self, repository: &str, put: PutBlob) -> Result<Put, Fault> {
        upload::put(&self.repository(repository)?, put)
    }

    fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &Manifest,
    ) -> Result<(), Fault> {
        let repository = self.repository(repository)?;
        let listed = manifests::put(&repository, tag, manifest)?;
        if listed { Ok(()) } else { referrers::record(&repository, manifest) }
    }

    /// The protocol has no call that sets a name to what is there: the manifest is written again.
    fn tag(&self, namings: &[Naming]) -> Vec<Result<(), Fault>> {
        let set = |naming: &Naming| {
            let Some(tag) = &naming.tag else { return Ok(()) };
            let repository = self.repository(&naming.repository)?;
            let digest = &naming.descriptor.digest;
            let found = manifests::get(&repository, &Selector::Digest(digest.clone()))?;
            let lost = || Fault::not_found(format!("the manifest `{digest}` is not there"));
            manifests::put(&repository, Some(tag), &found.ok_or_else(lost)?).map(|_| ())
        };
        namings.iter().map(set).collect()
    }

    fn untag(&self, repository: &str, tag: &str) -> Result<(), Fault> {
        manifests::delete(&self.repository(repository)?, &Selector::Tag(tag.to_owned()))
    }

    fn delete(&self, repository: &str, digest: &Digest) -> Result<(), Fault> {
        manifests::delete(&self.repository(repository)?, &Selector::Digest(digest.clone()))
    }

    fn referrers(&self, repository: &str, digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
        referrers::list(&self.repository(repository)?, digest)
    }
}
