//! Transforms, applied in the order of the path. Edits give new bytes; nothing is written here.

use super::content::{self};
use super::error;
use super::image::Image;
use super::rewrite::rewrite;
use super::walk::Surveyor;
use crate::diagnostic::Fault;
use crate::graph::{Annotate, Filling, IndexMode, Step, StepKind, Transform};
use crate::oci::edit::{self, EditFault};
use crate::oci::{Descriptor, Digest, Manifest, Platform, Shape};
use crate::plan::{Kept, Made};
use crate::survey::content::Contents;
use bytes::Bytes;
use serde_json::json;

/// The top manifest of an image after the edits of its path.
#[derive(Debug, Clone)]
pub(super) struct Content {
    /// What it is.
    pub descriptor: Descriptor,
    /// Its bytes.
    pub bytes: Bytes,
    /// The children that stay.
    pub kept: Kept,
    /// What a transform made below it: manifests of children, and configs.
    pub made: Vec<Made>,
}

/// A step that does not let an image through.
#[derive(Debug, Clone)]
pub(super) struct LeftOut {
    /// The step.
    pub step: String,
    /// Why not.
    pub why: String,
}

/// What came out: content, or the step that left the image out.
pub(super) type Passed<T> = Result<T, LeftOut>;

/// Names a chain of transforms with all that its result depends on besides the image: their
/// settings, filled in, and the version of the engine. Empty without transforms.
pub(super) fn chain(steps: &[Step], edits: &[usize], filling: &Filling<'_>) -> String {
    if edits.is_empty() {
        return String::new();
    }
    let transforms = transforms(steps, edits).map(|(_, transform)| match transform {
        Transform::Platforms { keep, index } => {
            let keep: Vec<String> = keep.iter().map(exact).collect();
            let index = match index {
                IndexMode::Rewrite => "rewrite",
                IndexMode::Sparse => "sparse",
                IndexMode::Keep => "keep",
            };
            json!({"platforms": keep, "index": index})
        }
        Transform::Annotate(annotate) => {
            json!({"set": filled(annotate, filling), "remove": annotate.remove})
        }
        Transform::Plugin(cast) => json!({"made of": cast.made_of}),
        // It changes no byte of the image.
        Transform::Sign(_) => json!(null),
    });
    let text = json!({
        "engine": env!("CARGO_PKG_VERSION"),
        "transforms": transforms.collect::<Vec<_>>(),
    });
    Digest::of(text.to_string().as_bytes()).to_string()
}

/// Reads an image and applies the transforms of a path.
///
/// # Errors
///
/// What reading fails with; `survey::manifest`, `survey::config`; `survey::edit` where the manifest
/// cannot take an edit.
pub(super) async fn apply(
    surveyor: &Surveyor,
    image: &Image,
    pinned: &Descriptor,
    edits: &[usize],
    filling: &Filling<'_>,
) -> Result<Passed<Content>, Fault> {
    let contents = &surveyor.contents;
    let bytes = contents.manifest(image, &pinned.digest).await?;
    let descriptor = pinned.clone();
    let mut content = Content { descriptor, bytes, kept: Kept::All, made: Vec::new() };
    for (step, transform) in transforms(&surveyor.steps, edits) {
        let passed = match transform {
            Transform::Platforms { keep, index } => {
                platforms(contents, image, content, (keep, *index)).await?
            }
            Transform::Annotate(annotate) => {
                let set = filled(annotate, filling);
                let (declared, bytes) = (&content.descriptor.media_type, &content.bytes);
                let edited = edit::annotate(declared, bytes, &set, &annotate.remove)
                    .map_err(|cause| error::edit(&image.reference, step, &cause))?;
                Ok(content.become_bytes(edited))
            }
            Transform::Plugin(cast) => {
                let transform = surveyor.roles.transform(step, &cast.word)?;
                Ok(rewrite(contents, image, (step, transform.as_ref()), content).await?)
            }
            Transform::Sign(_) => Ok(content),
        };
        match passed {
            Ok(passed) => content = passed,
            Err(why) => return Ok(Err(LeftOut { step: step.to_owned(), why })),
        }
    }
    Ok(Ok(content))
}

impl Content {
    /// What the content holds.
    pub(super) fn parse(&self, image: &Image) -> Result<Manifest, Fault> {
        content::parse(&image.reference, &self.descriptor, &self.bytes)
    }

    /// The children that stay, without the attestations among them.
    pub(super) fn images<'a>(&self, manifest: &'a Manifest) -> Vec<&'a Descriptor> {
        let stays = |child: &&Descriptor| match &self.kept {
            Kept::All => true,
            Kept::Only(kept) => kept.contains(&child.digest),
        };
        let children = manifest.children().iter().filter(stays);
        children.filter(|child| child.attests().is_none()).collect()
    }

    pub(super) fn become_bytes(mut self, edited: Vec<u8>) -> Self {
        if edited != self.bytes {
            self.descriptor = Descriptor::of_manifest(&*self.descriptor.media_type, &edited);
            self.bytes = edited.into();
        }
        self
    }
}

async fn platforms(
    contents: &Contents,
    image: &Image,
    mut content: Content,
    (keep, mode): (&[Platform], IndexMode),
) -> Result<Result<Content, String>, Fault> {
    let manifest = content.parse(image)?;
    let children = match &manifest.shape {
        Shape::Index(children) => children,
        Shape::Image { config, .. } => {
            let has = content.config(contents, image, config).await?.platform;
            return Ok(match has.filter(|has| !keep.iter().any(|wanted| wanted.covers(has))) {
                Some(other) => Err(format!("it is for {other} only")),
                None => Ok(content),
            });
        }
        Shape::Schema1(_) => {
            return Ok(Err("a schema 1 manifest does not say for which platform it is".to_owned()));
        }
    };
    let cut = match mode {
        IndexMode::Keep => {
            return Ok(match missing(&content.images(&manifest), keep) {
                Some(why) => Err(why),
                None => Ok(content),
            });
        }
        IndexMode::Sparse => edit::kept(children, keep).map(|kept| {
            let earlier = content.images(&manifest);
            let stays = |child: &&Descriptor| {
                child.attests().is_some() || earlier.iter().any(|one| one.digest == child.digest)
            };
            let kept = kept.into_iter().filter(stays).map(|child| child.digest.clone());
            content.kept = Kept::Only(kept.collect());
            content
        }),
        IndexMode::Rewrite => {
            let declared = &manifest.media_type;
            edit::keep_platforms(declared, &content.bytes, children, keep).map(|edited| {
                content.kept = Kept::All;
                content.become_bytes(edited)
            })
        }
    };
    match cut {
        Ok(content) => Ok(Ok(content)),
        Err(cause @ EditFault::NothingLeft { .. }) => Ok(Err(cause.to_string())),
        Err(cause) => Err(error::edit(&image.reference, "platforms", &cause)),
    }
}

/// The wanted platforms that no child is for, as a reason.
pub(super) fn missing(children: &[&Descriptor], wanted: &[Platform]) -> Option<String> {
    let has = |wanted: &&Platform| {
        !children.iter().filter_map(|child| child.platform.as_ref()).any(|has| wanted.covers(has))
    };
    let lacking: Vec<String> = wanted.iter().filter(has).map(ToString::to_string).collect();
    (!lacking.is_empty()).then(|| format!("it has no {}", lacking.join(", ")))
}

fn transforms<'a>(
    steps: &'a [Step],
    edits: &'a [usize],
) -> impl Iterator<Item = (&'a str, &'a Transform)> {
    edits.iter().filter_map(|edit| match steps.get(*edit) {
        Some(Step { id, kind: StepKind::Transform(transform), .. }) => {
            Some((id.as_str(), transform))
        }
        _ => None,
    })
}

fn filled(
    annotate: &Annotate,
    filling: &Filling<'_>,
) -> std::collections::BTreeMap<String, String> {
    annotate.set.iter().map(|(key, text)| (key.clone(), text.fill(filling))).collect()
}

/// A platform with its version, which people are not shown.
pub(super) fn exact(platform: &Platform) -> String {
    let version = platform.os_version.as_deref().unwrap_or_default();
    format!("{platform} {version}")
}
