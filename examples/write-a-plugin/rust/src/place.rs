//! What the transport offers: images out of a directory of tar files, as its catalog says.

use crate::engine::plugin::body::Source;
use crate::engine::plugin::types::Fault;
use crate::engine::plugin::{fs, log};
use crate::exports::engine::plugin::transport::Selector;
use crate::fault;
use crate::image::{Blob, Image, Layer};
use serde_json::{Map, Value, json};

/// The directory, by the name under which the spec grants it.
const DIRECTORY: &str = "images";

/// Bytes of the largest catalog.
const MAX_CATALOG_BYTES: u64 = 1 << 20;

/// A place that was opened: all images of the catalog.
pub struct Place {
    offers: Vec<Offer>,
}

/// An image, and the file that is its layer.
struct Offer {
    repository: String,
    tag: String,
    file: String,
    layer: Layer,
    image: Image,
}

impl Place {
    pub fn new(settings: &Value) -> Result<Self, Fault> {
        let name = settings["catalog"].as_str().unwrap_or("catalog.json");
        let bytes = fs::read(DIRECTORY, name, 0, None)?.read_all(MAX_CATALOG_BYTES)?;
        let catalog: Map<String, Value> = serde_json::from_slice(&bytes)
            .map_err(|why| fault("invalid", format!("`{name}` is no catalog: {why}")))?;
        let mut offers = Vec::new();
        for (repository, tags) in &catalog {
            for (tag, entry) in tags.as_object().into_iter().flatten() {
                let offer = offer(repository, tag, entry);
                let wrong =
                    || fault("invalid", format!("`{name}` lacks a part of {repository}:{tag}"));
                offers.push(offer.ok_or_else(wrong)?);
            }
        }
        log::write(log::Level::Info, &format!("`{name}` has {} images", offers.len()));
        Ok(Self { offers })
    }

    pub fn repositories(&self) -> Vec<String> {
        let mut names: Vec<_> = self.offers.iter().map(|offer| offer.repository.clone()).collect();
        names.dedup();
        names
    }

    pub fn tags(&self, repository: &str) -> Vec<String> {
        let ours = self.offers.iter().filter(|offer| offer.repository == repository);
        ours.map(|offer| offer.tag.clone()).collect()
    }

    pub fn manifest(&self, repository: &str, which: &Selector) -> Option<Blob> {
        let mut ours = self.offers.iter().filter(|offer| offer.repository == repository);
        let found = ours.find(|offer| match which {
            Selector::Tag(tag) => *tag == offer.tag,
            Selector::Digest(digest) => *digest == offer.image.manifest.digest,
            Selector::Only => true,
            Selector::Index(_) | Selector::Id(_) => false,
        });
        found.map(|offer| offer.image.manifest.clone())
    }

    pub fn has(&self, digest: &str) -> bool {
        self.offers
            .iter()
            .any(|offer| offer.layer.digest == digest || offer.image.config.digest == digest)
    }

    pub fn blob(&self, digest: &str, offset: u64) -> Result<Source, Fault> {
        for offer in &self.offers {
            if offer.layer.digest == digest {
                return fs::read(DIRECTORY, &offer.file, offset, None);
            }
            let config = &offer.image.config;
            if config.digest == digest {
                let rest = usize::try_from(offset).ok().and_then(|from| config.bytes.get(from..));
                return Ok(Source::from_bytes(rest.unwrap_or_default()));
            }
        }
        Err(fault("not-found", format!("there is no blob `{digest}`")))
    }
}

/// An entry of the catalog; none where a part of it is missing.
fn offer(repository: &str, tag: &str, entry: &Value) -> Option<Offer> {
    let layer =
        Layer { digest: entry["digest"].as_str()?.to_owned(), size: entry["size"].as_u64()? };
    Some(Offer {
        repository: repository.to_owned(),
        tag: tag.to_owned(),
        file: entry["file"].as_str()?.to_owned(),
        image: Image::of(&layer, &json!({"from-file": entry["file"]})),
        layer,
    })
}
