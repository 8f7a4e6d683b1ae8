//! Transforms that are components. What comes out is hashed here, and may name only what is there: what
//! the image had, and what the component made.

use super::edit::Content;
use super::image::Image;
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Descriptor, Digest, Manifest, Shape, edit, media_type};
use crate::plan::Made;
use crate::role::{Document, Transform};
use crate::survey::codes;
use crate::survey::content::{Contents, parse};
use bytes::Bytes;
use std::collections::BTreeSet;

/// Lets a component change an image: children first, then their index.
pub(super) async fn rewrite(
    contents: &Contents,
    image: &Image,
    (step, transform): (&str, &dyn Transform),
    mut content: Content,
) -> Result<Content, Fault> {
    let needs = transform.needs().await?;
    let with_config = needs.iter().any(|need| need == "config");
    let manifest = content.parse(image)?;
    let mut changed = Vec::new();
    for child in content.images(&manifest) {
        if child.is_index() {
            return Err(odd(image, step, "it has an index within its index"));
        }
        let bytes = content.manifest(contents, image, &child.digest).await?;
        let config = if with_config {
            config(contents, image, &content, (child, &bytes)).await?
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
        if let Some((new, config)) = one(image, (step, transform), &document).await? {
            let platform = child.platform.clone();
            let named = Descriptor { platform, ..new.descriptor.clone() };
            changed.push((child.digest.clone(), named));
            content.made.extend(config);
            content.made.push(new);
        }
    }
    if !changed.is_empty() {
        let bytes = edit::replace_children(&content.bytes, &changed)
            .map_err(|cause| super::error::edit(&image.reference, step, &cause))?;
        content = content.become_bytes(bytes);
    }
    let top = (&content.descriptor, &content.bytes);
    let config = if with_config { config(contents, image, &content, top).await? } else { None };
    let document = Document {
        config,
        descriptor: content.descriptor.clone(),
        bytes: content.bytes.clone(),
        changed,
        reference: image.reference.to_string(),
    };
    if let Some((top, config)) = one(image, (step, transform), &document).await? {
        content.descriptor = top.descriptor;
        content.bytes = top.bytes;
        content.made.extend(config);
    }
    Ok(content)
}

/// Lets it change one document: the new one, and its new config.
async fn one(
    image: &Image,
    (step, transform): (&str, &dyn Transform),
    document: &Document,
) -> Result<Option<(Made, Option<Made>)>, Fault> {
    let Some(rewritten) = transform.rewrite(document).await? else { return Ok(None) };
    let media_type = &document.descriptor.media_type;
    let read = |bytes: &[u8]| {
        let found = Manifest::parse(media_type, bytes);
        found.map_err(|cause| odd(image, step, &cause.to_string()))
    };
    let (before, after) = (read(&document.bytes)?, read(&rewritten.bytes)?);
    if before.media_type != after.media_type {
        return Err(odd(image, step, &format!("it became `{}`", after.media_type)));
    }
    let config = rewritten.config.map(|config| {
        let kind = match &before.shape {
            Shape::Image { config, .. } => config.media_type.as_str(),
            Shape::Index(_) | Shape::Schema1(_) => media_type::OCI_CONFIG,
        };
        let descriptor = Descriptor::new(kind, Digest::of(&config), config.len() as u64);
        Made { descriptor, bytes: config, is_blob: true }
    });
    let mut known = named(&before);
    known.extend(config.iter().map(|config| config.descriptor.digest.clone()));
    if let Some(foreign) = named(&after).difference(&known).next() {
        return Err(odd(image, step, &format!("it names `{foreign}`, which is not there")));
    }
    let descriptor = Descriptor::of_manifest(media_type.as_str(), &rewritten.bytes);
    let made = Made { descriptor, bytes: rewritten.bytes, is_blob: false };
    Ok(Some((made, config)))
}

/// What a manifest names: its blobs and children.
fn named(manifest: &Manifest) -> BTreeSet<Digest> {
    let children = manifest.children().iter().map(|child| child.digest.clone());
    manifest.blobs().into_iter().map(|blob| blob.digest).chain(children).collect()
}

/// The config of a manifest, if it is an image.
async fn config(
    contents: &Contents,
    image: &Image,
    content: &Content,
    (descriptor, bytes): (&Descriptor, &Bytes),
) -> Result<Option<Bytes>, Fault> {
    let Shape::Image { config, .. } = parse(&image.reference, descriptor, bytes)?.shape else {
        return Ok(None);
    };
    content.blob(contents, image, &config).await.map(Some)
}

fn odd(image: &Image, step: &str, why: &str) -> Fault {
    let message = format!("what the transform `{step}` made of it cannot be written: {why}");
    Fault::new(codes::TRANSFORM, Origin::Plugin, message)
        .at(image.reference.to_string())
        .fact("step", step)
}
