//! What stands below the top manifest of an image on its way: read at the source, unless a transform
//! made it.

use super::edit::Content;
use super::image::Image;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest, Shape};
use crate::survey::content::{Config, Contents, parse, parse_config};
use bytes::Bytes;

impl Content {
    fn made(&self, digest: &Digest) -> Option<&Bytes> {
        let made = self.made.iter().find(|made| made.descriptor.digest == *digest)?;
        Some(&made.bytes)
    }

    /// The bytes of a child.
    pub(super) async fn manifest(
        &self,
        contents: &Contents,
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
        contents: &Contents,
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
        contents: &Contents,
        image: &Image,
        blob: &Descriptor,
    ) -> Result<Config, Fault> {
        match self.made(&blob.digest) {
            Some(bytes) => parse_config(&image.reference, bytes),
            None => contents.config(image, blob).await,
        }
    }

    /// The configs of the image, or of the images of an index that stay; none of a schema 1 image.
    pub(super) async fn configs(
        &self,
        contents: &Contents,
        image: &Image,
    ) -> Result<Vec<Config>, Fault> {
        let manifest = self.parse(image)?;
        let mut named = Vec::new();
        match &manifest.shape {
            Shape::Image { config, .. } => named.push(config.clone()),
            Shape::Schema1(_) => {}
            Shape::Index(_) => {
                for child in self.images(&manifest) {
                    let bytes = self.manifest(contents, image, &child.digest).await?;
                    let child = parse(&image.reference, child, &bytes)?;
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
