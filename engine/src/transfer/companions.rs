//! What goes with an image: its referrers and theirs, and what stands under its signature tags.
//!
//! How a place is asked for them is known by the floor `companion`. What cannot be read of them is
//! left behind with a warning (`unread`).

use super::codes;
use super::repository_session::RepositorySession;
use super::tree::{MANIFESTS_AT_ONCE, Manifests, Tree};
use super::unread_companions::Unread;
use super::{ItemInWork, Transfer};
use crate::companion::SharedTag;
use crate::companion::names::companion_tags;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::oci::{Descriptor, Digest};
use crate::plan::{Item, Kept};
use crate::role::Selector;
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

/// Where the companions of one item are looked for.
struct Search<'a> {
    transfer: &'a Transfer,
    item: &'a Item,
    manifests: &'a Manifests,
    destination: &'a RepositorySession,
    unread: Unread<'a>,
}

/// Finds what goes with the manifests `subjects` and can be kept at `destination`.
///
/// # Errors
///
/// What the destination says, and faults of the source that may pass (`unread`).
pub(super) async fn find(
    transfer: &Transfer,
    entry: &ItemInWork,
    manifests: &Manifests,
    destination: &RepositorySession,
    subjects: Vec<Digest>,
) -> Result<Vec<Companion>, Fault> {
    let (item, unread) = (&entry.item, Unread::of(entry));
    let search = Search { transfer, item, manifests, destination, unread };
    let mut found = Vec::new();
    if destination.can.lists_tags {
        let source = manifests.source.opened_by(&item.source_step);
        let tags = search.unread.or_left(transfer.tags.of(&source).await)?.unwrap_or_default();
        for tag in subjects.iter().flat_map(companion_tags).filter(|tag| tags.contains(tag)) {
            found.extend(search.under_tag(tag).await?);
        }
    }
    if destination.can.referrers && manifests.source.can.referrers {
        let complete = search.walk(subjects, &mut found).await?;
        if !complete {
            let message = format!(
                "`{}` has more than {MAX_REFERRERS} referrers, or they are nested more than \
                 {MAX_DEPTH} deep; the rest was left behind",
                item.source
            );
            transfer.warn(Fault::new(codes::TOO_MANY_REFERRERS, Origin::Source, message));
        }
    }
    search.unread.warn(transfer);
    Ok(found)
}

impl Search<'_> {
    /// The manifest under a signature tag, unless the destination has all of it under that tag.
    async fn under_tag(&self, tag: String) -> Result<Option<Companion>, Fault> {
        let which = Selector::Tag(tag.clone());
        let (source, destination) = (&self.manifests.source, self.destination);
        if self.item.follow {
            // Most are as they were in the last run: two cheap questions, and no pull.
            let digest = async |end: &RepositorySession| {
                let found = end.session.resolve(&end.repository, &which).await?;
                Ok::<_, Fault>(found.map(|found| found.digest))
            };
            let here = self.unread.or_left(digest(source).await)?.flatten();
            if here.is_none() || here == digest(destination).await? {
                return Ok(None);
            }
        }
        let top = source.session.get_manifest(&source.repository, &which).await;
        let Some(top) = self.unread.or_left(top)?.flatten() else { return Ok(None) };
        let there = SharedTag { at: destination.opened_by(&self.item.sink), tag: &tag };
        if there.has(&top).await? {
            return Ok(None);
        }
        let tree = self.unread.or_left(Tree::read(self.manifests, top, &Kept::All).await)?;
        Ok(tree.map(|tree| Companion { tree, tag: Some(tag) }))
    }

    /// Adds referrers and their referrers, level by level; `false` when a bound cut it short.
    ///
    /// Of an image that is there already, those that the destination lists are not read again.
    async fn walk(&self, subjects: Vec<Digest>, found: &mut Vec<Companion>) -> Result<bool, Fault> {
        let mut seen: BTreeSet<Digest> = subjects.iter().cloned().collect();
        let mut level = subjects;
        let mut left = MAX_REFERRERS;
        for _ in 0..MAX_DEPTH {
            let mut fresh = self.at_source(level.clone(), &mut seen).await?;
            if fresh.is_empty() {
                return Ok(true);
            }
            let there =
                if self.item.follow { self.at_destination(level).await? } else { BTreeSet::new() };
            let complete = fresh.len() <= left;
            fresh.truncate(left);
            left -= fresh.len();
            level = fresh.iter().map(|referrer| referrer.digest.clone()).collect();
            fresh.retain(|referrer| !there.contains(&referrer.digest));
            let reads = fresh.into_iter().map(|referrer| self.read(referrer));
            let read = stream::iter(reads).buffered(MANIFESTS_AT_ONCE);
            found.extend(read.try_collect::<Vec<_>>().await?.into_iter().flatten());
            if !complete {
                return Ok(false);
            }
        }
        Ok(self.at_source(level, &mut seen).await?.is_empty())
    }

    /// What refers to one of these at the source, without what was seen before.
    async fn at_source(
        &self,
        subjects: Vec<Digest>,
        seen: &mut BTreeSet<Digest>,
    ) -> Result<Vec<Descriptor>, Fault> {
        let (step, end) = (self.item.source_step.as_str(), &self.manifests.source);
        let lists = subjects.into_iter().map(|subject| list(self.transfer, step, end, subject));
        let mut lists = stream::iter(lists).buffered(MANIFESTS_AT_ONCE);
        let mut fresh = Vec::new();
        while let Some(list) = lists.next().await {
            let list = self.unread.or_left(list)?.unwrap_or_default();
            fresh.extend(list.into_iter().filter(|referrer| seen.insert(referrer.digest.clone())));
        }
        Ok(fresh)
    }

    /// What refers to one of these at the destination. Where it cannot say, what refers to them is
    /// sent again, and writing it says what is wrong.
    async fn at_destination(&self, subjects: Vec<Digest>) -> Result<BTreeSet<Digest>, Fault> {
        let (step, end) = (self.item.sink.as_str(), self.destination);
        let lists = subjects.into_iter().map(|subject| list(self.transfer, step, end, subject));
        let mut lists = stream::iter(lists).buffered(MANIFESTS_AT_ONCE);
        let mut there = BTreeSet::new();
        while let Some(list) = lists.next().await {
            match list {
                Ok(list) => there.extend(list.into_iter().map(|referrer| referrer.digest)),
                Err(fault) if fault.retry != Retry::Never => return Err(fault),
                Err(fault) => self.transfer.warn(fault.from_origin(Origin::Destination)),
            }
        }
        Ok(there)
    }

    async fn read(&self, referrer: Descriptor) -> Result<Option<Companion>, Fault> {
        let top = self.manifests.get(&referrer.digest).await;
        let Some(mut top) = self.unread.or_left(top)? else { return Ok(None) };
        // The listing knows more than the bytes' descriptor: places that list manifests without a
        // name keep the artifact type and annotations beside them.
        top.descriptor.artifact_type = referrer.artifact_type;
        top.descriptor.annotations = referrer.annotations;
        let tree = self.unread.or_left(Tree::read(self.manifests, top, &Kept::All).await)?;
        Ok(tree.map(|tree| Companion { tree, tag: None }))
    }
}

/// Takes the subject over, as a closure that lends it cannot be sent between threads.
async fn list(
    transfer: &Transfer,
    step: &str,
    end: &RepositorySession,
    subject: Digest,
) -> Result<Vec<Descriptor>, Fault> {
    transfer.referrers(step, end, &subject).await
}

#[cfg(test)]
#[path = "companions_tests.rs"]
mod tests;
