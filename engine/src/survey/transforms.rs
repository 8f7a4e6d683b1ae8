//! Transforms, applied in the order of a route. Edits give new bytes; nothing is written here.

use super::compress::CompressTransform;
use super::content_cache::ContentCache;
use super::edited_image::EditedImage;
use super::error;
use super::graph_steps::GraphSteps;
use super::image::Image;
use super::left_out::NotPassed;
use super::platforms::{PlatformsTransform, exact};
use super::transform_plugin::TransformPlugin;
use crate::graph::{Annotate, Filling, IndexMode, Part, Transform};
use crate::oci::{Descriptor, Digest, Reference, edit};
use crate::role::Roles;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Applies the transforms of the graph.
pub(super) struct Transforms {
    /// The steps.
    pub steps: Arc<GraphSteps>,
    /// The components.
    pub roles: Arc<Roles>,
    /// What was read.
    pub contents: Arc<ContentCache>,
}

impl Transforms {
    /// Names a chain of transforms with all that its result depends on besides the image: their
    /// settings, filled in for the image, and the version of the engine. Empty without transforms.
    pub(super) fn chain(&self, edits: &[usize], image: &Reference, digest: &Digest) -> String {
        if edits.is_empty() {
            return String::new();
        }
        let filling = self.steps.filling(image, digest.as_str());
        let transforms = self.steps.transforms(edits).map(|(_, transform)| match transform {
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
                json!({"set": annotations(annotate, &filling), "remove": annotate.remove})
            }
            Transform::Compress(recipe) => json!({"compress": recipe}),
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

    /// What compresses layers among these transforms; at most one, as the graph sees to.
    pub(super) fn compress(&self, edits: &[usize]) -> Option<CompressTransform<'_>> {
        let mut transforms = edits.iter().filter_map(|edit| self.steps.transform(*edit));
        transforms.find_map(|(step, transform)| match transform {
            Transform::Compress(recipe) => Some(CompressTransform { step, recipe: *recipe }),
            _ => None,
        })
    }

    /// Reads an image and applies transforms, but for what is done while it is copied.
    ///
    /// # Errors
    ///
    /// That one of them leaves the image out; what reading fails with; `survey::manifest`,
    /// `survey::config`; `survey::edit` where the manifest cannot take an edit; `survey::no-tag`.
    pub(super) async fn apply(
        &self,
        edits: &[usize],
        image: &Image,
        pinned: &Descriptor,
    ) -> Result<EditedImage, NotPassed> {
        let contents = self.contents.as_ref();
        let mut edited = EditedImage::read(contents, image, pinned).await?;
        for (step, transform) in self.steps.transforms(edits) {
            edited = match transform {
                Transform::Platforms { keep, index } => {
                    let transform = PlatformsTransform { step, keep, index: *index };
                    transform.apply(contents, image, edited).await?
                }
                Transform::Annotate(annotate) => {
                    let filling = self.steps.filling(&image.reference, pinned.digest.as_str());
                    let mut texts = annotate.set.values();
                    if filling.tag.is_none() && texts.any(|text| text.parts.contains(&Part::Tag)) {
                        return Err(error::no_tag(&image.reference, step).into());
                    }
                    let set = annotations(annotate, &filling);
                    let (declared, bytes) = (&edited.descriptor.media_type, &edited.bytes);
                    let bytes = edit::annotate(declared, bytes, &set, &annotate.remove)
                        .map_err(|cause| error::edit(&image.reference, step, &cause))?;
                    edited.with_bytes(bytes)
                }
                Transform::Plugin(cast) => {
                    let component = self.roles.transform(step, &cast.word)?.as_ref();
                    TransformPlugin { step, component }.apply(contents, image, edited).await?
                }
                // Done while the image is copied.
                Transform::Compress(_) | Transform::Sign(_) => edited,
            };
        }
        Ok(edited)
    }
}

fn annotations(annotate: &Annotate, filling: &Filling<'_>) -> BTreeMap<String, String> {
    annotate.set.iter().map(|(key, text)| (key.clone(), text.fill(filling))).collect()
}
