//! Platforms: which children of an index stay, and which platforms an image lacks.

use super::content_cache::ContentCache;
use super::edited_image::EditedImage;
use super::error;
use super::image::Image;
use super::left_out::NotPassed;
use super::nested_indexes::NestedIndexes;
use crate::graph::IndexMode;
use crate::oci::edit::{self, EditFault, PlatformCut};
use crate::oci::{Descriptor, Manifest, Platform, Shape};
use crate::plan::{Kept, Made};

/// What a `platforms` transform says.
#[derive(Clone, Copy)]
pub(super) struct PlatformsTransform<'a> {
    /// The step.
    pub step: &'a str,
    /// The platforms that stay.
    pub keep: &'a [Platform],
    /// What becomes of the index.
    pub index: IndexMode,
}

impl PlatformsTransform<'_> {
    /// Cuts an image to the platforms that stay.
    ///
    /// # Errors
    ///
    /// That the image is left out as it has none of them; what reading fails with; `survey::edit`.
    pub(super) async fn apply(
        &self,
        contents: &ContentCache,
        image: &Image,
        mut edited: EditedImage,
    ) -> Result<EditedImage, NotPassed> {
        let manifest = edited.parse(image)?;
        let children = match &manifest.shape {
            Shape::Index(children) => children,
            Shape::Image { config, .. } => {
                let has = edited.config(contents, image, config).await?.platform;
                return match has.filter(|has| !self.keep.iter().any(|one| one.covers(has))) {
                    Some(other) => {
                        Err(NotPassed::left_out(self.step, format!("it is for {other} only")))
                    }
                    None => Ok(edited),
                };
            }
            // As an artifact whose config names no platform.
            Shape::Artifact(_) => return Ok(edited),
            Shape::Schema1(_) => return Err(NotPassed::left_out(self.step, SCHEMA1)),
        };
        let nested = NestedIndexes::read(contents, image, &edited, &manifest).await?;
        let cut = match self.index {
            IndexMode::Keep => {
                let images = [edited.images(&manifest), nested.images()].concat();
                return match lacking(&images, self.keep) {
                    Some(why) => Err(NotPassed::left_out(self.step, why)),
                    None => Ok(edited),
                };
            }
            // What is nested is copied whole: its index names all of it.
            IndexMode::Sparse => self.kept(children, &nested).map(|kept| {
                let earlier = edited.images(&manifest);
                let stays = |child: &&Descriptor| {
                    let is_earlier = || earlier.iter().any(|one| one.digest == child.digest);
                    child.attests().is_some() || is_earlier()
                };
                let kept = kept.into_iter().filter(stays).map(|child| child.digest.clone());
                edited.kept = Kept::Only(kept.collect());
                edited
            }),
            IndexMode::Rewrite => {
                self.rewritten(&manifest, &edited, &nested).map(|(bytes, made)| {
                    edited.kept = Kept::All;
                    edited.made.extend(made);
                    edited.with_bytes(bytes)
                })
            }
        };
        cut.map_err(|cause| match cause {
            EditFault::NothingLeft { .. } => NotPassed::left_out(self.step, cause.to_string()),
            cause => error::edit(&image.reference, self.step, &cause).into(),
        })
    }

    /// The children that stay.
    fn kept<'c>(
        &self,
        children: &'c [Descriptor],
        nested: &NestedIndexes,
    ) -> Result<Vec<&'c Descriptor>, EditFault> {
        let holding = nested.holding(self.keep);
        edit::kept(children, PlatformCut { wanted: self.keep, nested: &holding })
    }

    /// The index with the children that stay, and the indexes below that it names anew.
    fn rewritten(
        &self,
        manifest: &Manifest,
        edited: &EditedImage,
        nested: &NestedIndexes,
    ) -> Result<(Vec<u8>, Vec<Made>), EditFault> {
        let cut = nested.cut(self.keep)?;
        let children = manifest.entries();
        let platforms = PlatformCut { wanted: self.keep, nested: &cut.holding };
        let kept = edit::keep_platforms(&manifest.media_type, &edited.bytes, children, platforms)?;
        Ok((cut.renamed(children, kept)?, cut.made))
    }
}

/// Why an image of schema 1 has no platform.
pub(super) const SCHEMA1: &str = "a schema 1 manifest does not say for which platform it is";

/// The wanted platforms that no child is for, as a reason.
pub(super) fn lacking(children: &[&Descriptor], wanted: &[Platform]) -> Option<String> {
    let lacks = |wanted: &&Platform| {
        !children.iter().filter_map(|child| child.platform.as_ref()).any(|has| wanted.covers(has))
    };
    let lacking: Vec<String> = wanted.iter().filter(lacks).map(ToString::to_string).collect();
    (!lacking.is_empty()).then(|| format!("it has no {}", lacking.join(", ")))
}

/// A platform with its version, which people are not shown.
pub(super) fn exact(platform: &Platform) -> String {
    let version = platform.os_version.as_deref().unwrap_or_default();
    format!("{platform} {version}")
}
