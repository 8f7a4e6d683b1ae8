//! What to do when a destination refuses a manifest because it lacks a part of it that was
//! believed to be there: a blob that was mounted, that the place said it has, or that this run
//! brought and somebody removed since.
//!
//! Nothing that was believed of these blobs is believed any more, in this run and in the ledger.
//! The attempt fails in a way that is worth another one, which asks for each blob and sends what
//! is missing. A second such answer stands: the registry wants something that the image does not
//! bring, such as a layer that is kept elsewhere.

use super::Transfer;
use super::pieces::Pieces;
use crate::diagnostic::{Fault, Retry};
use crate::plan::Item;
use std::sync::Arc;

/// Error codes of a registry that lacks a part of a manifest. Source: distribution-spec 1.1,
/// "Error Codes".
const LACKS_A_PART: [&str; 2] = ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"];

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
    if transfer.places.doubt(&spot, &digests) { fault.retry(Retry::Backoff) } else { fault }
}
