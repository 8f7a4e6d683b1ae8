//! What all items of a run share.

use super::places::Places;
use super::recompressed::RecompressedLayers;
use super::repository_session::RepositorySession;
use super::{ItemInWork, Settings};
use crate::companion::{CompanionTags, Referrers, TagTurns};
use crate::diagnostic::Fault;
use crate::event::{Event, Events};
use crate::oci::{Descriptor, Digest};
use crate::plan::{Item, Reason};
use crate::role::{Edited, Ledger, Mirrored, Remembered, Roles, Session, Side};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Copies items, and remembers between them what the destinations have.
pub struct Transfer {
    pub(super) roles: Arc<Roles>,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) events: Events,
    pub(super) settings: Settings,
    pub(super) places: Arc<Places>,
    pub(super) recompressed: RecompressedLayers,
    pub(super) blobs: Semaphore,
    pub(super) tags: CompanionTags,
    pub(super) turns: TagTurns,
    pub(super) referrers: Referrers,
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
        let recompressed = RecompressedLayers::new(Arc::clone(&ledger));
        Arc::new(Self {
            roles,
            ledger,
            events,
            settings,
            places: Arc::default(),
            recompressed,
            blobs,
            tags: CompanionTags::default(),
            turns: TagTurns::default(),
            referrers: Referrers::default(),
        })
    }

    /// The manifests whose subject is `subject`, at an end that `step` opened.
    pub(super) async fn referrers(
        &self,
        step: &str,
        end: &RepositorySession,
        subject: &Digest,
    ) -> Result<Vec<Descriptor>, Fault> {
        Ok(self.referrers.list(&end.opened_by(step), Some(&self.tags), subject).await?)
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

    /// Says and remembers that an item is at its destination for good.
    pub fn settle(&self, entry: &ItemInWork, digest: &Digest) {
        let (item, incomplete) = (&entry.item, entry.is_incomplete());
        if !item.action.writes() {
            self.note_there(item, incomplete);
            return;
        }
        if item.destination.name.tag.is_some() && item.previous.as_ref() != Some(digest) {
            self.events.say(&Event::TagMoved {
                item: item.id,
                destination: item.destination.to_string(),
                previous: item.previous.clone(),
                digest: digest.clone(),
            });
        }
        self.note(self.ledger.record_mirrored(&mirrored(item, digest, incomplete)));
        self.note(self.ledger.record_made(&item.destination.to_string(), digest));
        if item.recipe().is_some() {
            self.note(self.ledger.record_edited(&Edited {
                kind: Remembered::Edit,
                source: item.pinned.digest.clone(),
                chain: item.chain.clone(),
                result: Descriptor::new("", digest.clone(), 0),
            }));
        }
    }

    /// Names the place of an item where that is written in turn, and by one session in a run: what is
    /// written there is there for good only after [`Self::finish`].
    pub fn in_turn(&self, item: &Item) -> Option<String> {
        let to = &item.destination;
        self.roles.in_turn(&item.sink, &to.transport, &to.place)
    }

    /// Finishes the place of an item, which is written in turn.
    ///
    /// # Errors
    ///
    /// What the place says; nothing that was written there is there then.
    pub async fn finish(&self, item: &Item) -> Result<(), Fault> {
        self.session_of(item).await?.finish().await
    }

    /// Ends the session at the place of an item, which is written in turn, without finishing it. Gives
    /// what had ended it before, if anything had.
    pub async fn abandon(&self, item: &Item) -> Option<Fault> {
        self.session_of(item).await.ok()?.abandon().await
    }

    async fn session_of(&self, item: &Item) -> Result<Arc<dyn Session>, Fault> {
        let to = &item.destination;
        self.roles.session(&item.sink, &to.transport, &to.place, Side::Destination).await
    }

    /// Remembers that an item was there already: a run whose state was lost need not ask again for
    /// what this one asked for.
    pub fn note_present(&self, item: &Item) {
        if item.reason == Reason::Present {
            self.note_there(item, false);
        }
    }

    fn note_there(&self, item: &Item, incomplete: bool) {
        let is_there = matches!(item.reason, Reason::Present | Reason::ImmutableKnown);
        let Some(digest) = item.previous.as_ref().filter(|_| is_there) else { return };
        let row = mirrored(item, digest, incomplete);
        if self.ledger.mirrored(&row.destination).as_ref() != Some(&row) {
            self.note(self.ledger.record_mirrored(&row));
        }
    }
}

fn mirrored(item: &Item, digest: &Digest, incomplete: bool) -> Mirrored {
    Mirrored {
        destination: item.destination.to_string(),
        digest: digest.clone(),
        source: item.source.to_string(),
        source_digest: item.pinned.digest.clone(),
        chain: item.done_by.clone(),
        incomplete,
    }
}
