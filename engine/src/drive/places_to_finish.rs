//! Places whose transport takes one call at a time: one session makes all calls of a run, and what it
//! writes is there for good only when `finish` succeeds.
//!
//! Their items are *written* until then. When all have ended, each place is finished, or given up where
//! an item of it failed or the run was stopped and its sink does not say `partial: true`.

use super::codes;
use super::finish::Finish;
use crate::diagnostic::{Fault, Origin};
use crate::event::{Event, Events, Status};
use crate::oci::Digest;
use crate::plan::{Action, Item};
use crate::transfer::{ItemInWork, Transfer};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// An item whose content and name are written.
pub(super) struct WrittenItem {
    /// The item.
    pub(super) entry: Arc<ItemInWork>,
    /// The attempt that wrote it, and when its first one began.
    pub(super) attempt: (u32, Instant),
    /// What its name points to once the place is finished.
    pub(super) digest: Digest,
}

/// The places of a run that are written in turn, by their names.
#[derive(Default)]
pub(super) struct PlacesToFinish(Mutex<BTreeMap<String, PlaceToFinish>>);

#[derive(Default)]
struct PlaceToFinish {
    written: Vec<WrittenItem>,
    /// Whether something is missing there: an item that failed, or waits for a later run.
    lacks: bool,
}

impl PlacesToFinish {
    /// Notes that an item is written.
    pub(super) fn written(&self, place: String, written: WrittenItem, events: &Events) {
        let item = &written.entry.item;
        events
            .say(&Event::ItemWritten { item: item.id, destination: item.destination.to_string() });
        self.lock().entry(place).or_default().written.push(written);
    }

    /// Notes that an item of a place failed, or waits for a later run.
    pub(super) fn lacks(&self, place: String) {
        self.lock().entry(place).or_default().lacks = true;
    }

    /// The items that are written.
    pub(super) fn items(&self) -> BTreeSet<u64> {
        let to_finish = self.lock();
        to_finish.values().flat_map(|turn| &turn.written).map(|one| one.entry.item.id).collect()
    }

    /// Finishes each place whose sink is in `partial`, and, unless the run was `stopped`, each that is
    /// whole; gives the others up. `stop` makes a future that ends when a `finish` that runs must be given
    /// up.
    pub(super) async fn end(
        &self,
        transfer: &Transfer,
        finish: &Finish,
        partial: &BTreeSet<String>,
        (stopped, stop): (bool, impl Fn() -> BoxedStop),
    ) {
        let to_finish: Vec<PlaceToFinish> =
            std::mem::take(&mut *self.lock()).into_values().collect();
        let stop = &stop;
        let ends = to_finish.into_iter().map(|turn| async move {
            let Some(first) = turn.written.first() else { return };
            let item = &first.entry.item;
            let finishes = !turn.lacks && !stopped || partial.contains(&item.sink);
            let ended = if finishes {
                finished(transfer, item, stop()).await
            } else {
                Err(given_up(transfer, item, stopped).await)
            };
            for WrittenItem { entry, attempt, digest } in &turn.written {
                if ended.is_ok() {
                    transfer.settle(entry, digest);
                }
                let end = ended.clone().map(|()| digest.clone());
                finish.attempted(entry, *attempt, end);
            }
        });
        join_all(ends).await;
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, PlaceToFinish>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finishes the place of an item, unless `stop` ends before.
async fn finished(
    transfer: &Transfer,
    item: &Item,
    stop: BoxedStop,
) -> Result<(), (Status, Fault)> {
    let done = tokio::select! {
        done = transfer.finish(item) => {
            done.map_err(|fault| (Status::Failed, fault.fact("stage", "finish")))
        }
        () = stop => Err((Status::Deferred, unfinished("the run was stopped"))),
    };
    if done.is_err() {
        transfer.abandon(item).await;
    }
    done
}

/// Gives the place of an item up: its items wait for a later run, unless what was written is lost anyway.
async fn given_up(transfer: &Transfer, item: &Item, stopped: bool) -> (Status, Fault) {
    match transfer.abandon(item).await {
        Some(lost) if !stopped => (Status::Failed, lost),
        _ if stopped => (Status::Deferred, unfinished("the run was stopped")),
        _ => (Status::Deferred, unfinished("another image failed there")),
    }
}

/// Waits until a place that is being finished must be given up.
pub(super) type BoxedStop = futures_util::future::BoxFuture<'static, ()>;

/// Whether the run does nothing for this item, which leaves its place incomplete.
pub(super) fn lacks(item: &Item) -> bool {
    matches!(item.action, Action::Fail | Action::Conflict)
}

fn unfinished(why: &str) -> Fault {
    let message = format!("the image was written, but its destination was not finished: {why}");
    Fault::new(codes::UNFINISHED, Origin::Local, message).help(
        "the destination keeps what it had; run again, or set `partial: true` of the sink to keep the \
         images that were written",
    )
}
