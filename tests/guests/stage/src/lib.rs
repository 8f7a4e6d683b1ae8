//! What the hostile guests share: a transport that is honest but for one act.
//!
//! As a source it offers the repository `fine` and one for each act that the step's settings name.
//! Each has the tag `v1`, a small honest image. As a destination it has nothing yet, takes what it
//! is given, and forgets it. Asked about the repository of an act, in the call that the settings
//! name, the guest does what it is there for; whatever else it is asked, it answers well.

mod image;
mod settings;

pub use image::Image;
pub use settings::{At, Settings};

use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Digest, Fault, Manifest, Page, Put, PutBlob, Selector, Side,
    Source, Transport,
};
use std::marker::PhantomData;

/// The repository that every guest has, and where none does harm.
pub const FINE: &str = "fine";
/// The tag of each image.
pub const TAG: &str = "v1";

/// A guest that does harm by what it does; one that does it by what it answers is a transport of
/// its own.
pub trait Hostile: Sized + 'static {
    /// Whether its calls may run side by side.
    const CONCURRENT: bool = true;

    /// Does what the settings say, and may return as if nothing were.
    fn act(what: &str) -> Result<(), Fault>;

    /// Does it in `put-blob`, where there is a body.
    fn put(what: &str, put: PutBlob) -> Result<Put, Fault> {
        Self::act(what)?;
        take(&put.body)
    }
}

/// Reads the body of a blob to its end, and forgets it.
pub fn take(body: &Source) -> Result<Put, Fault> {
    while body.read(1 << 20)?.is_some() {}
    Ok(Put::Done)
}

/// A transport that acts once.
pub struct Stage<H> {
    side: Side,
    settings: Settings,
    hostile: PhantomData<H>,
}

impl<H: Hostile> Stage<H> {
    fn act(&self, at: At, repository: &str) -> Result<(), Fault> {
        self.settings.act(at, repository).map_or(Ok(()), H::act)
    }
}

impl<H: Hostile> Transport for Stage<H> {
    fn describe() -> Capabilities {
        Capabilities {
            concurrent: H::CONCURRENT,
            lists_repositories: true,
            lists_tags: true,
            writes: true,
            ..Capabilities::default()
        }
    }

    fn open(_: &str, side: Side, settings: &str) -> Result<Self, Fault> {
        let settings = Settings::read(settings)?;
        settings.opening().map_or(Ok(()), H::act)?;
        Ok(Self { side, settings, hostile: PhantomData })
    }

    fn list_repositories(&self, _: Option<&str>) -> Result<Page, Fault> {
        Ok(Page { names: self.settings.repositories(), next: None })
    }

    fn list_tags(&self, repository: &str, _: Option<&str>) -> Result<Page, Fault> {
        self.act(At::Tags, repository)?;
        let has = self.side == Side::Source;
        Ok(Page { names: has.then(|| TAG.to_owned()).into_iter().collect(), next: None })
    }

    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(self.get_manifest(repository, which)?.map(|found| found.descriptor))
    }

    fn get_manifest(&self, repository: &str, _: &Selector) -> Result<Option<Manifest>, Fault> {
        self.act(At::Resolve, repository)?;
        Ok((self.side == Side::Source).then(|| Image::of(repository).manifest()))
    }

    fn get_blob(&self, repository: &str, blob: &Descriptor, _: u64) -> Result<Content, Fault> {
        self.act(At::Blob, repository)?;
        let bytes = Image::of(repository).blob(&blob.digest);
        let bytes = bytes.ok_or_else(|| Fault::not_found("no such blob"))?;
        Ok(Content::Source(Source::from_bytes(&bytes)))
    }

    fn has_blob(&self, repository: &str, blob: &Descriptor) -> Result<bool, Fault> {
        self.act(At::Has, repository)?;
        let has = self.side == Side::Source;
        Ok(has && Image::of(repository).blob(&blob.digest).is_some())
    }

    fn put_blob(&self, repository: &str, put: PutBlob) -> Result<Put, Fault> {
        match self.settings.act(At::Put, repository) {
            Some(what) => H::put(what, put),
            None => take(&put.body),
        }
    }

    fn put_manifest(&self, repository: &str, _: Option<&str>, _: &Manifest) -> Result<(), Fault> {
        self.act(At::Manifest, repository)
    }

    fn untag(&self, repository: &str, _: &str) -> Result<(), Fault> {
        self.act(At::Manifest, repository)
    }

    fn delete(&self, repository: &str, _: &Digest) -> Result<(), Fault> {
        self.act(At::Manifest, repository)
    }
}
