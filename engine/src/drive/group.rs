//! Items with the same source image: they are attempted together, so that each blob is read once
//! for all their destinations.

use super::DriveSettings;
use super::finish::Finish;
use super::next::{self, Next};
use super::places_to_finish::{PlacesToFinish, WrittenItem};
use crate::event::{Event, Status};
use crate::plan::{Item, Plan};
use crate::role::Stop;
use crate::transfer::{Ended, ItemInWork, Transfer};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep};

/// What all groups of a run share.
pub(super) struct Driving {
    pub(super) transfer: Arc<Transfer>,
    pub(super) settings: DriveSettings,
    pub(super) stop: Stop,
    pub(super) finish: Finish,
    /// Places that must be finished.
    pub(super) to_finish: PlacesToFinish,
    /// One for each item at once.
    pub(super) slots: Arc<Semaphore>,
}

/// Numbers of items with the same source image, in the order of their first in the plan.
pub(super) fn of_plan(plan: &Plan) -> Vec<Vec<&Item>> {
    let mut groups: Vec<Vec<&Item>> = Vec::new();
    let mut known = HashMap::new();
    for item in plan.items.iter().filter(|item| item.is_attempted()) {
        let source = &item.source;
        let key = (&item.source_step, &source.transport, &source.place, &source.name.repository);
        let number = *known.entry((key, &item.pinned.digest)).or_insert(groups.len());
        match groups.get_mut(number) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

impl Driving {
    /// Notes that an item is not at its destination, where that is a place to be finished.
    pub(super) fn lacks(&self, item: &Item) {
        if let Some(place) = self.transfer.in_turn(item) {
            self.to_finish.lacks(place);
        }
    }

    /// Slots for a group; a group that is larger than the run takes all.
    pub(super) async fn slots(&self, items: usize) -> Option<OwnedSemaphorePermit> {
        let wanted = items.min(self.settings.concurrency.max(1));
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        tokio::select! {
            biased;
            _ = self.stop.wait() => None,
            slots = Arc::clone(&self.slots).acquire_many_owned(wanted) => slots.ok(),
        }
    }
}

/// Attempts the items until each has ended or is given up. Between attempts it holds no slot.
pub(super) async fn run(
    shared: Arc<Driving>,
    mut open: Vec<Arc<ItemInWork>>,
    first_slots: OwnedSemaphorePermit,
) {
    let began = Instant::now();
    let mut slots = Some(first_slots);
    for attempt in 1.. {
        let Some(held) = slots.take() else { return };
        let pause = one_attempt(&shared, &mut open, (attempt, began)).await;
        drop(held);
        if open.is_empty() {
            return;
        }
        tokio::select! {
            _ = shared.stop.wait() => {}
            () = sleep(pause) => {}
        }
        slots = shared.slots(open.len()).await;
    }
}

/// One attempt at all that are open. Leaves those that are to be tried again, and gives the pause
/// before that.
async fn one_attempt(
    shared: &Arc<Driving>,
    open: &mut Vec<Arc<ItemInWork>>,
    (attempt, began): (u32, Instant),
) -> Duration {
    let Driving { transfer, settings, stop, finish, to_finish, .. } = shared.as_ref();
    for entry in open.iter() {
        if attempt >= settings.attempts {
            entry.set_last_attempt();
        }
        let item = &entry.item;
        finish.events.say(&Event::ItemStarted {
            item: item.id,
            attempt,
            source: item.source.to_string(),
            destination: item.destination.to_string(),
        });
    }
    let entries = std::mem::take(open);
    let (sender, mut ends) = mpsc::channel::<Ended>(entries.len().max(1));
    let mut longest = Duration::ZERO;
    let read = async {
        while let Some((entry, end)) = ends.recv().await {
            let fault = match end {
                Ok(digest) => {
                    let attempt = (attempt, began);
                    match transfer.in_turn(&entry.item) {
                        Some(place) => {
                            let written = WrittenItem { entry, attempt, digest };
                            to_finish.written(place, written, &finish.events);
                        }
                        None => finish.attempted(&entry, attempt, Ok(digest)),
                    }
                    continue;
                }
                Err(fault) => fault,
            };
            let status = match next::after(&fault, attempt, entry.item.id, settings) {
                Next::Again(pause) if stop.requested().is_none() => {
                    longest = longest.max(pause);
                    let pause_millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                    let item = entry.item.id;
                    finish.events.say(&Event::ItemRetried { item, attempt, fault, pause_millis });
                    open.push(entry);
                    continue;
                }
                Next::Later => Status::Deferred,
                Next::Again(_) | Next::Never => Status::Failed,
            };
            shared.lacks(&entry.item);
            finish.attempted(&entry, (attempt, began), Err((status, fault)));
        }
    };
    tokio::join!(transfer.attempt(&entries, sender), read);
    longest
}
