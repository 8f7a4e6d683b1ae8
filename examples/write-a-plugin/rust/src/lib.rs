//! The calls of the engine, each passed on to a `Place`: what is yours is in `place.rs`.
//!
//! `wit/` says what each call means. A call gets an instance of its own: nothing is remembered.

mod image;
mod place;

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use engine::plugin::body::Source;
use engine::plugin::types::{Descriptor, Fault};
use exports::engine::plugin::transport::{
    Capabilities, Content, Expected, Guest, GuestReader, GuestSession, Manifest, Naming, Page, Put,
    Selector, Session, Side, Signature,
};
use place::Place;

struct Plugin;

export!(Plugin);

impl Guest for Plugin {
    type Session = Place;
    type Reader = Nothing;

    fn describe() -> Capabilities {
        Capabilities {
            concurrent: true,
            lists_repositories: true,
            lists_tags: true,
            writes: false,
            deletes: false,
            referrers: false,
            names_in_groups: false,
            shared_blobs: true,
            extra: Vec::new(),
        }
    }
}

impl GuestSession for Place {
    fn open(_place: String, _side: Side, settings: String) -> Result<Session, Fault> {
        // The engine has checked the settings by settings.schema.json.
        let settings = serde_json::from_str(&settings).unwrap_or_default();
        Ok(Session::new(Place::new(&settings)?))
    }

    fn list_repositories(&self, _after: Option<String>) -> Result<Page, Fault> {
        Ok(Page { names: self.repositories(), next: None })
    }

    fn list_tags(&self, repository: String, _after: Option<String>) -> Result<Page, Fault> {
        Ok(Page { names: self.tags(&repository), next: None })
    }

    fn resolve(&self, repository: String, which: Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(self.manifest(&repository, &which).map(|blob| blob.descriptor()))
    }

    fn get_manifest(&self, repository: String, which: Selector) -> Result<Option<Manifest>, Fault> {
        let found = self.manifest(&repository, &which);
        Ok(found.map(|blob| Manifest { descriptor: blob.descriptor(), bytes: blob.bytes }))
    }

    fn get_blob(
        &self,
        _repository: String,
        blob: Descriptor,
        offset: u64,
    ) -> Result<Content, Fault> {
        // The engine checks size and digest; where the bytes broke off, it asks again.
        Ok(Content::Source(self.blob(&blob.digest, offset)?))
    }

    fn has_blob(&self, _repository: String, blob: Descriptor) -> Result<bool, Fault> {
        Ok(self.has(&blob.digest))
    }

    // What follows is not asked of a transport whose capabilities say no.

    fn put_blob(
        &self,
        _repository: String,
        _blob: Expected,
        _body: Source,
        _mount_from: Option<String>,
        _resume: Option<String>,
    ) -> Result<Put, Fault> {
        Err(unsupported())
    }

    fn put_manifest(
        &self,
        _repository: String,
        _tag: Option<String>,
        _manifest: Manifest,
    ) -> Result<(), Fault> {
        Err(unsupported())
    }

    fn tag(&self, namings: Vec<Naming>) -> Vec<Result<(), Fault>> {
        namings.iter().map(|_| Err(unsupported())).collect()
    }

    fn untag(&self, _repository: String, _tag: String) -> Result<(), Fault> {
        Err(unsupported())
    }

    fn delete(&self, _repository: String, _digest: String) -> Result<(), Fault> {
        Err(unsupported())
    }

    fn referrers(&self, _repository: String, _digest: String) -> Result<Vec<Descriptor>, Fault> {
        Err(unsupported())
    }

    fn signatures(&self, _repository: String, _digest: String) -> Result<Vec<Signature>, Fault> {
        Err(unsupported())
    }

    fn put_signatures(
        &self,
        _repository: String,
        _digest: String,
        _signatures: Vec<Signature>,
    ) -> Result<(), Fault> {
        Err(unsupported())
    }

    fn finish(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl image::Blob {
    fn descriptor(&self) -> Descriptor {
        Descriptor {
            media_type: self.media_type.to_owned(),
            digest: self.digest.clone(),
            size: self.bytes.len() as u64,
            artifact_type: None,
            annotations: Vec::new(),
            platform: None,
            extra: Vec::new(),
        }
    }
}

/// A failure with one of the words of `wit/`'s `fault`.
pub fn fault(code: &str, message: impl Into<String>) -> Fault {
    Fault { code: code.to_owned(), message: message.into(), retry_after: None, extra: Vec::new() }
}

fn unsupported() -> Fault {
    fault("unsupported", "this transport only reads")
}

/// Bytes that a plugin makes while they are read. This one has all its bytes at hand.
struct Nothing;

impl GuestReader for Nothing {
    fn read(&self, _max: u32) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }
}
