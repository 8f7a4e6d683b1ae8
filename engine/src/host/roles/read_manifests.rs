//! Manifests that were read at a source: the survey reads them to judge and to edit, the copy to write them.

use crate::oci::Digest;
use crate::role::Manifested;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Bytes that are kept; the oldest go first. A manifest is some KiB, so this is what a run sees of the
/// usual registry.
const MAX_BYTES: usize = 32 << 20;

/// Where a manifest was read: the place, the repository, the digest. Another repository may give the same
/// bytes another media type.
type Key = (String, String, Digest);

/// Manifests by where they were read.
#[derive(Default)]
pub(in crate::host) struct ReadManifests(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    all: BTreeMap<Key, Manifested>,
    order: VecDeque<Key>,
    bytes: usize,
}

impl ReadManifests {
    /// What was read there.
    pub(in crate::host) fn get(
        &self,
        place: &str,
        repository: &str,
        digest: &Digest,
    ) -> Option<Manifested> {
        let key = (place.to_owned(), repository.to_owned(), digest.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all.get(&key).cloned()
    }

    /// Keeps what was read there, whose digest was checked.
    pub(in crate::host) fn keep(&self, place: &str, repository: &str, read: &Manifested) {
        let key = (place.to_owned(), repository.to_owned(), read.descriptor.digest.clone());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.all.contains_key(&key) {
            return;
        }
        kept.bytes += read.bytes.len();
        kept.order.push_back(key.clone());
        kept.all.insert(key, read.clone());
        while kept.bytes > MAX_BYTES {
            let Some(oldest) = kept.order.pop_front() else { break };
            let size = kept.all.remove(&oldest).map_or(0, |read| read.bytes.len());
            kept.bytes -= size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Descriptor;

    fn manifest(byte: u8, size: usize) -> Manifested {
        let bytes = vec![byte; size];
        let descriptor = Descriptor::new("application/x", Digest::of(&bytes), size as u64);
        Manifested { descriptor, bytes: bytes.into() }
    }

    #[test]
    fn the_oldest_go_first_and_repositories_do_not_mix() {
        let read = ReadManifests::default();
        let large: Vec<_> = (0..9).map(|byte| manifest(byte, 4 << 20)).collect();
        for one in &large {
            read.keep("r.example", "app", one);
        }
        let get = |one: &Manifested, of| read.get("r.example", of, &one.descriptor.digest);
        assert!(get(&large[0], "app").is_none() && get(&large[1], "app").is_some());
        assert_eq!(get(&large[8], "app").unwrap().bytes, large[8].bytes);
        assert!(get(&large[8], "other").is_none());
        assert!(read.get("q.example", "app", &large[8].descriptor.digest).is_none());
    }
}
