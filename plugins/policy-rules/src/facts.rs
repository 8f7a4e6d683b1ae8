//! What is known about an image. Its config, and the index around it, are read when a rule asks for
//! something in them, and not before.

use crate::moment::Moment;
use engine_plugin_sdk::oci::media_type;
use engine_plugin_sdk::oci::{Manifest, Shape, read_config};
use engine_plugin_sdk::{Descriptor, Digest, Fault, Subject, image};
use serde::Deserialize;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Text by key: labels or annotations.
type Pairs = BTreeMap<String, String>;

const ANNOTATED_DATE: &str = "org.opencontainers.image.created";
const ATTESTATION_LAYER: &str = "application/vnd.in-toto+json";
/// Builds that always give the same bytes write the first moment of some calendar for no date:
/// 0001-01-01, 1970-01-01 and, by zip's calendar, 1980-01-01 are all in use. No image is as old.
const NO_DATE_BEFORE: Moment = Moment(315_619_200_000);

/// A fact, or why there is none.
pub(crate) enum Known<T> {
    /// This is how it is.
    There(T),
    /// It is a fact of each image in this index, and they are judged on their own.
    OfImages,
    /// It is a fact of this image, and cannot be known.
    Unknown(String),
}

/// What a subject is, as far as facts go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// An image with a config that says things.
    Image,
    /// An index of images, or the attestation of one: it has no facts apart from theirs.
    OfImages,
    /// Whatever else has no labels and no platform: an artifact, an index of nothing.
    Artifact,
    /// A manifest that has no config.
    Schema1,
}

/// The subject of a verdict.
pub(crate) struct Facts<'a> {
    subject: &'a Subject,
    manifest: Manifest,
    nature: Nature,
    config: OnceCell<Config>,
    annotations: OnceCell<Pairs>,
}

#[derive(Deserialize)]
struct Config {
    created: Option<String>,
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    #[serde(rename = "config")]
    running: Option<Running>,
}

#[derive(Deserialize)]
struct Running {
    #[serde(rename = "Labels")]
    labels: Option<Pairs>,
}

impl<'a> Facts<'a> {
    /// Reads the manifest. Fails with `invalid`.
    pub(crate) fn of(subject: &'a Subject) -> Result<Self, Fault> {
        let manifest = parse(&subject.descriptor.media_type, &subject.bytes)?;
        let nature = nature(&manifest, subject.within.is_some());
        let (config, annotations) = (OnceCell::new(), OnceCell::new());
        Ok(Self { subject, manifest, nature, config, annotations })
    }

    /// Its name, and the same without tag and digest. What is in no registry has the name of its place.
    pub(crate) fn names(&self) -> Option<(Cow<'a, str>, &'a str)> {
        let Some(whole) = self.subject.reference.as_deref() else {
            let place = self.subject.scopes.first()?;
            return Some((format!("{}:{place}", self.subject.transport).into(), place));
        };
        let whole = whole.strip_prefix("docker://").unwrap_or(whole);
        let name = whole.split_once('@').map_or(whole, |(name, _)| name);
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let tag = name.get(last..).and_then(|last| last.find(':')).map(|colon| last + colon);
        Some((whole.into(), tag.and_then(|tag| name.get(..tag)).unwrap_or(name)))
    }

    /// What it runs on; an artifact runs on nothing. The index is believed before the config, since
    /// that is what whoever pulls the image goes by.
    pub(crate) fn platform(&self) -> Result<Known<Option<String>>, Fault> {
        if self.nature == Nature::Image
            && let Some(platform) = &self.subject.descriptor.platform
        {
            return Ok(Known::There(Some(platform.to_string())));
        }
        self.by_config(None, |config| match (&config.os, &config.architecture) {
            (Some(os), Some(architecture)) => {
                let variant = config.variant.as_ref().filter(|variant| !variant.is_empty());
                let end = variant.map_or(String::new(), |variant| format!("/{variant}"));
                Known::There(Some(format!("{os}/{architecture}{end}")))
            }
            _ => Known::Unknown("its config names no platform".to_owned()),
        })
    }

    /// The label with this key.
    pub(crate) fn label(&self, key: &str) -> Result<Known<Option<String>>, Fault> {
        self.by_config(None, |config| {
            let labels = config.running.as_ref().and_then(|running| running.labels.as_ref());
            Known::There(labels.and_then(|labels| labels.get(key).cloned()))
        })
    }

    /// The annotation with this key: its own, else the one that its index gives it, else the index's.
    pub(crate) fn annotation(&self, key: &str) -> Result<Known<Option<String>>, Fault> {
        let found = self.annotations()?.get(key).cloned();
        // The images may have what their index lacks.
        let left = found.is_none() && self.nature == Nature::OfImages;
        Ok(if left { Known::OfImages } else { Known::There(found) })
    }

    /// When it was made: by its config, else by its annotation.
    pub(crate) fn created(&self) -> Result<Known<Moment>, Fault> {
        let written = match self.by_config(None, |config| Known::There(config.created.clone()))? {
            Known::There(written) => written,
            Known::OfImages => return Ok(Known::OfImages),
            Known::Unknown(why) => return Ok(Known::Unknown(why)),
        };
        let mut why = "it says no date of creation";
        for text in [written.as_ref(), self.annotations()?.get(ANNOTATED_DATE)] {
            match text.map(|text| Moment::parse(text)) {
                Some(Some(moment)) if moment >= NO_DATE_BEFORE => return Ok(Known::There(moment)),
                Some(Some(_)) => why = "its date of creation stands for none",
                Some(None) => why = "its date of creation is not readable",
                None => {}
            }
        }
        Ok(Known::Unknown(why.to_owned()))
    }

    /// Bytes of the config and the layers, as they travel.
    pub(crate) fn size_bytes(&self) -> Known<u64> {
        match &self.manifest.shape {
            Shape::Image { config, layers } => {
                let sum = |sum: u64, layer: &Descriptor| sum.saturating_add(layer.size);
                Known::There(layers.iter().fold(config.size, sum))
            }
            Shape::Artifact(blobs) => {
                let sum = |sum: u64, blob: &Descriptor| sum.saturating_add(blob.size);
                Known::There(blobs.iter().fold(0, sum))
            }
            Shape::Index(children) if children.is_empty() => Known::There(0),
            Shape::Index(_) => Known::OfImages,
            Shape::Schema1(_) => Known::Unknown("a manifest of schema 1 says no sizes".to_owned()),
        }
    }

    /// Asks the config, or says what holds where there is none.
    fn by_config<T>(
        &self,
        none: T,
        ask: impl FnOnce(&Config) -> Known<T>,
    ) -> Result<Known<T>, Fault> {
        Ok(match (self.nature, &self.manifest.shape) {
            (Nature::Image, Shape::Image { config, .. }) => ask(self.config(config)?),
            (Nature::OfImages, _) => Known::OfImages,
            (Nature::Schema1, _) => {
                Known::Unknown("a manifest of schema 1 has no config".to_owned())
            }
            _ => Known::There(none),
        })
    }

    fn config(&self, descriptor: &Descriptor) -> Result<&Config, Fault> {
        if let Some(known) = self.config.get() {
            return Ok(known);
        }
        let read = read_config(&image::blob(descriptor)?)
            .map_err(|fault| Fault::invalid(format!("the config is not readable: {fault}")))?;
        Ok(self.config.get_or_init(|| read))
    }

    fn annotations(&self) -> Result<&Pairs, Fault> {
        if let Some(known) = self.annotations.get() {
            return Ok(known);
        }
        let mut read = self.subject.within.as_ref().map_or(Ok(Pairs::new()), annotations_of)?;
        read.extend(self.subject.descriptor.annotations.clone());
        read.extend(self.manifest.annotations.clone());
        Ok(self.annotations.get_or_init(|| read))
    }
}

fn annotations_of(index: &Digest) -> Result<Pairs, Fault> {
    Ok(parse("", &image::manifest(index)?)?.annotations)
}

fn parse(media_type: &str, bytes: &[u8]) -> Result<Manifest, Fault> {
    Manifest::parse(media_type, bytes).map_err(|fault| Fault::invalid(fault.to_string()))
}

fn nature(manifest: &Manifest, is_child: bool) -> Nature {
    match &manifest.shape {
        Shape::Index(children) if !children.is_empty() => Nature::OfImages,
        // By its layers, not by its platform `unknown/unknown`: that one anybody can write over an
        // image, while what has no layer of files cannot be run.
        Shape::Image { layers, .. }
            if is_child
                && !layers.is_empty()
                && layers.iter().all(|layer| layer.media_type == ATTESTATION_LAYER) =>
        {
            Nature::OfImages
        }
        Shape::Image { config, .. }
            if [media_type::OCI_CONFIG, media_type::DOCKER_CONFIG]
                .contains(&config.media_type.as_str()) =>
        {
            Nature::Image
        }
        Shape::Schema1(_) => Nature::Schema1,
        _ => Nature::Artifact,
    }
}
