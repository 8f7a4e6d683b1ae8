//! A source, destinations, and a run over them.

use super::place::Reach;
use super::{Image, Place};
use crate::diagnostic::Fault;
use crate::event::{Event, Events, Reader};
use crate::oci::{Descriptor, Digest, Name, Reference, ReferenceForm};
use crate::plan::{Action, Copying, Expected, Item, Kept, Reason, Written};
use crate::role::{Capabilities, Edited, Ledger, Mirrored, Player, Remembered, Roles, Transport};
use crate::transfer::{ItemInWork, Settings, Transfer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// A world of places in memory. Each step has the name of its place; the source is `src`.
pub(crate) struct World {
    pub(crate) log: Arc<Mutex<Vec<String>>>,
    pub(crate) places: BTreeMap<String, Arc<Place>>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) ledger: Arc<Memory>,
}

/// All that was said.
#[derive(Default)]
pub(crate) struct Seen(pub(crate) Mutex<Vec<Event>>);

impl Reader for Seen {
    fn read(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// A ledger in memory.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) mirrored: Mutex<Vec<Mirrored>>,
    pub(crate) locations: Mutex<Vec<(String, String, Digest)>>,
    pub(crate) made: Mutex<Vec<(String, Digest)>>,
    pub(crate) edited: Mutex<Vec<Edited>>,
}

impl Ledger for Memory {
    fn mirrored(&self, destination: &str) -> Option<Mirrored> {
        self.mirrored.lock().unwrap().iter().find(|m| m.destination == destination).cloned()
    }
    fn edited(&self, kind: Remembered, source: &Digest, chain: &str) -> Option<Descriptor> {
        let edited = self.edited.lock().unwrap();
        let fits = |row: &&Edited| row.kind == kind && row.source == *source && row.chain == chain;
        edited.iter().rev().find(fits).map(|row| row.result.clone())
    }
    fn locations(&self, place: &str, blob: &Digest) -> Vec<String> {
        let known = self.locations.lock().unwrap();
        known
            .iter()
            .filter(|(p, _, d)| p == place && d == blob)
            .map(|(_, r, _)| r.clone())
            .collect()
    }
    fn record_mirrored(&self, entry: &Mirrored) -> Result<(), Fault> {
        self.mirrored.lock().unwrap().push(entry.clone());
        Ok(())
    }
    fn record_edited(&self, entry: &Edited) -> Result<(), Fault> {
        self.edited.lock().unwrap().push(entry.clone());
        Ok(())
    }
    fn record_location(&self, place: &str, repository: &str, blob: &Digest) -> Result<(), Fault> {
        let row = (place.to_owned(), repository.to_owned(), blob.clone());
        self.locations.lock().unwrap().push(row);
        Ok(())
    }
    fn forget_location(&self, place: &str, repository: &str, blob: &Digest) -> Result<(), Fault> {
        let row = (place.to_owned(), repository.to_owned(), blob.clone());
        self.locations.lock().unwrap().retain(|known| *known != row);
        Ok(())
    }
    fn record_seen(&self, _: &str, _: &Digest) -> Result<(), Fault> {
        Ok(())
    }
    fn first_seen(&self, _: &str, _: &Digest) -> Option<Duration> {
        None
    }
    fn record_made(&self, destination: &str, digest: &Digest) -> Result<(), Fault> {
        self.made.lock().unwrap().push((destination.to_owned(), digest.clone()));
        Ok(())
    }
    fn made(&self, _: &str) -> Option<Digest> {
        None
    }
    fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl World {
    /// What a registry can do.
    pub(crate) fn registry() -> Capabilities {
        Capabilities {
            concurrent: true,
            lists_repositories: true,
            lists_tags: true,
            writes: true,
            deletes: true,
            referrers: true,
            names_in_groups: false,
            shared_blobs: false,
            extra: BTreeMap::new(),
        }
    }

    /// What an OCI layout can do.
    pub(crate) fn layout() -> Capabilities {
        Capabilities { names_in_groups: true, shared_blobs: true, ..Self::registry() }
    }

    pub(crate) fn new(sinks: &[(&str, Capabilities)]) -> Self {
        let log = Arc::default();
        let source = ("src", Self::registry());
        let named = |(name, can): &(&str, Capabilities)| {
            ((*name).to_owned(), Place::new(name, can.clone(), &log))
        };
        let places = sinks.iter().chain([&source]).map(named).collect();
        Self { log, places, seen: Arc::default(), ledger: Arc::default() }
    }

    pub(crate) fn place(&self, name: &str) -> &Arc<Place> {
        &self.places[name]
    }

    /// A run with this world's places and memory.
    pub(crate) fn transfer(&self) -> Arc<Transfer> {
        let transport = |(name, place): (&String, &Arc<Place>)| {
            let reach: Arc<dyn Transport> = Arc::new(Reach(Arc::clone(place)));
            ((name.clone(), "docker".to_owned()), Player::Transport(reach))
        };
        let roles = Roles::new(self.places.iter().map(transport).collect());
        let ledger = Arc::clone(&self.ledger) as Arc<dyn Ledger>;
        Transfer::new(Arc::new(roles), ledger, self.events(), Settings::default())
    }

    pub(crate) fn events(&self) -> Events {
        Events::new(vec![Arc::clone(&self.seen) as Arc<dyn Reader>])
    }

    /// An item that copies an image of the source's repository `from` to `to:tag` at `sink`.
    pub(crate) fn item(
        id: u64,
        image: &Image,
        from: &str,
        (sink, to, tag): (&str, &str, &str),
    ) -> Item {
        let reference = |place: &str, repository: &str| Reference {
            transport: "docker".to_owned(),
            form: ReferenceForm::REGISTRY,
            place: place.to_owned(),
            name: Name::tagged(repository, tag),
        };
        Item {
            id,
            sink: sink.to_owned(),
            source_step: "src".to_owned(),
            source: reference("src", from),
            pinned: image.top.descriptor.clone(),
            destination: reference(sink, to),
            action: Action::Copy,
            reason: Reason::Missing,
            expected: Some(Expected::Exact(image.digest())),
            previous: None,
            chain: String::new(),
            done_by: String::new(),
            signs: Vec::new(),
            verdicts: Vec::new(),
            trace: vec!["src".to_owned(), sink.to_owned()],
            copying: Some(Copying {
                written: Written::Same(None),
                kept: Kept::All,
                referrers: true,
            }),
            follow: false,
        }
    }

    /// Makes one attempt at items of one image; ends by item.
    pub(crate) async fn attempt(
        transfer: &Arc<Transfer>,
        items: Vec<Item>,
    ) -> BTreeMap<u64, Result<Digest, Fault>> {
        let entries: Vec<_> = items.into_iter().map(ItemInWork::new).collect();
        let (sender, mut ends) = mpsc::channel(entries.len());
        transfer.attempt(&entries, sender).await;
        let mut all = BTreeMap::new();
        while let Some((entry, end)) = ends.recv().await {
            all.insert(entry.item.id, end);
        }
        all
    }

    /// Calls that contain all of these words, in order.
    pub(crate) fn calls(&self, words: &[&str]) -> Vec<String> {
        let log = self.log.lock().unwrap();
        let all = |call: &&String| words.iter().all(|word| call.contains(word));
        log.iter().filter(all).cloned().collect()
    }
}
