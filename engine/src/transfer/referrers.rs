//! What goes with an image: referrers, theirs too, and signature tags.
//!
//! Sources: distribution-spec 1.1, "Listing Referrers" (asked in `subject`); cosign's tags `sha256-<hex>.sig`, `.att` and `.sbom`.

use super::end::End;
use super::tree::{MANIFESTS_AT_ONCE, Manifests, Tree};
use super::{Entry, Transfer, shared};
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Descriptor, Digest};
use crate::plan::{COMPANION_SUFFIXES, Item, Kept, companion_tags};
use crate::role::Selector;
use crate::transfer::codes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeSet;

/// Referrers of referrers of referrers …
const MAX_DEPTH: usize = 4;
/// Referrers of one item. An image with more is an attack or a mistake.
const MAX_REFERRERS: usize = 1000;

/// Something that goes with an image.
pub(super) struct Companion {
    /// Its manifest and what that needs.
    pub(super) tree: Tree,
    /// The tag by which it is found; none where its manifest names its subject.
    pub(super) tag: Option<String>,
}

/// Whether a tag holds signatures, referrers or the like of the digest in its name.
pub(super) fn is_signature_tag(tag: &str) -> bool {
    let end = tag.rsplit_once('.').map(|(_, end)| end);
    tag.starts_with("sha") && end.is_none_or(|end| COMPANION_SUFFIXES.contains(&end))
}

/// Finds what goes with the manifests `subjects` and can be kept at `destination`.
pub(super) async fn find(
    transfer: &Transfer,
    entry: &Entry,
    manifests: &Manifests,
    destination: &End,
    subjects: Vec<Digest>,
) -> Result<Vec<Companion>, Fault> {
    let mut found = Vec::new();
    if destination.can.lists_tags {
        let tags = transfer.signature_tags(&entry.item.source_step, &manifests.source).await?;
        for tag in subjects.iter().flat_map(companion_tags).filter(|tag| tags.contains(tag)) {
            found.extend(behind_tag(&entry.item, manifests, destination, tag).await?);
        }
    }
    if destination.can.referrers && manifests.source.can.referrers {
        let complete = walk(transfer, &entry.item, (manifests, destination), subjects, &mut found);
        let complete = complete.await?;
        if !complete {
            let message = format!(
                "`{}` has more than {MAX_REFERRERS} referrers, or they are nested more than \
                 {MAX_DEPTH} deep; the rest was left behind",
                entry.item.source
            );
            transfer.warn(Fault::new(codes::TOO_MANY_REFERRERS, Origin::Source, message));
        }
    }
    Ok(found)
}

/// The manifest behind a signature tag, unless the destination has all of it under that tag.
async fn behind_tag(
    item: &Item,
    manifests: &Manifests,
    destination: &End,
    tag: String,
) -> Result<Option<Companion>, Fault> {
    let which = Selector::Tag(tag.clone());
    let source = &manifests.source;
    if item.follow {
        // Most are as they were in the last run: two cheap questions, and no pull.
        let digest = async |end: &End| {
            let found = end.session.resolve(&end.repository, &which).await?;
            Ok::<_, Fault>(found.map(|found| found.digest))
        };
        let here = digest(source).await?;
        if here.is_none() || here == digest(destination).await? {
            return Ok(None);
        }
    }
    let Some(top) = source.session.get_manifest(&source.repository, &which).await? else {
        return Ok(None);
    };
    if shared::is_there(destination, &top, &tag).await? {
        return Ok(None);
    }
    let tree = Tree::read(manifests, top, &Kept::All).await?;
    Ok(Some(Companion { tree, tag: Some(tag) }))
}

/// Adds referrers and their referrers, level by level; `false` when a bound cut it short.
///
/// Of an image that is there already, those that the destination lists are not read again.
async fn walk(
    transfer: &Transfer,
    item: &Item,
    (manifests, destination): (&Manifests, &End),
    subjects: Vec<Digest>,
    found: &mut Vec<Companion>,
) -> Result<bool, Fault> {
    let (step, source) = (item.source_step.as_str(), &manifests.source);
    let mut seen: BTreeSet<Digest> = subjects.iter().cloned().collect();
    let mut level = subjects;
    let mut left = MAX_REFERRERS;
    for _ in 0..MAX_DEPTH {
        let mut fresh = about((transfer, step, source), level.clone(), &mut seen).await?;
        if fresh.is_empty() {
            return Ok(true);
        }
        let mut there = BTreeSet::new();
        if item.follow {
            about((transfer, &item.sink, destination), level, &mut there).await?;
        }
        let complete = fresh.len() <= left;
        fresh.truncate(left);
        left -= fresh.len();
        level = fresh.iter().map(|referrer| referrer.digest.clone()).collect();
        fresh.retain(|referrer| !there.contains(&referrer.digest));
        let reads = fresh.into_iter().map(|referrer| read(manifests, referrer));
        let read = stream::iter(reads).buffered(MANIFESTS_AT_ONCE);
        found.extend(read.try_collect::<Vec<_>>().await?);
        if !complete {
            return Ok(false);
        }
    }
    Ok(about((transfer, step, source), level, &mut seen).await?.is_empty())
}

/// What refers to one of these, without what was seen before.
async fn about(
    (transfer, step, end): (&Transfer, &str, &End),
    subjects: Vec<Digest>,
    seen: &mut BTreeSet<Digest>,
) -> Result<Vec<Descriptor>, Fault> {
    let lists = subjects.into_iter().map(|subject| list(transfer, step, end, subject));
    let lists: Vec<Vec<Descriptor>> =
        stream::iter(lists).buffered(MANIFESTS_AT_ONCE).try_collect().await?;
    let fresh = lists.into_iter().flatten();
    Ok(fresh.filter(|referrer| seen.insert(referrer.digest.clone())).collect())
}

/// Takes the subject over, as a closure that lends it cannot be sent between threads.
async fn list(
    transfer: &Transfer,
    step: &str,
    end: &End,
    subject: Digest,
) -> Result<Vec<Descriptor>, Fault> {
    transfer.referrers(step, end, &subject).await
}

async fn read(manifests: &Manifests, referrer: Descriptor) -> Result<Companion, Fault> {
    let mut top = manifests.get(&referrer.digest).await?;
    // The listing knows more than the bytes' descriptor: places that list manifests without a
    // name keep the artifact type and annotations beside them.
    top.descriptor.artifact_type = referrer.artifact_type;
    top.descriptor.annotations = referrer.annotations;
    let tree = Tree::read(manifests, top, &Kept::All).await?;
    Ok(Companion { tree, tag: None })
}
