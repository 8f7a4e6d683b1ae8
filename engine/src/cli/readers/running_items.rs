//! What a reader must remember to speak well: names of items that run, and counts.

use crate::cli::amounts::{bytes, counted, duration};
use crate::event::{Event, Presence, Status};
use std::collections::HashMap;
use std::time::Duration;

/// What is known of a run so far. It holds one entry per item that runs, which the run bounds.
#[derive(Debug, Default)]
pub(super) struct Book {
    running: HashMap<u64, RunningItem>,
    /// Items that the plan wants written; none before there is a plan.
    wanted: Option<u64>,
    /// Of these, how many came to an end.
    ended: u64,
    failed: u64,
    moved_bytes: u64,
}

/// An item that runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct RunningItem {
    /// For people.
    pub(super) source: String,
    /// For people.
    pub(super) destination: String,
    /// Blobs that were there.
    pub(super) reused: u64,
    /// Blobs that the destination took from another repository of its own.
    pub(super) mounted: u64,
}

impl Book {
    /// Takes note of an event. The end of an item gives what was known of it.
    pub(super) fn note(&mut self, event: &Event) -> Option<RunningItem> {
        match event {
            Event::PlanReady { totals, .. } => self.wanted = Some(totals.copy + totals.moved),
            Event::ItemStarted { item, source, destination, .. } => {
                let running = self.running.entry(*item).or_default();
                *running = RunningItem {
                    source: source.clone(),
                    destination: destination.clone(),
                    ..RunningItem::default()
                };
            }
            Event::BlobProgress { bytes, .. } => {
                self.moved_bytes = self.moved_bytes.saturating_add(*bytes);
            }
            Event::BlobFinished { item, presence, .. } => {
                if let Some(running) = self.running.get_mut(item) {
                    match presence {
                        Presence::Reused => running.reused += 1,
                        Presence::Mounted => running.mounted += 1,
                        Presence::Copied => {}
                    }
                }
            }
            Event::ItemFinished { item, outcome } => {
                let known = self.running.remove(item);
                self.ended += u64::from(known.is_some());
                self.failed += u64::from(outcome.status == Status::Failed);
                return known;
            }
            _ => {}
        }
        None
    }

    /// An item that runs.
    pub(super) fn running(&self, item: u64) -> Option<&RunningItem> {
        self.running.get(&item)
    }

    /// How far the run is, in one line, such as
    /// `12 of 60 images done, 1 failed, 3 running, 1.2 GiB moved, 2m05s`.
    pub(super) fn so_far(&self, since_start: Duration) -> String {
        let mut parts = Vec::new();
        match self.wanted {
            None => parts.push("looking at sources and destinations".to_owned()),
            Some(wanted) => {
                parts.push(format!("{} of {} done", self.ended, counted(wanted, "image")));
                if self.failed > 0 {
                    parts.push(format!("{} failed", self.failed));
                }
                parts.push(format!("{} running", self.running.len()));
                parts.push(format!("{} moved", bytes(self.moved_bytes)));
            }
        }
        parts.push(duration(since_start));
        parts.join(", ")
    }
}
