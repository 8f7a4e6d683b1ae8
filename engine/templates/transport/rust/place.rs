//! What the transport offers: one made-up image, `greeting:1.0`, whose label says what the step's
//! settings say.

use crate::engine::plugin::body::Source;
use crate::engine::plugin::log;
use crate::engine::plugin::types::Fault;
use crate::exports::engine::plugin::transport::Selector;
use crate::fault;
use crate::image::{self, Blob, Image, Layer};
use serde_json::{Value, json};

/// The repository that is offered, and its only tag.
const REPOSITORY: &str = "greeting";
const TAG: &str = "1.0";

/// A tar file with nothing in it.
const EMPTY_TAR: [u8; 1024] = [0; 1024];

/// A place that was opened: here, the image that the settings ask for.
pub struct Place {
    image: Image,
    layer: Layer,
}

impl Place {
    pub fn new(settings: &Value) -> Result<Self, Fault> {
        let greeting = settings["greeting"].as_str().unwrap_or("hello");
        let layer = Layer { digest: image::digest(&EMPTY_TAR), size: EMPTY_TAR.len() as u64 };
        Ok(Self { image: Image::of(&layer, &json!({"greeting": greeting})), layer })
    }

    pub fn repositories(&self) -> Vec<String> {
        vec![REPOSITORY.to_owned()]
    }

    pub fn tags(&self, repository: &str) -> Vec<String> {
        if repository == REPOSITORY { vec![TAG.to_owned()] } else { Vec::new() }
    }

    pub fn manifest(&self, repository: &str, which: &Selector) -> Option<Blob> {
        let manifest = &self.image.manifest;
        let meant = match which {
            Selector::Tag(tag) => tag == TAG,
            Selector::Digest(digest) => *digest == manifest.digest,
            Selector::Only => true,
            Selector::Index(_) | Selector::Id(_) => false,
        };
        (repository == REPOSITORY && meant).then(|| manifest.clone())
    }

    pub fn has(&self, digest: &str) -> bool {
        [&self.image.config.digest, &self.layer.digest].iter().any(|ours| *ours == digest)
    }

    pub fn blob(&self, digest: &str, offset: u64) -> Result<Source, Fault> {
        if !self.has(digest) {
            return Err(fault("not-found", format!("there is no blob `{digest}`")));
        }
        log::write(log::Level::Debug, &format!("{digest} from byte {offset}"));
        let config = &self.image.config;
        let bytes = if digest == config.digest { &config.bytes[..] } else { &EMPTY_TAR[..] };
        let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
        Ok(Source::from_bytes(rest.unwrap_or_default()))
    }
}
