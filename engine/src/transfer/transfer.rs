//! What all items of a run share.

use super::Settings;
use super::end::End;
use super::places::Places;
use super::shared::Turns;
use super::subject::Lists;
use crate::diagnostic::Fault;
use crate::event::{Event, Events};
use crate::oci::Digest;
use crate::plan::{Item, Reason};
use crate::role::{Ledger, Mirrored, Roles};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, Semaphore};

/// Signature tags of a repository, by step, place and repository.
type SignatureTags = HashMap<(String, Arc<str>, Arc<str>), Arc<OnceCell<Arc<BTreeSet<String>>>>>;

/// Copies items, and remembers between them what the destinations have.
pub struct Transfer {
    pub(super) roles: Arc<Roles>,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) events: Events,
    pub(super) settings: Settings,
    pub(super) places: Arc<Places>,
    pub(super) blobs: Semaphore,
    pub(super) lists: Lists,
    pub(super) turns: Turns,
    signature_tags: Mutex<SignatureTags>,
}

impl Transfer {
    /// A run's copying, with the roles and the ledger of the run.
    pub fn new(
        roles: Arc<Roles>,
        ledger: Arc<dyn Ledger>,
        events: Events,
        settings: Settings,
    ) -> Arc<Self> {
        let blobs = Semaphore::new(settings.blobs_in_all.max(1));
        Arc::new(Self {
            roles,
            ledger,
            events,
            settings,
            places: Arc::default(),
            blobs,
            lists: Lists::default(),
            turns: Turns::default(),
            signature_tags: Mutex::default(),
        })
    }

    /// The tags of a repository that may hold signatures or lists of referrers, read once in a
    /// run.
    pub(super) async fn signature_tags(
        &self,
        step: &str,
        end: &End,
    ) -> Result<Arc<BTreeSet<String>>, Fault> {
        if !end.can.lists_tags {
            return Ok(Arc::default());
        }
        let key = (step.to_owned(), Arc::clone(&end.place), Arc::clone(&end.repository));
        let cell = {
            let mut lists = self.signature_tags.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lists.entry(key).or_default())
        };
        let read = || async {
            let mut tags: BTreeSet<String> =
                end.session.list_tags(&end.repository).await?.into_iter().collect();
            tags.retain(|tag| super::referrers::is_signature_tag(tag));
            Ok(Arc::new(tags))
        };
        cell.get_or_try_init(read).await.cloned()
    }

    /// Says that something was not as it should be; the run goes on.
    pub(super) fn warn(&self, fault: Fault) {
        self.events.say(&Event::Warned { fault });
    }

    /// Notes something in the ledger. It is a hint, so a failure is only told.
    pub(super) fn note(&self, noted: Result<(), Fault>) {
        if let Err(fault) = noted {
            self.warn(fault);
        }
    }

    /// Remembers what an item left at its destination.
    pub(super) fn note_done(&self, item: &Item, digest: &Digest) {
        self.note(self.ledger.record_mirrored(&mirrored(item, digest)));
    }

    /// Remembers that an item was there already: a run whose state was lost need not ask again for
    /// what this one asked for.
    pub fn note_present(&self, item: &Item) {
        let (Reason::Present, Some(digest)) = (&item.reason, &item.previous) else { return };
        let row = mirrored(item, digest);
        if self.ledger.mirrored(&row.destination).as_ref() != Some(&row) {
            self.note(self.ledger.record_mirrored(&row));
        }
    }
}

fn mirrored(item: &Item, digest: &Digest) -> Mirrored {
    Mirrored {
        destination: item.destination.to_string(),
        digest: digest.clone(),
        source: item.source.to_string(),
        source_digest: item.pinned.digest.clone(),
        chain: item.done_by.clone(),
    }
}
