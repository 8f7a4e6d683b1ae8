//! The ends of items: each item of a plan ends once.

use crate::diagnostic::{Fault, Kind, Origin};
use crate::drive::codes;
use crate::event::{Event, Events, Outcome, Status};
use crate::oci::Digest;
use crate::plan::{Action, Item, Plan, Reason};
use crate::transfer::ItemInWork;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// Knows which items have not ended, and says when one does.
pub(super) struct Finish {
    pub(super) events: Events,
    open: Mutex<BTreeSet<u64>>,
}

impl Finish {
    /// No item of the plan has ended.
    pub(super) fn new(plan: &Plan, events: Events) -> Self {
        let open = Mutex::new(plan.items.iter().map(|item| item.id).collect());
        Self { events, open }
    }

    /// An item for which nothing is to be done.
    pub(super) fn untouched(&self, item: &Item) {
        let (status, fault) = match item.action {
            Action::Unchanged => (Status::Unchanged, None),
            Action::Drift => (Status::Drifted, None),
            Action::Conflict => (Status::Failed, Some(conflict(item))),
            Action::Fail if waits(item) => (Status::Deferred, Some(unplanned(item))),
            Action::Reject => (Status::Rejected, Some(refused(item))),
            Action::Fail | Action::Copy | Action::Move | Action::Sign => {
                (Status::Failed, Some(unplanned(item)))
            }
        };
        let digest = match status {
            Status::Unchanged => item.previous.clone().or(Some(item.pinned.digest.clone())),
            _ => item.previous.clone(),
        };
        self.say(item.id, Outcome { digest, fault, ..Outcome::untouched(status) });
    }

    /// An item that was not begun, or not brought to its end.
    pub(super) fn abandoned(&self, item: &Item, stopped: bool) {
        let (status, fault) = if stopped {
            let message = "the run was stopped before the image was copied";
            let fault = Fault::new(codes::STOPPED, Origin::Local, message);
            (Status::Deferred, fault.help("run again: what was copied is not copied twice"))
        } else {
            let message = "the engine failed inside";
            let fault = Fault::new(codes::CRASHED, Origin::Local, message);
            (Status::Failed, fault.help("this is a defect of the engine: please report it"))
        };
        let digest = item.previous.clone();
        self.say(item.id, Outcome { digest, fault: Some(fault), ..Outcome::untouched(status) });
    }

    /// An item after its last attempt.
    pub(super) fn attempted(
        &self,
        entry: &ItemInWork,
        (attempts, began): (u32, Instant),
        end: Result<Digest, (Status, Fault)>,
    ) {
        let tally = entry.tally();
        let item = &entry.item;
        let (status, digest, fault) = match end {
            Ok(digest) if item.action == Action::Unchanged && tally.referrers == 0 => {
                (Status::Unchanged, Some(digest), None)
            }
            // What was made again turned out to be what was there.
            Ok(digest) if item.previous.as_ref() == Some(&digest) && item.action.writes() => {
                (Status::Unchanged, Some(digest), None)
            }
            Ok(digest) if item.action == Action::Move => (Status::Moved, Some(digest), None),
            Ok(digest) => (Status::Copied, Some(digest), None),
            Err((status, fault)) => (status, item.previous.clone(), Some(fault)),
        };
        let incomplete = fault.is_none() && entry.is_incomplete();
        let outcome = Outcome {
            status,
            attempts,
            bytes_copied: tally.bytes_copied,
            bytes_mounted: tally.bytes_mounted,
            bytes_reused: tally.bytes_reused,
            reopened: tally.reopened,
            digest,
            referrers: tally.referrers,
            incomplete,
            fault,
            millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        self.say(item.id, outcome);
    }

    /// Items that have not ended.
    pub(super) fn open(&self) -> BTreeSet<u64> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn say(&self, item: u64, outcome: Outcome) {
        let first = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&item);
        if first {
            self.events.say(&Event::ItemFinished { item, outcome });
        }
    }
}

/// Why a policy refused an item: what went wrong, or what it said.
fn refused(item: &Item) -> Fault {
    let Reason::Refused { step, reasons, fault, .. } = &item.reason else {
        return unplanned(item);
    };
    let fault = fault.clone().unwrap_or_else(|| {
        let message = format!("`{step}` refuses `{}`: {}", item.source, reasons.join("; "));
        Fault::new(codes::REFUSED, Origin::Policy, message)
    });
    fault.at(item.destination.to_string()).fact("policy", step.as_str())
}

fn conflict(item: &Item) -> Fault {
    let destination = &item.destination;
    let message = match &item.reason {
        Reason::SameDestination { other } => {
            format!("`{}` and `{other}` both go to `{destination}`", item.source)
        }
        Reason::ImmutableDiffers { has } => format!(
            "`{destination}` must not move, and has {} instead of {}",
            has.short(),
            item.pinned.digest.short()
        ),
        _ => format!("`{destination}` has another image, and `onConflict` is `fail`"),
    };
    let help = match &item.reason {
        Reason::SameDestination { .. } => "give each its own name by `to:`, or filter one out",
        Reason::ImmutableDiffers { .. } => {
            "add the tag to `mutableTags` of its source, or set `onConflict` of the sink"
        }
        _ => "set `onConflict` of the sink to `overwrite` or `skip`",
    };
    Fault::new(codes::CONFLICT, Origin::Policy, message).at(destination.to_string()).help(help)
}

/// Whether a later run may plan it: its registry allows no more pulls now.
fn waits(item: &Item) -> bool {
    matches!(&item.reason, Reason::Fault { fault } if fault.kind == Kind::Quota)
}

/// Named after the item: that its registry is down is said of each image that waits for it.
fn unplanned(item: &Item) -> Fault {
    match &item.reason {
        Reason::Fault { fault } => fault.clone().at(item.source.to_string()),
        _ => Fault::new(codes::UNPLANNED, Origin::Local, "the plan gives no reason"),
    }
}
