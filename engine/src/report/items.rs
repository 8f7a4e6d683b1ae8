//! One item in a report.

use super::{ByteTotals, ExitCode, FaultStage};
use crate::diagnostic::{Fault, Kind, Origin};
use crate::event::{Outcome, Status};
use crate::oci::Digest;
use crate::plan::{Item, Reason, Verdict};
use serde::{Deserialize, Serialize};

/// One item, and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemReport {
    /// Its number in the plan.
    pub id: u64,
    /// The sink.
    pub sink: String,
    /// Where it came from.
    pub source: SourceImage,
    /// Where it went.
    pub destination: Moved,
    /// How it ended.
    pub status: Status,
    /// Why it was planned so.
    pub reason: Reason,
    /// Attempts that were made.
    pub attempts: u32,
    /// What was moved for it.
    pub bytes: ByteTotals,
    /// Reads that were opened again, and legs that read for themselves.
    pub reopened: u32,
    /// Referrers and signature tags that went along.
    pub referrers: u32,
    /// Whether some of them may have been left behind, as they could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// From the first attempt to the end.
    pub elapsed_millis: u64,
    /// The steps that it passed, source first.
    pub trace: Vec<String>,
    /// What policies said about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Verdict>,
    /// Why it failed or waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// An image at its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceImage {
    /// The reference, in full.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it pointed to when the plan was made.
    pub digest: Digest,
}

/// A name at a destination, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The reference, in full.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it points to now; null if it is not there or not known.
    pub digest: Option<Digest>,
    /// What it pointed to before.
    pub previous: Option<Digest>,
}

impl ItemReport {
    /// An item of the plan, with its end.
    pub(super) fn new(item: &Item, outcome: Outcome) -> Self {
        Self {
            id: item.id,
            sink: item.sink.clone(),
            source: SourceImage {
                reference: item.source.to_string(),
                digest: item.pinned.digest.clone(),
            },
            destination: Moved {
                reference: item.destination.to_string(),
                digest: outcome.digest,
                previous: item.previous.clone(),
            },
            status: outcome.status,
            reason: item.reason.clone(),
            attempts: outcome.attempts,
            bytes: ByteTotals {
                copied: outcome.bytes_copied,
                mounted: outcome.bytes_mounted,
                reused: outcome.bytes_reused,
            },
            reopened: outcome.reopened,
            referrers: outcome.referrers,
            incomplete: outcome.incomplete,
            elapsed_millis: outcome.millis,
            trace: item.trace.clone(),
            verdicts: item.verdicts.clone(),
            fault: outcome.fault,
        }
    }

    /// What its end means for the exit code, if anything.
    pub(super) fn exit_code(&self) -> Option<ExitCode> {
        let stage = match self.status {
            Status::Failed => FaultStage::Item,
            Status::Rejected => FaultStage::Judged,
            Status::Deferred => FaultStage::Deferred,
            Status::Copied
            | Status::Moved
            | Status::Unchanged
            | Status::Deleted
            | Status::Drifted => return None,
        };
        let of = |fault: &Fault| (fault.kind, fault.origin);
        let (kind, origin) = self.fault.as_ref().map_or((Kind::Other, Origin::Local), of);
        Some(ExitCode::of(kind, origin, stage))
    }
}
