//! Writes the manifests of an item, in the one safe order: children before their index, the index
//! by its digest before what refers to it, and the tag last. Its blobs are there already.

use super::missing_parts::{doubt, explained};
use super::pieces::Pieces;
use super::pieces::made_blobs;
use super::placed_signatures;
use super::places::RepositoryKey;
use super::repository_session::RepositorySession;
use super::sign::{sign, sign_present};
use super::tree::{MANIFESTS_AT_ONCE, Tree};
use super::{ItemInWork, Transfer};
use crate::companion::SharedTag;
use crate::diagnostic::{Fault, Retry};
use crate::oci::Digest;
use crate::plan::{Action, Item};
use crate::role::{Manifested, Naming, Selector};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::sync::Arc;

/// Writes the manifests of an item whose blobs are all there, and gives what its name points to. At a
/// place that is written in turn the item is settled by whoever finishes that.
///
/// # Errors
///
/// What the destination says; where it lacks a blob after all, that is not believed to be there
/// any more, and trying again helps.
pub(super) async fn write(
    transfer: &Transfer,
    entry: &ItemInWork,
    pieces: &Pieces,
) -> Result<Digest, Fault> {
    let written = write_all(transfer, entry, pieces).await;
    let digest = written
        .map_err(|fault| explained(pieces, doubt(transfer, (&entry.item, pieces), fault)))?;
    if pieces.destination.can.concurrent {
        transfer.settle(entry, &digest);
    }
    Ok(digest)
}

async fn write_all(
    transfer: &Transfer,
    entry: &ItemInWork,
    pieces: &Pieces,
) -> Result<Digest, Fault> {
    let Pieces { destination, tree, companions, placed, .. } = pieces;
    let item = &entry.item;
    let Some(tree) = tree else {
        carry_along(transfer, item, pieces).await?;
        if item.action == Action::Sign {
            sign_present(transfer, entry, destination).await?;
        }
        return Ok(item.previous.as_ref().unwrap_or(&item.pinned.digest).clone());
    };
    let at = destination.opened_by(&item.sink);
    for made in made_blobs(item) {
        at.put_small(&made.descriptor.media_type, made.bytes.clone()).await?;
    }
    below(transfer, destination, tree).await?;
    if !companions.is_empty() || !item.signs.is_empty() || !placed.is_empty() {
        by_digest(transfer, destination, &tree.top).await?;
        placed_signatures::write(destination, placed).await?;
        carry_along(transfer, item, pieces).await?;
        let children = tree.below.iter().flatten().cloned().collect();
        sign(transfer, entry, destination, (tree.top.clone(), children)).await?;
    }
    let tag = item.destination.name.tag.as_deref();
    let set = named(transfer, destination, &tree.top, tag).await;
    if let Err(fault) = set
        && !(fault.retry == Retry::Never && is_set(destination, &tree.top, tag).await)
    {
        return Err(fault);
    }
    Ok(tree.top.descriptor.digest.clone())
}

/// Whether a tag that could not be set is as it was to be set: where tags never move, somebody else may
/// have copied the same image meanwhile.
async fn is_set(to: &RepositorySession, top: &Manifested, tag: Option<&str>) -> bool {
    let Some(tag) = tag else { return false };
    let found = to.session.resolve(&to.repository, &Selector::Tag(tag.to_owned())).await;
    matches!(found, Ok(Some(found)) if found.digest == top.descriptor.digest)
}

/// Writes what goes with an image, which is there.
async fn carry_along(transfer: &Transfer, item: &Item, pieces: &Pieces) -> Result<(), Fault> {
    let to = &pieces.destination;
    for companion in &pieces.companions {
        below(transfer, to, &companion.tree).await?;
        let top = &companion.tree.top;
        match &companion.tag {
            Some(tag) => write_shared(transfer, &item.sink, to, (top, tag)).await?,
            None => named(transfer, to, top, None).await?,
        }
    }
    Ok(())
}

/// Writes a manifest under a tag that others write too, and keeps their entries.
pub(super) async fn write_shared(
    transfer: &Transfer,
    step: &str,
    to: &RepositorySession,
    (manifest, tag): (&Manifested, &str),
) -> Result<(), Fault> {
    let shared = SharedTag { at: to.opened_by(step), tag };
    let put = |next: Manifested| async move { named(transfer, to, &next, Some(tag)).await };
    shared.write(&transfer.turns, &transfer.events, manifest, put).await
}

/// Writes what is below a top, lowest first.
async fn below(transfer: &Transfer, to: &RepositorySession, tree: &Tree) -> Result<(), Fault> {
    for level in &tree.below {
        let writes: Vec<_> =
            level.iter().map(|manifest| by_digest(transfer, to, manifest)).collect();
        let mut written = stream::iter(writes).buffer_unordered(MANIFESTS_AT_ONCE);
        while written.try_next().await?.is_some() {}
    }
    Ok(())
}

/// Writes a manifest without a name, once in a run.
pub(super) async fn by_digest(
    transfer: &Transfer,
    to: &RepositorySession,
    manifest: &Manifested,
) -> Result<(), Fault> {
    let spot: RepositoryKey = (Arc::clone(&to.place), to.shelf());
    let digest = &manifest.descriptor.digest;
    if transfer.places.has_manifest(&spot, digest) {
        return Ok(());
    }
    to.session.put_manifest(&to.repository, None, manifest).await?;
    transfer.places.wrote_manifest(&spot, digest);
    Ok(())
}

/// Writes a manifest under a name; without a tag, where the place lists such manifests too.
pub(super) async fn named(
    transfer: &Transfer,
    to: &RepositorySession,
    manifest: &Manifested,
    tag: Option<&str>,
) -> Result<(), Fault> {
    if to.can.names_in_groups {
        by_digest(transfer, to, manifest).await?;
        let repository = to.repository.as_ref().to_owned();
        let tag = tag.map(str::to_owned);
        let descriptor = manifest.descriptor.clone();
        return to.session.tag(Naming { repository, tag, descriptor }).await;
    }
    match tag {
        Some(_) => to.session.put_manifest(&to.repository, tag, manifest).await,
        None => by_digest(transfer, to, manifest).await,
    }
}
