//! An image on its way: its top manifest after the edits so far, and what is below that, which is
//! read at the source unless a transform made it.

use super::content_cache::{ContentCache, parse_manifest};
use super::image::Image;
use super::image_config::ImageConfig;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest, Manifest, Shape};
use crate::plan::{Kept, Made};
use bytes::Bytes;

/// The top manifest of an image after the edits of its route.
#[derive(Debug, Clone)]
pub(super) struct EditedImage {
    /// What it is.
    pub descriptor: Descriptor,
    /// Its bytes.
    pub bytes: Bytes,
    /// The children that stay.
    pub kept: Kept,
    /// What a transform made below it: manifests of children, and configs.
    pub made: Vec<Made>,
}

impl EditedImage {
    /// An image that no step has edited yet, as its source pinned it.
    ///
    /// # Errors
    ///
    /// What reading its manifest fails with.
    pub(super) async fn read(
        contents: &ContentCache,
        image: &Image,
        pinned: &Descriptor,
    ) -> Result<Self, Fault> {
        let bytes = contents.manifest(image, &pinned.digest).await?;
        Ok(Self { descriptor: pinned.clone(), bytes, kept: Kept::All, made: Vec::new() })
    }

    /// What the top manifest holds.
    pub(super) fn parse(&self, image: &Image) -> Result<Manifest, Fault> {
        parse_manifest(&image.reference, &self.descriptor, &self.bytes)
    }

    /// The children that stay, without the attestations among them.
    pub(super) fn images<'a>(&self, manifest: &'a Manifest) -> Vec<&'a Descriptor> {
        let stays = |child: &&Descriptor| match &self.kept {
            Kept::All => true,
            Kept::Only(kept) => kept.contains(&child.digest),
        };
        let children = manifest.children().filter(stays);
        children.filter(|child| child.attests().is_none()).collect()
    }

    /// The same with other bytes of its top manifest.
    pub(super) fn with_bytes(mut self, edited: Vec<u8>) -> Self {
        if edited != self.bytes {
            self.descriptor = Descriptor::of_manifest(&*self.descriptor.media_type, &edited);
            self.bytes = edited.into();
        }
        self
    }

    fn made(&self, digest: &Digest) -> Option<&Bytes> {
        let made = self.made.iter().find(|made| made.descriptor.digest == *digest)?;
        Some(&made.bytes)
    }

    /// The bytes of a child.
    pub(super) async fn manifest(
        &self,
        contents: &ContentCache,
        image: &Image,
        digest: &Digest,
    ) -> Result<Bytes, Fault> {
        match self.made(digest) {
            Some(bytes) => Ok(bytes.clone()),
            None => contents.manifest(image, digest).await,
        }
    }

    /// The bytes of a config.
    pub(super) async fn blob(
        &self,
        contents: &ContentCache,
        image: &Image,
        blob: &Descriptor,
    ) -> Result<Bytes, Fault> {
        match self.made(&blob.digest) {
            Some(bytes) => Ok(bytes.clone()),
            None => contents.blob(image, blob).await,
        }
    }

    /// What steps look at in a config.
    pub(super) async fn config(
        &self,
        contents: &ContentCache,
        image: &Image,
        blob: &Descriptor,
    ) -> Result<ImageConfig, Fault> {
        match self.made(&blob.digest) {
            Some(bytes) => ImageConfig::parse(&image.reference, bytes),
            None => contents.config(image, blob).await,
        }
    }

    /// The configs of the image or, of an index, of the images that stay and of `nested` ones; none of a
    /// schema 1 image, and of an artifact without one.
    pub(super) async fn configs(
        &self,
        contents: &ContentCache,
        image: &Image,
        manifest: &Manifest,
        nested: &[&Descriptor],
    ) -> Result<Vec<ImageConfig>, Fault> {
        let mut named = Vec::new();
        match &manifest.shape {
            Shape::Image { config, .. } => named.push(config.clone()),
            Shape::Artifact(_) | Shape::Schema1(_) => {}
            Shape::Index(_) => {
                let own = self.images(manifest);
                for child in own.iter().chain(nested).filter(|child| !child.is_index()) {
                    let bytes = self.manifest(contents, image, &child.digest).await?;
                    let child = parse_manifest(&image.reference, child, &bytes)?;
                    if let Shape::Image { config, .. } = child.shape {
                        named.push(config);
                    }
                }
            }
        }
        let mut configs = Vec::new();
        for config in named {
            configs.push(self.config(contents, image, &config).await?);
        }
        Ok(configs)
    }
}
