//! The calls of the engine.

use crate::index_json::Index;
use crate::layout::Layout;
use crate::name;
use engine_plugin_sdk::fs::Directory;
use engine_plugin_sdk::oci::{Manifest as Parsed, Shape};
use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Digest, Expected, Fault, Manifest, Naming, Page, Put,
    PutBlob, Selector, Side, Transport, written,
};
use std::collections::BTreeSet;

/// Names in one page. Source: `wit/transport.wit`.
const MAX_PAGE: usize = 10_000;
/// Referrers of one subject. Source: `wit/transport.wit`.
const MAX_REFERRERS: usize = 10_000;

impl Transport for Layout {
    fn describe() -> Capabilities {
        Capabilities {
            concurrent: true,
            lists_repositories: true,
            lists_tags: true,
            writes: true,
            deletes: true,
            referrers: true,
            names_in_groups: true,
            shared_blobs: true,
            signatures: false,
            refuses_indexes: false,
        }
    }

    fn open(_: &str, side: Side, _: &str) -> Result<Self, Fault> {
        Ok(Self { root: Directory::ROOT, side })
    }

    /// The repositories, and each name that no reference can say: the engine reports those.
    fn list_repositories(&self, after: Option<&str>) -> Result<Page, Fault> {
        let text = self.index_text()?;
        let index = Index::parse(&text)?;
        let mut seen = BTreeSet::new();
        let names = index.names().into_iter().filter_map(|name| {
            let repository = match name::split(&name) {
                Some((repository, _)) => repository.to_owned(),
                None => name,
            };
            seen.insert(repository.clone()).then_some(repository)
        });
        page(names.collect(), after)
    }

    fn list_tags(&self, repository: &str, after: Option<&str>) -> Result<Page, Fault> {
        let text = self.index_text()?;
        let index = Index::parse(&text)?;
        let mut seen = BTreeSet::new();
        let tags = index.names().into_iter().filter_map(|name| {
            let (own, tag) = name::split(&name)?;
            (own == repository && seen.insert(tag.to_owned())).then(|| tag.to_owned())
        });
        page(tags.collect(), after)
    }

    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        match (which, self.listed(repository, which)?) {
            (_, Some(listed)) => Ok(Some(listed)),
            (Selector::Digest(digest), None) => {
                Ok(self.manifest(digest, None)?.map(|found| found.descriptor))
            }
            (_, None) => Ok(None),
        }
    }

    fn get_manifest(&self, repository: &str, which: &Selector) -> Result<Option<Manifest>, Fault> {
        match (which, self.listed(repository, which)?) {
            (Selector::Digest(digest), listed) => self.manifest(digest, listed),
            (_, None) => Ok(None),
            (_, Some(listed)) => {
                let digest = listed.digest.clone();
                let found = self.manifest(&digest, Some(listed))?;
                let lost =
                    || Fault::not_found(format!("index.json names `{digest}`, which is not there"));
                found.ok_or_else(lost).map(Some)
            }
        }
    }

    fn get_blob(&self, _: &str, blob: &Descriptor, offset: u64) -> Result<Content, Fault> {
        self.root.read(&Self::path(&blob.digest), offset).map(Content::Source)
    }

    fn has_blob(&self, _: &str, blob: &Descriptor) -> Result<bool, Fault> {
        self.has(blob)
    }

    fn put_blob(&self, _: &str, put: PutBlob) -> Result<Put, Fault> {
        let Expected { media_type, digest, size } = put.expected;
        let Some(digest) = digest else {
            self.make_room(&Digest::of(b""))?;
            let sink = self.root.create("blobs/sha256/new")?;
            sink.splice(put.body)?;
            let no_end = || Fault::io("the body of the blob has no end");
            sink.commit_as(&Self::path(&written().ok_or_else(no_end)?.digest))?;
            return Ok(Put::Done);
        };
        self.make_room(&digest)?;
        let path = Self::path(&digest);
        if let Some(size) = size
            && self.has(&Descriptor::new(media_type, digest, size))?
        {
            return Ok(Put::Mounted);
        }
        let sink = self.root.create(&path)?;
        sink.splice(put.body)?;
        sink.commit()?;
        Ok(Put::Done)
    }

    fn put_manifest(&self, _: &str, _: Option<&str>, manifest: &Manifest) -> Result<(), Fault> {
        let digest = &manifest.descriptor.digest;
        self.make_room(digest)?;
        self.root.write(&Self::path(digest), &manifest.bytes)?;
        match referring(manifest) {
            Some(listed) => self.change(|index| {
                index.set(&[(None, listed)])?;
                Ok(((), true))
            }),
            None => Ok(()),
        }
    }

    fn tag(&self, namings: &[Naming]) -> Vec<Result<(), Fault>> {
        let set = self.change(|index| {
            let there: Vec<Result<(), Fault>> =
                namings.iter().map(|naming| self.check(&naming.descriptor)).collect();
            let fine = there.iter().zip(namings).filter(|(there, _)| there.is_ok());
            let named: Vec<_> = fine
                .map(|(_, naming)| {
                    let name = naming.tag.as_ref().map(|tag| name::join(&naming.repository, tag));
                    (name, naming.descriptor.clone())
                })
                .collect();
            index.set(&named)?;
            Ok((there, !named.is_empty()))
        });
        set.unwrap_or_else(|fault| namings.iter().map(|_| Err(fault.clone())).collect())
    }

    fn untag(&self, repository: &str, tag: &str) -> Result<(), Fault> {
        let name = name::join(repository, tag);
        self.change(|index| Ok(((), index.remove_named(&name))))
    }

    fn delete(&self, _: &str, digest: &Digest) -> Result<(), Fault> {
        self.change(|index| Ok(((), index.remove_digest(digest))))?;
        self.root.remove(&Self::path(digest))
    }

    fn referrers(&self, _: &str, digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
        let mut found: Vec<Descriptor> = Vec::new();
        let text = self.index_text()?;
        for entry in Index::parse(&text)?.entries() {
            // What we write with a subject says its kind; images with a name do not, and need not
            // be read.
            if entry.name.is_some() && entry.descriptor.artifact_type.is_none() {
                continue;
            }
            let known = found.iter().any(|one| one.digest == entry.descriptor.digest);
            let Some(manifest) = (!known)
                .then(|| self.manifest(&entry.descriptor.digest.clone(), Some(entry.descriptor)))
                .transpose()?
                .flatten()
            else {
                continue;
            };
            if let Some((subject, listed)) = subject(&manifest)
                && subject == *digest
            {
                found.push(listed);
            }
            if found.len() == MAX_REFERRERS {
                break;
            }
        }
        Ok(found)
    }
}

impl Layout {
    /// What the index says about a selector.
    fn listed(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        let text = self.index_text()?;
        let index = Index::parse(&text)?;
        match which {
            Selector::Tag(tag) => {
                let other = name::alone(repository, tag).filter(|_| self.side == Side::Source);
                index.named(&name::join(repository, tag), other)
            }
            Selector::Digest(digest) => Ok(index.with_digest(digest)),
            Selector::Index(position) => {
                let position = usize::try_from(*position).unwrap_or(usize::MAX);
                Ok(index.entries().nth(position).map(|entry| entry.descriptor))
            }
            Selector::Id(_) => Err(Fault::unsupported("a layout has no ids but digests")),
            Selector::Only => index.only(repository),
        }
    }

    /// Never a name without content: fails with `not-found` when the manifest is not there.
    fn check(&self, manifest: &Descriptor) -> Result<(), Fault> {
        if self.has(manifest)? {
            return Ok(());
        }
        let digest = &manifest.digest;
        Err(Fault::not_found(format!("the manifest `{digest}` is not in the layout")))
    }
}

/// The entry for a manifest that refers to another; none for those that do not.
fn referring(manifest: &Manifest) -> Option<Descriptor> {
    subject(manifest).map(|(_, listed)| listed)
}

/// The subject of a manifest, and the descriptor by which referrers are listed: with the kind of
/// artifact and the manifest's annotations. Source: distribution-spec 1.1, "Listing Referrers".
fn subject(manifest: &Manifest) -> Option<(Digest, Descriptor)> {
    let declared = &manifest.descriptor.media_type;
    let parsed = Parsed::parse(declared, &manifest.bytes).ok()?;
    let subject = parsed.subject?.digest;
    let kind = parsed.artifact_type.or(match parsed.shape {
        Shape::Image { config, .. } => Some(config.media_type),
        _ => None,
    });
    let size = manifest.bytes.len() as u64;
    let mut listed = Descriptor::new(parsed.media_type, manifest.descriptor.digest.clone(), size);
    listed.artifact_type = kind;
    listed.annotations = parsed.annotations;
    Some((subject, listed))
}

/// A page of names; `after` is how many came before.
fn page(names: Vec<String>, after: Option<&str>) -> Result<Page, Fault> {
    let from: usize = after.unwrap_or("0").parse().map_err(|_| Fault::settings("no such page"))?;
    let to = from.saturating_add(MAX_PAGE);
    let next = (to < names.len()).then(|| to.to_string());
    Ok(Page { names: names.into_iter().skip(from).take(MAX_PAGE).collect(), next })
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
