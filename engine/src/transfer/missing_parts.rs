//! What to do when a destination refuses a manifest because it lacks a part of it that was
//! believed to be there: a blob that was mounted, that the place said it has, or that this run
//! brought and somebody removed since.
//!
//! Nothing that was believed of these blobs is believed any more, in this run and in the ledger.
//! The attempt fails in a way that is worth another one, which asks for each blob and sends what
//! is missing. Further such answers are worth one too, while the item has attempts left: the stores behind
//! some registries show what was written only after a moment. Not so where the image has layers that are
//! kept elsewhere: then a second answer stands, as the registry wants what the image does not bring.

use super::Transfer;
use super::pieces::Pieces;
use super::tree::{Tree, parse};
use crate::diagnostic::{Fault, Kind, Retry};
use crate::oci::Blob;
use crate::plan::Item;
use std::sync::Arc;

/// Error codes of a registry that lacks a part of a manifest: a blob, or a child of an index. Source:
/// distribution-spec 1.1, "Error Codes".
const LACKS_A_PART: [&str; 3] = ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"];

/// The fault of writing manifests, after it was taken to heart.
pub(super) fn doubt(transfer: &Transfer, (item, pieces): (&Item, &Pieces), fault: Fault) -> Fault {
    if !fault.fact_of("registry-code").is_some_and(|code| LACKS_A_PART.contains(&code)) {
        return fault;
    }
    let to = &pieces.destination;
    let spot = (Arc::clone(&to.place), to.shelf());
    let blobs = pieces.blobs(item);
    for blob in &blobs {
        let mut repositories = transfer.ledger.locations(&to.place, &blob.digest);
        repositories.push(to.repository.as_ref().to_owned());
        for repository in repositories {
            transfer.note(transfer.ledger.forget_location(&to.place, &repository, &blob.digest));
        }
    }
    let digests: Vec<_> = blobs.into_iter().map(|blob| blob.digest).collect();
    let is_first = transfer.places.doubt(&spot, &digests);
    if is_first || !has_foreign_layers(pieces) { fault.retry(Retry::Backoff) } else { fault }
}

/// The fault of writing manifests, with what helps where the image has layers that are kept elsewhere:
/// registries refuse those in many ways, and rarely say so.
pub(super) fn explained(pieces: &Pieces, fault: Fault) -> Fault {
    let is_refusal = fault.fact_of("status").is_some() && fault.kind != Kind::Unauthorized;
    if !is_refusal || fault.help.is_some() || !has_foreign_layers(pieces) {
        return fault;
    }
    fault.help(
        "the image has layers that its manifest keeps elsewhere (`urls`), which the registry may refuse: \
         allow their hosts there, as by `validation.manifests.urls.allow` of docker-registry, or copy it \
         to a registry that takes them",
    )
}

fn has_foreign_layers(pieces: &Pieces) -> bool {
    let manifests = pieces.tree.iter().flat_map(Tree::all);
    manifests.filter_map(|manifest| parse(manifest).ok()).any(|manifest| {
        let blobs = manifest.blobs();
        blobs.iter().any(Blob::is_foreign)
    })
}
