//! What the engine sees of a plugin: the generated export traits, played by a [`Transport`].
//!
//! Digests and platforms that come from the engine are checked once, here, so a plugin's own code
//! only ever sees valid ones.

use crate::bindings::engine::plugin::{body, types};
use crate::bindings::transport::exports::engine::plugin::transport as wit;
use crate::raise::{checked, lower, raise};
use crate::transport::{
    self, Content, Expected, Manifest, Naming, Put, PutBlob, Reader, Selector, Transport,
};
use crate::{Fault, Source};
use std::cell::RefCell;
use std::marker::PhantomData;

type Answer<T> = Result<T, types::Fault>;

/// Plays the generated traits with a [`Transport`]. Named by `export_transport!` alone.
pub struct Exported<T>(PhantomData<T>);

/// A session as the engine holds it.
pub struct ExportedSession<T>(T);

/// A reader as the engine holds it.
pub struct ExportedReader(RefCell<Box<dyn Reader>>);

impl<T: Transport> wit::Guest for Exported<T> {
    type Reader = ExportedReader;
    type Session = ExportedSession<T>;

    fn describe() -> wit::Capabilities {
        let told = T::describe();
        wit::Capabilities {
            concurrent: told.concurrent,
            lists_repositories: told.lists_repositories,
            lists_tags: told.lists_tags,
            writes: told.writes,
            deletes: told.deletes,
            referrers: told.referrers,
            names_in_groups: told.names_in_groups,
            shared_blobs: told.shared_blobs,
            extra: [
                (told.signatures, ("signatures", "yes")),
                (told.refuses_indexes, ("indexes", "no")),
            ]
            .into_iter()
            .filter(|(is_so, _)| *is_so)
            .map(|(_, (key, value))| (key.to_owned(), value.to_owned()))
            .collect(),
        }
    }
}

impl wit::GuestReader for ExportedReader {
    fn read(&self, max: u32) -> Answer<Option<Vec<u8>>> {
        Ok(self.0.borrow_mut().read(max)?)
    }
}

impl<T: Transport> wit::GuestSession for ExportedSession<T> {
    fn open(place: String, side: wit::Side, settings: String) -> Answer<wit::Session> {
        let side = match side {
            wit::Side::Source => transport::Side::Source,
            wit::Side::Destination => transport::Side::Destination,
        };
        Ok(wit::Session::new(Self(T::open(&place, side, &settings)?)))
    }

    fn list_repositories(&self, after: Option<String>) -> Answer<wit::Page> {
        Ok(page(self.0.list_repositories(after.as_deref())?))
    }

    fn list_tags(&self, repository: String, after: Option<String>) -> Answer<wit::Page> {
        Ok(page(self.0.list_tags(&repository, after.as_deref())?))
    }

    fn resolve(
        &self,
        repository: String,
        which: wit::Selector,
    ) -> Answer<Option<types::Descriptor>> {
        let found = self.0.resolve(&repository, &selector(which)?)?;
        Ok(found.as_ref().map(lower))
    }

    fn get_manifest(
        &self,
        repository: String,
        which: wit::Selector,
    ) -> Answer<Option<wit::Manifest>> {
        let found = self.0.get_manifest(&repository, &selector(which)?)?;
        Ok(found.map(|found| wit::Manifest {
            descriptor: lower(&found.descriptor),
            bytes: found.bytes,
        }))
    }

    fn get_blob(
        &self,
        repository: String,
        blob: types::Descriptor,
        offset: u64,
    ) -> Answer<wit::Content> {
        Ok(match self.0.get_blob(&repository, &raise(blob)?, offset)? {
            Content::Source(source) => wit::Content::Source(source.0),
            Content::Reader(reader) => {
                wit::Content::Reader(wit::Reader::new(ExportedReader(RefCell::new(reader))))
            }
        })
    }

    fn has_blob(&self, repository: String, blob: types::Descriptor) -> Answer<bool> {
        Ok(self.0.has_blob(&repository, &raise(blob)?)?)
    }

    fn put_blob(
        &self,
        repository: String,
        blob: wit::Expected,
        body: body::Source,
        mount_from: Option<String>,
        resume: Option<String>,
    ) -> Answer<wit::Put> {
        let put = PutBlob { expected: expected(blob)?, body: Source(body), mount_from, resume };
        Ok(match self.0.put_blob(&repository, put)? {
            Put::Done => wit::Put::Done,
            Put::Mounted => wit::Put::Mounted,
            Put::Interrupted { fault, accepted, resume } => {
                wit::Put::Interrupted(wit::Interruption { fault: fault.into(), accepted, resume })
            }
        })
    }

    fn put_manifest(
        &self,
        repository: String,
        tag: Option<String>,
        manifest: wit::Manifest,
    ) -> Answer<()> {
        let descriptor = raise(manifest.descriptor)?;
        let manifest = Manifest { descriptor, bytes: manifest.bytes };
        Ok(self.0.put_manifest(&repository, tag.as_deref(), &manifest)?)
    }

    fn tag(&self, namings: Vec<wit::Naming>) -> Vec<Answer<()>> {
        let count = namings.len();
        match namings.into_iter().map(naming).collect::<Result<Vec<_>, _>>() {
            Ok(namings) => {
                self.0.tag(&namings).into_iter().map(|one| one.map_err(Into::into)).collect()
            }
            Err(fault) => (0..count).map(|_| Err(fault.clone().into())).collect(),
        }
    }

    fn untag(&self, repository: String, tag: String) -> Answer<()> {
        Ok(self.0.untag(&repository, &tag)?)
    }

    fn delete(&self, repository: String, digest: String) -> Answer<()> {
        Ok(self.0.delete(&repository, &checked(&digest)?)?)
    }

    fn referrers(&self, repository: String, digest: String) -> Answer<Vec<types::Descriptor>> {
        let found = self.0.referrers(&repository, &checked(&digest)?)?;
        Ok(found.iter().map(lower).collect())
    }

    fn signatures(&self, repository: String, digest: String) -> Answer<Vec<wit::Signature>> {
        let found = self.0.signatures(&repository, &checked(&digest)?)?;
        let signature = |found: transport::Signature| wit::Signature {
            form: found.form,
            bytes: found.bytes,
            annotations: found.annotations,
        };
        Ok(found.into_iter().map(signature).collect())
    }

    fn put_signatures(
        &self,
        repository: String,
        digest: String,
        signatures: Vec<wit::Signature>,
    ) -> Answer<()> {
        let signature = |given: wit::Signature| transport::Signature {
            form: given.form,
            bytes: given.bytes,
            annotations: given.annotations,
        };
        let signatures: Vec<_> = signatures.into_iter().map(signature).collect();
        Ok(self.0.put_signatures(&repository, &checked(&digest)?, &signatures)?)
    }

    fn finish(&self) -> Answer<()> {
        Ok(self.0.finish()?)
    }
}

fn page(page: transport::Page) -> wit::Page {
    wit::Page { names: page.names, next: page.next }
}

fn naming(naming: wit::Naming) -> Result<Naming, Fault> {
    let descriptor = raise(naming.descriptor)?;
    Ok(Naming { repository: naming.repository, tag: naming.tag, descriptor })
}

fn expected(blob: wit::Expected) -> Result<Expected, Fault> {
    let wit::Expected { media_type, digest, size } = blob;
    let digest = digest.as_deref().map(checked).transpose()?;
    Ok(Expected { media_type, digest, size })
}

fn selector(which: wit::Selector) -> Result<Selector, Fault> {
    Ok(match which {
        wit::Selector::Tag(tag) => Selector::Tag(tag),
        wit::Selector::Digest(digest) => Selector::Digest(checked(&digest)?),
        wit::Selector::Index(index) => Selector::Index(index),
        wit::Selector::Id(id) => Selector::Id(id),
        wit::Selector::Only => Selector::Only,
    })
}
