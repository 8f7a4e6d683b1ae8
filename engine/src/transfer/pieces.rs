//! All that an item writes: found before anything is written.

use super::companions::{self, Companion};
use super::error::TransferFault;
use super::placed_signatures::{self, Placed};
use super::recompress::{Arrived, Recompress};
use super::repository_session::RepositorySession;
use super::sign::could_sign;
use super::tree::{Manifests, Tree, checked};
use super::unread_companions::Unread;
use super::{ItemInWork, Transfer};
use crate::companion::names::companion_tags;
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Blob, Digest, Recompression};
use crate::plan::{Action, Item, Made, Written};
use crate::role::{Manifested, Selector, Side};
use crate::transfer::codes;
use std::collections::BTreeSet;
use std::sync::Arc;

/// All that an item writes.
pub(super) struct Pieces {
    /// Where to.
    pub(super) destination: RepositorySession,
    /// The image; none where it is there, and only what refers to it is looked for.
    pub(super) tree: Option<Tree>,
    /// What is compressed anew on its way; the tree is a draft then.
    pub(super) recompress: Option<Recompress>,
    /// Referrers and what stands under signature tags.
    pub(super) companions: Vec<Companion>,
    /// Signatures that the source keeps beside its manifests.
    pub(super) placed: Placed,
}

impl Pieces {
    /// Reads the manifests that the item needs.
    pub(super) async fn find(
        transfer: Arc<Transfer>,
        manifests: Arc<Manifests>,
        entry: Arc<ItemInWork>,
    ) -> Result<Self, Fault> {
        let item = &entry.item;
        // What an attempt before this one left behind may be read now.
        entry.set_incomplete(false);
        let side = Side::Destination;
        let destination =
            RepositorySession::open(&transfer.roles, &item.sink, &item.destination, side).await?;
        if item.follow {
            return Self::follow(&transfer, &manifests, &entry, destination).await;
        }
        if item.action == Action::Sign {
            return Ok(Self::only_companions(destination, Vec::new()));
        }
        let copying = item.copying.as_ref().ok_or(TransferFault::NothingToWrite)?;
        let made = made(item);
        manifests.give(made);
        let top = top(item, &copying.written, &manifests).await?;
        could_sign(&transfer, &entry, &top).await?;
        let mut tree = Tree::read(&manifests, top, &copying.kept).await?;
        destination.can.require_index(&tree.top.descriptor)?;
        let recompress = match item.recipe() {
            Some(recipe) => Some(Recompress::find(recipe, &manifests, &mut tree, made).await?),
            None => None,
        };
        let ends = (&manifests.source, &destination);
        let placed =
            placed_signatures::find(&transfer, &entry, ends, (&tree, recompress.as_ref())).await?;
        let mut companions = Vec::new();
        if copying.referrers {
            let (mut subjects, mut changed) = tree.subjects(recompress.as_ref())?;
            let is_source = tree.top.descriptor.digest == item.pinned.digest;
            if is_source && recompress.is_none() {
                subjects.push(item.pinned.digest.clone());
            } else {
                changed.push(item.pinned.digest.clone());
                warn_of_lost(&transfer, &entry, &manifests, &changed).await?;
            }
            companions =
                companions::find(&transfer, &entry, &manifests, &destination, subjects).await?;
        }
        entry.set_referrers(companions.len() + placed_signatures::count(&placed));
        Ok(Self { destination, tree: Some(tree), recompress, companions, placed })
    }

    /// Looks for what refers to an image that is at the destination already, and is not there yet.
    /// The manifests that it may refer to are found at the destination: registries do not count
    /// that as a pull.
    async fn follow(
        transfer: &Transfer,
        manifests: &Manifests,
        entry: &ItemInWork,
        destination: RepositorySession,
    ) -> Result<Self, Fault> {
        let item = &entry.item;
        let has = item.previous.as_ref().unwrap_or(&item.pinned.digest);
        let is_source = *has == item.pinned.digest;
        let mut subjects = Vec::new();
        if !is_source || item.pinned.is_index() || item.pinned.media_type.is_empty() {
            let there = Manifests::new(destination.clone());
            subjects = there.below(has).await?;
            if !item.chain.is_empty() {
                subjects = present(&destination, subjects).await?;
            }
        }
        if is_source {
            subjects.push(has.clone());
        }
        let companions =
            companions::find(transfer, entry, manifests, &destination, subjects).await?;
        entry.set_referrers(companions.len());
        Ok(Self::only_companions(destination, companions))
    }

    fn only_companions(destination: RepositorySession, companions: Vec<Companion>) -> Self {
        Self { destination, tree: None, recompress: None, companions, placed: Placed::new() }
    }

    /// The same with the manifests over what was written, where something was compressed anew.
    pub(super) fn rebuilt(
        self,
        transfer: &Transfer,
        entry: &ItemInWork,
        arrived: &[Arrived],
    ) -> Result<Self, Fault> {
        let Self { destination, tree, recompress, companions, placed } = self;
        let tree = match (&recompress, tree) {
            (Some(recompress), Some(draft)) => {
                Some(recompress.rebuilt(&entry.item, draft, &transfer.recompressed, arrived)?)
            }
            (_, tree) => tree,
        };
        Ok(Self { destination, tree, recompress: None, companions, placed })
    }

    /// Whether the image itself has this blob, and not only what goes with it.
    pub(super) fn image_needs(&self, digest: &Digest) -> bool {
        let kept = self.tree.iter().flat_map(|tree| &tree.blobs);
        let layers = self.recompress.iter().flat_map(|recompress| &recompress.layers);
        kept.chain(layers.map(|(blob, _)| blob)).any(|blob| blob.digest == *digest)
    }

    /// The same without what goes with the image and has blobs that did not arrive.
    pub(super) fn whole(mut self, entry: &ItemInWork, arrived: &[Arrived]) -> Self {
        let before = self.companions.len();
        let as_read = arrived.iter().filter(|one| one.content.recompression.is_none());
        let made = made_blobs(&entry.item).map(|made| &made.descriptor.digest);
        let there: BTreeSet<&Digest> = as_read.map(|one| &one.content.read).chain(made).collect();
        self.companions
            .retain(|one| one.tree.blobs.iter().all(|blob| there.contains(&blob.digest)));
        if self.companions.len() < before {
            entry.set_referrers(self.companions.len() + placed_signatures::count(&self.placed));
        }
        self
    }

    /// All that must be brought before the first manifest, each once, and what is done to it.
    pub(super) fn source_blob(&self, item: &Item) -> Vec<(Blob, Option<Recompression>)> {
        let kept = self.blobs(item).into_iter().map(|blob| (blob, None));
        let layers = self.recompress.iter().flat_map(|recompress| &recompress.layers);
        kept.chain(layers.map(|(blob, how)| (blob.clone(), Some(*how)))).collect()
    }

    /// All blobs that are written as they are read, each digest once.
    pub(super) fn blobs(&self, item: &Item) -> Vec<Blob> {
        // What was made here is at no source.
        let made: BTreeSet<Digest> =
            made_blobs(item).map(|made| made.descriptor.digest.clone()).collect();
        let trees = self.tree.iter().chain(self.companions.iter().map(|c| &c.tree));
        let mut seen = BTreeSet::new();
        let mut blobs: Vec<Blob> = trees.flat_map(|tree| &tree.blobs).cloned().collect();
        blobs.retain(|blob| !made.contains(&blob.digest) && seen.insert(blob.digest.clone()));
        blobs
    }
}

/// The configs that a transform made for an item.
pub(super) fn made_blobs(item: &Item) -> impl Iterator<Item = &Made> {
    made(item).iter().filter(|made| made.is_blob)
}

/// What transforms made below the top of an item.
fn made(item: &Item) -> &[Made] {
    match item.copying.as_ref().map(|copying| &copying.written) {
        Some(Written::Edited { made, .. } | Written::After { made, .. }) => made,
        Some(Written::Same(_)) | None => &[],
    }
}

/// Those that a destination has: of an index that was cut, not all children are there.
async fn present(
    destination: &RepositorySession,
    digests: Vec<Digest>,
) -> Result<Vec<Digest>, Fault> {
    let mut present = Vec::new();
    for digest in digests {
        let which = Selector::Digest(digest.clone());
        if destination.session.resolve(&destination.repository, &which).await?.is_some() {
            present.push(digest);
        }
    }
    Ok(present)
}

/// The manifest that the destination's tag shall point to.
async fn top(item: &Item, written: &Written, manifests: &Manifests) -> Result<Manifested, Fault> {
    match written {
        Written::Same(None) => manifests.get(&item.pinned.digest).await,
        Written::Same(Some(bytes)) => {
            let top = Manifested { descriptor: item.pinned.clone(), bytes: bytes.clone() };
            checked(&item.pinned.digest, top)
        }
        Written::Edited { descriptor, bytes, .. } if bytes.is_empty() => {
            Err(TransferFault::NoEdit(descriptor.digest.clone()).into())
        }
        Written::Edited { descriptor, bytes, .. }
        | Written::After { draft: descriptor, bytes, .. } => {
            let top = Manifested { descriptor: descriptor.clone(), bytes: bytes.clone() };
            checked(&descriptor.digest, top)
        }
    }
}

/// An edit gives the image a new digest: signatures and referrers of the old one say nothing about
/// it. They are left behind, but never in silence.
async fn warn_of_lost(
    transfer: &Transfer,
    entry: &ItemInWork,
    manifests: &Manifests,
    changed: &[Digest],
) -> Result<(), Fault> {
    let item = &entry.item;
    let source = &manifests.source;
    let unread = Unread::of(entry);
    let mut lost = 0;
    if source.can.referrers {
        for digest in changed {
            let listed = transfer.referrers(&item.source_step, source, digest).await;
            lost += unread.or_left(listed)?.map_or(0, |listed| listed.len());
        }
    }
    let tags = transfer.tags.of(&source.opened_by(&item.source_step)).await;
    let tags = unread.or_left(tags)?.unwrap_or_default();
    let companions = changed.iter().flat_map(companion_tags);
    lost += companions.filter(|tag| tags.contains(tag)).count();
    unread.warn(transfer);
    if lost > 0 {
        let message = format!(
            "{lost} signatures or referrers of `{}` are for its unedited bytes and were not \
             carried along",
            item.source
        );
        transfer.warn(
            Fault::new(codes::REFERRERS_LEFT, Origin::Source, message)
                .at(item.destination.to_string()),
        );
    }
    Ok(())
}
