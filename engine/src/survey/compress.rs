//! Compressing layers anew: whether an image has any that change, and whether a destination says
//! that what it has was made of the image.

use super::codes;
use super::content_cache::{ContentCache, parse_manifest};
use super::edited_image::EditedImage;
use super::error;
use super::image::Image;
use super::open_place::OpenPlace;
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Digest, Manifest, Recipe, Reference};
use crate::plan::SourceAnnotations;
use crate::role::{Selector, Session};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Manifests of one image that are looked into.
const MAX_MANIFESTS: usize = 1_000;

/// What a `compress` transform says.
#[derive(Clone, Copy)]
pub(super) struct CompressTransform<'a> {
    /// The step.
    pub step: &'a str,
    /// How layers are compressed.
    pub recipe: Recipe,
}

impl CompressTransform<'_> {
    /// Whether any layer of an image, or of an image below an index, changes. The children that
    /// stay are read, and attestations are not: they have no layers of files.
    ///
    /// # Errors
    ///
    /// `plan::edit` where a manifest cannot name what a layer becomes; what reading fails with.
    pub(super) async fn changes(
        &self,
        contents: &ContentCache,
        image: &Image,
        edited: &EditedImage,
    ) -> Result<bool, Fault> {
        let of = |manifest: &Manifest| {
            let layers = self.recipe.of(manifest);
            let layers = layers.map_err(|cause| error::edit(&image.reference, self.step, &cause));
            Ok::<_, Fault>(layers?.iter().any(Option::is_some))
        };
        let top = edited.parse(image)?;
        let mut changes = of(&top)?;
        let mut open: Vec<_> = edited.images(&top).into_iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(child) = open.pop() {
            if !seen.insert(child.digest.clone()) {
                continue;
            }
            if seen.len() > MAX_MANIFESTS {
                let message = format!("it has more than {MAX_MANIFESTS} manifests");
                return Err(Fault::new(codes::TOO_MANY, Origin::Source, message));
            }
            let bytes = edited.manifest(contents, image, &child.digest).await?;
            let manifest = parse_manifest(&image.reference, &child, &bytes)?;
            changes |= of(&manifest)?;
            let images = manifest.children().filter(|child| child.attests().is_none());
            open.extend(images.cloned());
        }
        Ok(changes)
    }
}

/// Whether the manifest that a destination has says that it was made of `made.source` by this chain.
/// One that cannot be read says nothing.
///
/// # Errors
///
/// What the destination answers.
pub(super) async fn has_source_annotations(
    place: &OpenPlace,
    destination: &Reference,
    has: &Digest,
    made: &SourceAnnotations,
) -> Result<bool, Fault> {
    let repository = &destination.name.repository;
    let nameless = destination.is_nameless();
    let which = if nameless { Selector::Only } else { Selector::Digest(has.clone()) };
    let ask = |session: Arc<dyn Session>| {
        let which = which.clone();
        async move { session.get_manifest(repository, &which).await }
    };
    let Some(found) = place.ask(repository, ask).await? else { return Ok(false) };
    if found.descriptor.digest != *has {
        return Ok(false);
    }
    let parsed = Manifest::parse(&found.descriptor.media_type, &found.bytes);
    let said = parsed.ok().and_then(|manifest| SourceAnnotations::of(&manifest));
    Ok(said.as_ref() == Some(made))
}
