//! The transport `NAME`: offers one made-up image, `greeting:1.0`, whose label says what the step's
//! settings say.
//!
//! `wit/` says what each call means. A call gets an instance of its own: nothing is remembered.

mod image;

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use engine::plugin::body::Source;
use engine::plugin::log;
use engine::plugin::types::{Descriptor, Fault};
use exports::engine::plugin::transport::{
    Capabilities, Content, Guest, GuestReader, GuestSession, Manifest, Naming, Page, Put, Selector,
    Session, Side,
};
use image::{Blob, Image, Layer};
use serde_json::{Value, json};

/// The repository that is offered, and its only tag.
const REPOSITORY: &str = "greeting";
const TAG: &str = "1.0";

/// A tar file with nothing in it.
const EMPTY_TAR: [u8; 1024] = [0; 1024];

struct Plugin;

/// A place that was opened: here, the image that the settings ask for.
struct Place {
    image: Image,
}

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
        let settings: Value = serde_json::from_str(&settings).unwrap_or_default();
        let greeting = settings["greeting"].as_str().unwrap_or("hello");
        let layer = Layer { digest: image::digest(&EMPTY_TAR), size: EMPTY_TAR.len() as u64 };
        let image = Image::of(&layer, &json!({"greeting": greeting}));
        Ok(Session::new(Place { image }))
    }

    fn list_repositories(&self, _after: Option<String>) -> Result<Page, Fault> {
        Ok(Page { names: vec![REPOSITORY.to_owned()], next: None })
    }

    fn list_tags(&self, repository: String, _after: Option<String>) -> Result<Page, Fault> {
        let names = if repository == REPOSITORY { vec![TAG.to_owned()] } else { Vec::new() };
        Ok(Page { names, next: None })
    }

    fn resolve(&self, repository: String, which: Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(self.manifest(&repository, &which).map(described))
    }

    fn get_manifest(&self, repository: String, which: Selector) -> Result<Option<Manifest>, Fault> {
        let found = self.manifest(&repository, &which);
        Ok(found.map(|blob| Manifest { descriptor: described(blob), bytes: blob.bytes.clone() }))
    }

    fn get_blob(
        &self,
        _repository: String,
        blob: Descriptor,
        offset: u64,
    ) -> Result<Content, Fault> {
        let bytes = if blob.digest == self.image.config.digest {
            &self.image.config.bytes[..]
        } else {
            &EMPTY_TAR[..]
        };
        log::write(log::Level::Debug, &format!("{} from byte {offset}", blob.digest));
        // The engine checks size and digest; where the bytes broke off, it asks again.
        let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
        Ok(Content::Source(Source::from_bytes(rest.unwrap_or_default())))
    }

    fn has_blob(&self, _repository: String, blob: Descriptor) -> Result<bool, Fault> {
        let ours = [self.image.config.digest.clone(), image::digest(&EMPTY_TAR)];
        Ok(ours.contains(&blob.digest))
    }

    // What follows is not asked of a transport whose capabilities say no.

    fn put_blob(
        &self,
        _repository: String,
        _blob: Descriptor,
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
}

impl Place {
    fn manifest(&self, repository: &str, which: &Selector) -> Option<&Blob> {
        let manifest = &self.image.manifest;
        let meant = match which {
            Selector::Tag(tag) => tag == TAG,
            Selector::Digest(digest) => *digest == manifest.digest,
            Selector::Only => true,
        };
        (repository == REPOSITORY && meant).then_some(manifest)
    }
}

fn described(blob: &Blob) -> Descriptor {
    Descriptor {
        media_type: blob.media_type.to_owned(),
        digest: blob.digest.clone(),
        size: blob.bytes.len() as u64,
        artifact_type: None,
        annotations: Vec::new(),
        platform: None,
        extra: Vec::new(),
    }
}

fn unsupported() -> Fault {
    Fault {
        code: "unsupported".to_owned(),
        message: "this transport only reads".to_owned(),
        retry_after: None,
        extra: Vec::new(),
    }
}

/// Bytes that a plugin makes while they are read. This one has all its bytes at hand.
struct Nothing;

impl GuestReader for Nothing {
    fn read(&self, _max: u32) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }
}
