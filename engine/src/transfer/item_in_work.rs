//! An item on its way, and what was counted for it.

use crate::event::Presence;
use crate::oci::Digest;
use crate::plan::Item;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// An item on its way. It lives through all attempts, so that what an earlier attempt sent is not
/// forgotten.
pub struct ItemInWork {
    /// The item.
    pub item: Item,
    counted: Mutex<Counted>,
    last_attempt: AtomicBool,
    incomplete: AtomicBool,
}

/// What was moved for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Bytes that were sent.
    pub bytes_copied: u64,
    /// Bytes that the destination took from another repository of its own.
    pub bytes_mounted: u64,
    /// Bytes that were there already.
    pub bytes_reused: u64,
    /// Reads that were opened again, and legs that read for themselves.
    pub reopened: u32,
    /// Referrers, signature tags and signatures beside manifests that were carried along.
    pub referrers: u32,
}

#[derive(Default)]
struct Counted {
    /// Without the bytes of blobs.
    tally: Tally,
    blobs: BTreeMap<Digest, (u64, Presence)>,
}

impl ItemInWork {
    /// An item that nothing was done for yet.
    pub fn new(item: Item) -> Arc<Self> {
        let (last_attempt, incomplete) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Self { item, counted: Mutex::default(), last_attempt, incomplete })
    }

    /// Says that there will be no attempt after the next one.
    pub fn set_last_attempt(&self) {
        self.last_attempt.store(true, Ordering::Relaxed);
    }

    /// Whether there will be no attempt after this one.
    pub(super) fn is_last_attempt(&self) -> bool {
        self.last_attempt.load(Ordering::Relaxed)
    }

    /// Says whether this attempt left something behind that is no part of the image.
    pub(super) fn set_incomplete(&self, incomplete: bool) {
        self.incomplete.store(incomplete, Ordering::Relaxed);
    }

    /// Whether the last attempt left something behind that is no part of the image, as it could not be
    /// read.
    pub fn is_incomplete(&self) -> bool {
        self.incomplete.load(Ordering::Relaxed)
    }

    /// What was counted so far.
    pub fn tally(&self) -> Tally {
        self.with(|counted| {
            let mut tally = counted.tally;
            for (bytes, presence) in counted.blobs.values() {
                let sum = match presence {
                    Presence::Copied => &mut tally.bytes_copied,
                    Presence::Mounted => &mut tally.bytes_mounted,
                    Presence::Reused => &mut tally.bytes_reused,
                };
                *sum += bytes;
            }
            tally
        })
    }

    /// Counts a blob, once: what a failed attempt sent is not "reused" by the next. One that was
    /// believed to be there, and then had to be sent, was sent.
    pub(super) fn count_blob(&self, digest: &Digest, bytes: u64, presence: Presence) {
        self.with(|counted| {
            let first = counted.blobs.entry(digest.clone()).or_insert((bytes, presence));
            if presence == Presence::Copied {
                *first = (bytes, presence);
            }
        });
    }

    /// Counts a read that was opened again, or a leg that read for itself.
    pub(super) fn count_reopened(&self) {
        self.with(|counted| counted.tally.reopened += 1);
    }

    /// Sets how many referrers and signature tags were carried along.
    pub(super) fn set_referrers(&self, number: usize) {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.with(|counted| counted.tally.referrers = number);
    }

    fn with<T>(&self, change: impl FnOnce(&mut Counted) -> T) -> T {
        change(&mut self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
