//! The manifests of an image that policies judge: the pinned one and, of an index, each below it
//! that would be written.

use super::codes;
use super::content_cache::{ContentCache, parse_manifest};
use super::image::Image;
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Descriptor, Digest};
use crate::plan::{Copying, Kept, Written};
use crate::role::Subject;
use bytes::Bytes;
use std::collections::BTreeSet;

/// Manifests of one image that are judged. An index of a thousand children is unheard of.
const MAX_SUBJECTS: usize = 1_000;

/// The subjects of an image. `copying` is what would be written; `None` judges all that the pinned
/// manifest names.
///
/// # Errors
///
/// What reading fails with; `survey::too-many`.
pub(super) async fn subjects(
    contents: &ContentCache,
    image: &Image,
    pinned: &Descriptor,
    copying: Option<&Copying>,
) -> Result<Vec<Subject>, Fault> {
    let bytes = contents.manifest(image, &pinned.digest).await?;
    let mut subjects = vec![subject(image, pinned, bytes.clone(), None)];
    let (top, bytes, kept) = top(pinned, bytes, copying);
    let mut seen = BTreeSet::from([pinned.digest.clone()]);
    let mut open = vec![(top, bytes)];
    while let Some((parent, bytes)) = open.pop() {
        let manifest = parse_manifest(&image.reference, &parent, &bytes)?;
        let of_top = subjects.len() == 1;
        for child in manifest.children() {
            let stays = match &kept {
                Kept::Only(kept) if of_top => kept.contains(&child.digest),
                _ => true,
            };
            if !stays || !seen.insert(child.digest.clone()) {
                continue;
            }
            let bytes = contents.manifest(image, &child.digest).await?;
            subjects.push(subject(image, child, bytes.clone(), Some(&pinned.digest)));
            if child.is_index() {
                open.push((child.clone(), bytes));
            }
            if subjects.len() > MAX_SUBJECTS {
                let message = format!("it has more than {MAX_SUBJECTS} manifests");
                return Err(Fault::new(codes::TOO_MANY, Origin::Source, message));
            }
        }
    }
    Ok(subjects)
}

/// The manifest whose children would be written, and which of them stay. What a transform made has
/// other children than the source: all of the source's are judged then.
fn top(pinned: &Descriptor, bytes: Bytes, copying: Option<&Copying>) -> (Descriptor, Bytes, Kept) {
    let written = copying.map(|copying| (&copying.written, &copying.kept));
    match written {
        Some((Written::Same(Some(bytes)), kept)) => (pinned.clone(), bytes.clone(), kept.clone()),
        Some((
            Written::Edited { descriptor, bytes, made }
            | Written::After { draft: descriptor, bytes, made, .. },
            kept,
        )) if made.is_empty() => (descriptor.clone(), bytes.clone(), kept.clone()),
        _ => (pinned.clone(), bytes, Kept::All),
    }
}

fn subject(
    image: &Image,
    descriptor: &Descriptor,
    bytes: Bytes,
    within: Option<&Digest>,
) -> Subject {
    let reference = &image.reference;
    let named = reference.is_registry().then(|| reference.to_string());
    Subject {
        descriptor: Descriptor { size: bytes.len() as u64, ..descriptor.clone() },
        bytes,
        reference: named,
        transport: reference.transport.clone(),
        scopes: reference.scopes(),
        within: within.cloned(),
    }
}
