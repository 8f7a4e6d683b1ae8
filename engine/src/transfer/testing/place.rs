//! A place in memory and its moods.

use super::Image;
use crate::diagnostic::Fault;
use crate::oci::Digest;
use crate::role::{Capabilities, Manifested, PlacedSignature, Session, Side, Transport};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How a place takes the bytes of a blob.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    Fast,
    /// So long for each chunk.
    Slow(Duration),
    /// Takes one chunk and then nothing for ten minutes; once.
    Stalled,
    /// Never asks for a byte, and fails after a second.
    Deaf,
    /// Says that all is there when its body broke.
    Lying,
}

/// What a place holds.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) blobs: BTreeMap<(String, Digest), Bytes>,
    pub(crate) manifests: BTreeMap<(String, Digest), Manifested>,
    pub(crate) tags: BTreeMap<(String, String), Digest>,
    pub(crate) signatures: BTreeMap<Digest, Vec<PlacedSignature>>,
    /// What an interrupted upload left.
    pub(crate) partial: BTreeMap<Digest, Vec<u8>>,
}

/// A place in memory. It checks that everything a manifest needs is there before it.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) can: Capabilities,
    pub(crate) held: Mutex<Held>,
    /// Calls of all places of the world, in order: `place call repository detail`.
    pub(crate) log: Arc<Mutex<Vec<String>>>,
    /// Calls that begin like this fail so, as often as said.
    pub(crate) faults: Mutex<Vec<(String, Fault, u32)>>,
    /// Reads break after so many bytes, one after the other.
    pub(crate) breaks: Mutex<Vec<usize>>,
    /// The next read has a wrong byte.
    pub(crate) flip: Mutex<bool>,
    /// The next upload stops after so many bytes and can go on.
    pub(crate) interrupt: Mutex<Option<usize>>,
    pub(crate) pace: Mutex<Pace>,
    /// Whether mounts work.
    pub(crate) mounts: Mutex<bool>,
    /// Held by one call that moves a body at a time, where the place is not concurrent.
    pub(crate) turn: Option<tokio::sync::Mutex<()>>,
    /// How long a write of a blob to a repository takes before it asks for its turn.
    pub(crate) delays: Mutex<BTreeMap<String, Duration>>,
    /// Tags that somebody else sets to something else after the next write, one after the other.
    pub(crate) rivals: Mutex<Vec<(String, Digest)>>,
    /// Reads of companion tags that still find nothing, as in a cache.
    pub(crate) stale: Mutex<u32>,
    /// What ended the session of a place that is written in turn.
    pub(crate) lost: Mutex<Option<Fault>>,
    /// How long finishing takes.
    pub(crate) finishing: Mutex<Duration>,
    /// Panics on this call.
    pub(crate) panics: Mutex<Option<String>>,
}

impl Place {
    pub(crate) fn new(name: &str, can: Capabilities, log: &Arc<Mutex<Vec<String>>>) -> Arc<Self> {
        let turn = (!can.concurrent).then(tokio::sync::Mutex::default);
        Arc::new(Self {
            name: name.to_owned(),
            can,
            held: Mutex::default(),
            log: Arc::clone(log),
            faults: Mutex::default(),
            breaks: Mutex::default(),
            flip: Mutex::default(),
            interrupt: Mutex::default(),
            pace: Mutex::new(Pace::Fast),
            mounts: Mutex::new(true),
            turn,
            delays: Mutex::default(),
            rivals: Mutex::default(),
            stale: Mutex::default(),
            lost: Mutex::default(),
            finishing: Mutex::default(),
            panics: Mutex::default(),
        })
    }

    /// Puts an image there, as if it had always been.
    pub(crate) fn seed(&self, repository: &str, tag: Option<&str>, image: &Image) {
        let mut held = self.held.lock().unwrap();
        for blob in &image.blobs {
            held.blobs.insert((self.shelf(repository), Digest::of(blob)), blob.clone());
        }
        for manifest in image.below.iter().chain([&image.top]) {
            let digest = manifest.descriptor.digest.clone();
            held.manifests.insert((self.shelf(repository), digest), manifest.clone());
        }
        if let Some(tag) = tag {
            held.tags.insert((repository.to_owned(), tag.to_owned()), image.digest());
        }
    }

    pub(crate) fn tag_of(&self, repository: &str, tag: &str) -> Option<Digest> {
        let key = (repository.to_owned(), tag.to_owned());
        self.held.lock().unwrap().tags.get(&key).cloned()
    }

    pub(crate) fn fail(&self, call: &str, fault: Fault, times: u32) {
        self.faults.lock().unwrap().push((call.to_owned(), fault, times));
    }

    /// Fails each write of a manifest under this tag.
    pub(crate) fn fail_ending(&self, tag: &str, fault: Fault) {
        self.fail(&format!("* {tag}"), fault, u32::MAX);
    }

    pub(crate) fn shelf(&self, repository: &str) -> String {
        if self.can.shared_blobs { String::new() } else { repository.to_owned() }
    }

    /// Notes a call, and fails it where a test said so.
    pub(crate) fn call(&self, call: &str) -> Result<(), Fault> {
        self.log.lock().unwrap().push(format!("{} {call}", self.name));
        let panics = self.panics.lock().unwrap().clone();
        assert!(!panics.is_some_and(|start| call.starts_with(&start)), "a test said so");
        for (start, fault, times) in self.faults.lock().unwrap().iter_mut() {
            let is_meant = match start.strip_prefix('*') {
                Some(end) => call.starts_with("put-manifest") && call.ends_with(end),
                None => call.starts_with(start.as_str()),
            };
            if *times > 0 && is_meant {
                *times -= 1;
                return Err(fault.clone());
            }
        }
        Ok(())
    }
}

/// A transport that reaches the places of a world.
pub(crate) struct Reach(pub(crate) Arc<Place>);

#[async_trait]
impl Transport for Reach {
    fn capabilities(&self) -> &Capabilities {
        &self.0.can
    }

    fn settings(&self) -> String {
        "{}".to_owned()
    }

    async fn open(&self, _: &str, _: Side) -> Result<Arc<dyn Session>, Fault> {
        Ok(Arc::clone(&self.0) as Arc<dyn Session>)
    }
}
