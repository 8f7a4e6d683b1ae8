//! Transforms that are components. What comes out is hashed here, and may name only what is there:
//! what the image had, and what the component made.

use super::codes;
use super::content_cache::{ContentCache, parse_manifest};
use super::edited_image::EditedImage;
use super::error;
use super::image::Image;
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Descriptor, Digest, Manifest, Shape, edit, media_type};
use crate::plan::Made;
use crate::role::{Document, Transform};
use bytes::Bytes;
use std::collections::BTreeSet;

/// A transform that is a component.
#[derive(Clone, Copy)]
pub(super) struct TransformPlugin<'a> {
    /// The step.
    pub step: &'a str,
    /// The component.
    pub component: &'a dyn Transform,
}

/// What a component made of one manifest.
struct Rewrite {
    manifest: Made,
    config: Option<Made>,
}

impl TransformPlugin<'_> {
    /// Lets the component change an image: children first, then their index.
    ///
    /// # Errors
    ///
    /// What reading and the component fail with; `survey::transform` where what the component made
    /// cannot be written.
    pub(super) async fn apply(
        &self,
        contents: &ContentCache,
        image: &Image,
        mut edited: EditedImage,
    ) -> Result<EditedImage, Fault> {
        let needs = self.component.needs().await?;
        let with_config = needs.iter().any(|need| need == "config");
        let manifest = edited.parse(image)?;
        let mut changed = Vec::new();
        for child in edited.images(&manifest) {
            if child.is_index() {
                return Err(self.odd(image, "it has an index within its index"));
            }
            let bytes = edited.manifest(contents, image, &child.digest).await?;
            let config = if with_config {
                config(contents, image, &edited, (child, &bytes)).await?
            } else {
                None
            };
            let document = Document {
                config,
                descriptor: child.clone(),
                bytes,
                changed: Vec::new(),
                reference: image.reference.to_string(),
            };
            if let Some(Rewrite { manifest, config }) = self.rewrite(image, &document).await? {
                let platform = child.platform.clone();
                let named = Descriptor { platform, ..manifest.descriptor.clone() };
                changed.push((child.digest.clone(), named));
                edited.made.extend(config);
                edited.made.push(manifest);
            }
        }
        if !changed.is_empty() {
            let bytes = edit::replace_children(&edited.bytes, &changed)
                .map_err(|cause| error::edit(&image.reference, self.step, &cause))?;
            edited = edited.with_bytes(bytes);
        }
        let top = (&edited.descriptor, &edited.bytes);
        let config = if with_config { config(contents, image, &edited, top).await? } else { None };
        let document = Document {
            config,
            descriptor: edited.descriptor.clone(),
            bytes: edited.bytes.clone(),
            changed,
            reference: image.reference.to_string(),
        };
        if let Some(Rewrite { manifest, config }) = self.rewrite(image, &document).await? {
            edited.descriptor = manifest.descriptor;
            edited.bytes = manifest.bytes;
            edited.made.extend(config);
        }
        Ok(edited)
    }

    /// Lets the component change one manifest; `None` where it does not.
    async fn rewrite(&self, image: &Image, document: &Document) -> Result<Option<Rewrite>, Fault> {
        let Some(rewritten) = self.component.rewrite(document).await? else { return Ok(None) };
        let media_type = &document.descriptor.media_type;
        let read = |bytes: &[u8]| {
            let found = Manifest::parse(media_type, bytes);
            found.map_err(|cause| self.odd(image, &cause.to_string()))
        };
        let (before, after) = (read(&document.bytes)?, read(&rewritten.bytes)?);
        if before.media_type != after.media_type {
            return Err(self.odd(image, &format!("it became `{}`", after.media_type)));
        }
        let config = rewritten.config.map(|config| {
            let kind = match &before.shape {
                Shape::Image { config, .. } => config.media_type.as_str(),
                Shape::Index(_) | Shape::Artifact(_) | Shape::Schema1(_) => media_type::OCI_CONFIG,
            };
            let descriptor = Descriptor::new(kind, Digest::of(&config), config.len() as u64);
            Made { descriptor, bytes: config, is_blob: true }
        });
        let mut known = named(&before);
        known.extend(config.iter().map(|config| config.descriptor.digest.clone()));
        if let Some(foreign) = named(&after).difference(&known).next() {
            return Err(self.odd(image, &format!("it names `{foreign}`, which is not there")));
        }
        let descriptor = Descriptor::of_manifest(media_type.as_str(), &rewritten.bytes);
        let manifest = Made { descriptor, bytes: rewritten.bytes, is_blob: false };
        Ok(Some(Rewrite { manifest, config }))
    }

    fn odd(&self, image: &Image, why: &str) -> Fault {
        let step = self.step;
        let message = format!("what the transform `{step}` made of it cannot be written: {why}");
        Fault::new(codes::TRANSFORM, Origin::Plugin, message)
            .at(image.reference.to_string())
            .fact("step", step)
    }
}

/// What a manifest names: its blobs, its children, and what it says to be about.
fn named(manifest: &Manifest) -> BTreeSet<Digest> {
    let others = manifest.entries().iter().chain(&manifest.subject);
    let others = others.map(|other| other.digest.clone());
    manifest.blobs().into_iter().map(|blob| blob.digest).chain(others).collect()
}

/// The config of a manifest, if it is an image.
async fn config(
    contents: &ContentCache,
    image: &Image,
    edited: &EditedImage,
    (descriptor, bytes): (&Descriptor, &Bytes),
) -> Result<Option<Bytes>, Fault> {
    let Shape::Image { config, .. } = parse_manifest(&image.reference, descriptor, bytes)?.shape
    else {
        return Ok(None);
    };
    edited.blob(contents, image, &config).await.map(Some)
}
