//! Signatures that a place keeps beside its manifests, such as the files of a `dir:`: read before
//! anything is written, and written before the name is set.

use super::recompress::Recompress;
use super::repository_session::RepositorySession;
use super::tree::Tree;
use super::{ItemInWork, Transfer};
use crate::diagnostic::{Fault, Origin};
use crate::oci::Digest;
use crate::role::PlacedSignature;
use crate::transfer::codes;

/// The signatures of the manifests of an image, by the manifests' digests.
pub(super) type Placed = Vec<(Digest, Vec<PlacedSignature>)>;

/// Reads the signatures of those manifests of an image that keep their bytes. Those of others say
/// nothing about what is written: they stay behind, with a warning.
///
/// # Errors
///
/// What the source says; `role::signatures-unsupported` where the destination cannot hold what there
/// is, and its sink does not say `removeSignatures: true`.
pub(super) async fn find(
    transfer: &Transfer,
    entry: &ItemInWork,
    (source, destination): (&RepositorySession, &RepositorySession),
    (tree, recompress): (&Tree, Option<&Recompress>),
) -> Result<Placed, Fault> {
    if !source.can.keeps_signatures() {
        return Ok(Placed::new());
    }
    let item = &entry.item;
    let pinned = item.pinned.digest.clone();
    let (mut kept, mut changed) = tree.subjects(recompress)?;
    let is_same = tree.top.descriptor.digest == pinned && recompress.is_none();
    if is_same { &mut kept } else { &mut changed }.push(pinned);
    let warn = |code, message: String| {
        let fault = Fault::new(code, Origin::Source, message);
        transfer.warn(fault.at(item.destination.to_string()));
    };
    let lost = count(&read(source, changed).await?);
    if lost > 0 {
        let message = format!(
            "{lost} signatures beside `{}` are for its unedited bytes and were not carried along",
            item.source
        );
        warn(codes::REFERRERS_LEFT, message);
    }
    let placed = read(source, kept).await?;
    if transfer.settings.unsigned.contains(&item.sink) {
        let removed = count(&placed);
        if removed > 0 {
            let message = format!(
                "{removed} signatures beside `{}` were left out, as the sink says `removeSignatures`",
                item.source
            );
            warn(codes::SIGNATURES_REMOVED, message);
        }
        return Ok(Placed::new());
    }
    destination.can.require_signatures(count(&placed))?;
    Ok(placed)
}

/// How many signatures there are.
pub(super) fn count(placed: &Placed) -> usize {
    placed.iter().map(|(_, signatures)| signatures.len()).sum()
}

async fn read(source: &RepositorySession, digests: Vec<Digest>) -> Result<Placed, Fault> {
    let mut placed = Placed::new();
    for digest in digests {
        let found = source.session.signatures(&source.repository, &digest).await?;
        if !found.is_empty() {
            placed.push((digest, found));
        }
    }
    Ok(placed)
}

/// Writes signatures beside manifests that are there.
pub(super) async fn write(to: &RepositorySession, placed: &Placed) -> Result<(), Fault> {
    for (digest, signatures) in placed {
        to.session.put_signatures(&to.repository, digest, signatures).await?;
    }
    Ok(())
}
