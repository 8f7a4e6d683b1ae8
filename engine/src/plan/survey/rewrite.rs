//! Transforms that are components. What comes out is hashed here, and may name only what is there: what
//! the image had, and what the component made.

use super::content::{Contents, parse};
use super::edit::Content;
use super::image::Image;
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Descriptor, Digest, Manifest, Shape, edit, media_type};
use crate::plan::Made;
use crate::role::{Document, Transform};
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
    if let Shape::Index(children) = &manifest.shape {
        for child in content.images(&manifest) {
            if child.is_index() {
                return Err(odd(image, step, "it has an index within its index"));
            }
            let bytes = child_bytes(contents, image, &content, child).await?;
            let document = Document {
                config: config(contents, image, (child, &bytes), with_config).await?,
                descriptor: child.clone(),
                bytes,
                changed: Vec::new(),
                reference: image.reference.to_string(),
            };
            if let Some(new) = one(image, (step, transform), &document, &mut content.made).await? {
                let new = Descriptor { platform: child.platform.clone(), ..new };
                changed.push((child.digest.clone(), new));
            }
        }
        if !changed.is_empty() {
            let bytes = edit::replace_children(&content.bytes, &changed)
                .map_err(|cause| super::error::edit(&image.reference, step, &cause))?;
            content = content.become_bytes(bytes);
        }
        debug_assert!(children.len() >= changed.len(), "only children change");
    }
    let document = Document {
        config: config(contents, image, (&content.descriptor, &content.bytes), with_config).await?,
        descriptor: content.descriptor.clone(),
        bytes: content.bytes.clone(),
        changed,
        reference: image.reference.to_string(),
    };
    let mut made = Vec::new();
    if one(image, (step, transform), &document, &mut made).await?.is_some() {
        // The last one made is the document itself, which stands apart.
        let Some(top) = made.pop() else { return Ok(content) };
        content.descriptor = top.descriptor;
        content.bytes = top.bytes;
    }
    content.made.extend(made);
    Ok(content)
}

/// Lets it change one document; what it makes is added to `made`, the document last.
async fn one(
    image: &Image,
    (step, transform): (&str, &dyn Transform),
    document: &Document,
    made: &mut Vec<Made>,
) -> Result<Option<Descriptor>, Fault> {
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
    let mut known: BTreeSet<Digest> = before.blobs().into_iter().map(|blob| blob.digest).collect();
    known.extend(before.children().iter().map(|child| child.digest.clone()));
    if let Some(config) = rewritten.config {
        let digest = Digest::of(&config);
        known.insert(digest.clone());
        let kind = match &before.shape {
            Shape::Image { config, .. } => config.media_type.as_str(),
            Shape::Index(_) | Shape::Schema1(_) => media_type::OCI_CONFIG,
        };
        let descriptor = Descriptor::new(kind, digest, config.len() as u64);
        made.push(Made { descriptor, bytes: config, is_blob: true });
    }
    let blobs = after.blobs().into_iter().map(|blob| blob.digest);
    let named = blobs.chain(after.children().iter().map(|child| child.digest.clone()));
    if let Some(foreign) = named.into_iter().find(|digest| !known.contains(digest)) {
        return Err(odd(image, step, &format!("it names `{foreign}`, which is not there")));
    }
    let descriptor = Descriptor::of_manifest(media_type.as_str(), &rewritten.bytes);
    let bytes = rewritten.bytes;
    made.push(Made { descriptor: descriptor.clone(), bytes, is_blob: false });
    Ok(Some(descriptor))
}

async fn child_bytes(
    contents: &Contents,
    image: &Image,
    content: &Content,
    child: &Descriptor,
) -> Result<Bytes, Fault> {
    let made = content.made.iter().find(|made| made.descriptor.digest == child.digest);
    match made {
        Some(made) => Ok(made.bytes.clone()),
        None => contents.manifest(image, &child.digest).await,
    }
}

/// The config of an image, where it was asked for.
async fn config(
    contents: &Contents,
    image: &Image,
    (descriptor, bytes): (&Descriptor, &Bytes),
    wanted: bool,
) -> Result<Option<Bytes>, Fault> {
    let manifest = parse(&image.reference, descriptor, bytes)?;
    match manifest.shape {
        Shape::Image { config, .. } if wanted => contents.blob(image, &config).await.map(Some),
        _ => Ok(None),
    }
}

fn odd(image: &Image, step: &str, why: &str) -> Fault {
    let message = format!("what the transform `{step}` made of it cannot be written: {why}");
    Fault::new("plan::transform", Origin::Plugin, message)
        .at(image.reference.to_string())
        .fact("step", step)
}
