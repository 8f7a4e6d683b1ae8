//! What the hostile guests share: a transport that is honest but for one act.
//!
//! It offers the repository `fine` and one for each act that the step's settings name. Each has the
//! tag `v1`, a small honest image. Asked about the repository of an act, in the call that the
//! settings name, the guest does what it is there for; whatever else it is asked, it answers well.

mod image;
mod settings;

pub use image::Image;
pub use settings::{At, Settings};

use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Fault, Manifest, Page, Selector, Side, Source, Transport,
};
use std::marker::PhantomData;

/// The repository that every guest has, and where none does harm.
pub const FINE: &str = "fine";
/// The tag of each image.
pub const TAG: &str = "v1";

/// A guest that does harm by what it does; one that does it by what it answers is a transport of
/// its own.
pub trait Hostile: Sized + 'static {
    /// Does what the settings say, and may return as if nothing were.
    fn act(what: &str) -> Result<(), Fault>;
}

/// A transport that acts once.
pub struct Stage<H> {
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
            concurrent: true,
            lists_repositories: true,
            lists_tags: true,
            ..Capabilities::default()
        }
    }

    fn open(_: &str, _: Side, settings: &str) -> Result<Self, Fault> {
        Ok(Self { settings: Settings::read(settings)?, hostile: PhantomData })
    }

    fn list_repositories(&self, _: Option<&str>) -> Result<Page, Fault> {
        Ok(Page { names: self.settings.repositories(), next: None })
    }

    fn list_tags(&self, repository: &str, _: Option<&str>) -> Result<Page, Fault> {
        self.act(At::Tags, repository)?;
        Ok(Page { names: vec![TAG.to_owned()], next: None })
    }

    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(self.get_manifest(repository, which)?.map(|found| found.descriptor))
    }

    fn get_manifest(&self, repository: &str, _: &Selector) -> Result<Option<Manifest>, Fault> {
        self.act(At::Resolve, repository)?;
        Ok(Some(Image::of(repository).manifest()))
    }

    fn get_blob(&self, repository: &str, blob: &Descriptor, _: u64) -> Result<Content, Fault> {
        self.act(At::Blob, repository)?;
        let bytes = Image::of(repository).blob(&blob.digest);
        let bytes = bytes.ok_or_else(|| Fault::not_found("no such blob"))?;
        Ok(Content::Source(Source::from_bytes(&bytes)))
    }

    fn has_blob(&self, repository: &str, blob: &Descriptor) -> Result<bool, Fault> {
        Ok(Image::of(repository).blob(&blob.digest).is_some())
    }
}
