//! How items and their blobs end.

use crate::diagnostic::Fault;
use crate::oci::Digest;
use serde::{Deserialize, Serialize};

/// How an item ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The end.
    pub status: Status,
    /// Attempts that were made; 0 where nothing was to do.
    pub attempts: u32,
    /// Bytes that were sent.
    pub bytes_copied: u64,
    /// Bytes that the destination took from another repository of its own.
    pub bytes_mounted: u64,
    /// Bytes that were there already.
    pub bytes_reused: u64,
    /// Reads that were opened again, and legs that read for themselves.
    pub reopened: u32,
    /// The digest that the destination has now.
    pub digest: Option<Digest>,
    /// Referrers and signature tags that were carried along.
    pub referrers: u32,
    /// Whether signatures or referrers of it may have been left behind, as they could not be read. The
    /// image itself is whole, and the next run looks for them again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// Milliseconds from the first attempt to the end.
    pub millis: u64,
}

impl Outcome {
    /// The end of an item for which nothing was done.
    pub fn untouched(status: Status) -> Self {
        Self {
            status,
            attempts: 0,
            bytes_copied: 0,
            bytes_mounted: 0,
            bytes_reused: 0,
            reopened: 0,
            digest: None,
            referrers: 0,
            incomplete: false,
            fault: None,
            millis: 0,
        }
    }
}

/// The end of an item. Closed: readers may rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// A tag that was not there is there now, or new referrers of an unchanged image are.
    Copied,
    /// A tag points to something else now.
    Moved,
    /// Nothing was to do.
    Unchanged,
    /// A tag is gone.
    Deleted,
    /// A policy refused it.
    Rejected,
    /// It waits for a later run.
    Deferred,
    /// The destination differs and stays so, as the spec says.
    Drifted,
    /// It did not work.
    Failed,
}

/// How a blob came to be at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It was sent.
    Copied,
    /// The destination took it from another repository of its own.
    Mounted,
    /// It was there.
    Reused,
}
