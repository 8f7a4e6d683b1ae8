//! Who has which content, and who is bringing it: the run's memory of its destinations.
//!
//! A blob goes to a place once. Whoever comes first claims it; others wait for the claim to end
//! and then mount from that repository or find the blob there. When the first one fails, one of
//! those who wait takes over. Claims are given all at once and never waited for while another is
//! held, so claims cannot deadlock.

use super::content::Content;
use crate::oci::Digest;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// A place and a shelf in it: a repository, or nothing where all repositories share blobs.
pub(super) type RepositoryKey = (Arc<str>, Arc<str>);

/// What the run knows about its destinations.
#[derive(Default)]
pub(super) struct Places(Mutex<Known>);

#[derive(Default)]
struct Known {
    blobs: HashMap<(Arc<str>, Content), Shelves>,
    manifests: HashSet<(RepositoryKey, Digest)>,
    /// Places that were seen to mount, or to send what they could have mounted.
    mounting: HashMap<Arc<str>, bool>,
    /// Blobs that a place turned out to lack: there they are asked for, and never mounted.
    doubted: HashSet<(Arc<str>, Content)>,
}

/// The shelves of one place that have a blob, and those that someone brings it to.
#[derive(Default)]
struct Shelves {
    have: BTreeSet<Arc<str>>,
    busy: BTreeMap<Arc<str>, watch::Receiver<()>>,
}

/// The answer to a claim.
pub(super) enum Claim {
    /// The blob is there.
    Present,
    /// Bring it.
    Mine(BlobClaim),
    /// Someone brings it, or something to mount it from; ask again when this ends.
    Busy(watch::Receiver<()>),
}

/// The right and duty to bring a blob to a shelf. Dropped without [`BlobClaim::settle`], the next in
/// line takes over.
pub(super) struct BlobClaim {
    places: Arc<Places>,
    spot: RepositoryKey,
    content: Content,
    /// A shelf of the place that got the blob in this run.
    pub(super) mount_from: Option<Arc<str>>,
    /// Whether the place mounts, if that was seen.
    pub(super) mounts: Option<bool>,
    /// Whether the place turned out to lack the blob although it was believed to have it.
    pub(super) doubted: bool,
    /// Its end wakes those who wait. Dropped after the claim was taken back.
    _over: watch::Sender<()>,
}

impl Places {
    /// Claims a blob for several spots at once.
    pub(super) fn claim<'a>(
        self: &Arc<Self>,
        content: &Content,
        spots: impl Iterator<Item = &'a RepositoryKey>,
    ) -> Vec<Claim> {
        let mut known = self.lock();
        let Known { blobs, mounting, doubted, .. } = &mut *known;
        let claim = |(place, shelf): &RepositoryKey| {
            let key = (Arc::clone(place), content.clone());
            let doubted = doubted.contains(&key);
            let shelves = blobs.entry(key).or_default();
            if shelves.have.contains(shelf) {
                return Claim::Present;
            }
            let mount_from = shelves.have.first().filter(|_| !doubted).cloned();
            let in_the_way = match &mount_from {
                Some(_) => shelves.busy.get(shelf),
                None => shelves.busy.get(shelf).or(shelves.busy.values().next()),
            };
            if let Some(busy) = in_the_way {
                return Claim::Busy(busy.clone());
            }
            let (over, waiting) = watch::channel(());
            shelves.busy.insert(Arc::clone(shelf), waiting);
            Claim::Mine(BlobClaim {
                places: Arc::clone(self),
                spot: (Arc::clone(place), Arc::clone(shelf)),
                content: content.clone(),
                mount_from,
                mounts: mounting.get(place).copied(),
                doubted,
                _over: over,
            })
        };
        spots.map(claim).collect()
    }

    /// Whether the blob is known to be there.
    pub(super) fn has_blob(&self, (place, shelf): &RepositoryKey, content: &Content) -> bool {
        let key = (Arc::clone(place), content.clone());
        self.lock().blobs.get(&key).is_some_and(|shelves| shelves.have.contains(shelf))
    }

    /// Whether this run wrote a manifest there.
    pub(super) fn has_manifest(&self, spot: &RepositoryKey, digest: &Digest) -> bool {
        self.lock().manifests.contains(&(spot.clone(), digest.clone()))
    }

    /// Forgets that the place has these blobs, and what was written to the spot: its parts may be
    /// missing as well. Gives whether any of them was believed so far.
    pub(super) fn doubt(&self, (place, shelf): &RepositoryKey, digests: &[Digest]) -> bool {
        let mut known = self.lock();
        known.manifests.retain(|((at, on), _)| (at, on) != (place, shelf));
        let mut news = false;
        for digest in digests {
            let key = (Arc::clone(place), Content::of(digest));
            if let Some(shelves) = known.blobs.get_mut(&key) {
                shelves.have.clear();
            }
            news |= known.doubted.insert(key);
        }
        news
    }

    /// Remembers that this run wrote a manifest there.
    pub(super) fn wrote_manifest(&self, spot: &RepositoryKey, digest: &Digest) {
        self.lock().manifests.insert((spot.clone(), digest.clone()));
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlobClaim {
    /// The blob is there now, and has this digest.
    pub(super) fn settle(self, digest: &Digest) {
        let (place, shelf) = &self.spot;
        let mut known = self.places.lock();
        let shelves = known.blobs.entry((Arc::clone(place), Content::of(digest))).or_default();
        shelves.have.insert(Arc::clone(shelf));
    }

    /// The place mounted a blob, or took one that it could have mounted: then it is not asked to
    /// mount again.
    pub(super) fn saw_mount(&self, mounts: bool) {
        self.places.lock().mounting.insert(Arc::clone(&self.spot.0), mounts);
    }

    fn key(&self) -> (Arc<str>, Content) {
        (Arc::clone(&self.spot.0), self.content.clone())
    }
}

impl Drop for BlobClaim {
    fn drop(&mut self) {
        let key = self.key();
        if let Some(shelves) = self.places.lock().blobs.get_mut(&key) {
            shelves.busy.remove(&self.spot.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(place: &str, shelf: &str) -> RepositoryKey {
        (place.into(), shelf.into())
    }

    #[tokio::test]
    async fn the_first_leads_and_the_next_mounts() {
        let places = Arc::new(Places::default());
        let digest = Digest::of(b"x");
        let spots = [spot("p", "a"), spot("p", "b"), spot("q", "a")];
        let mut claims = places.claim(&Content::of(&digest), spots.iter()).into_iter();
        let Some(Claim::Mine(first)) = claims.next() else { panic!() };
        let Some(Claim::Busy(mut waiting)) = claims.next() else { panic!() };
        assert!(matches!(claims.next(), Some(Claim::Mine(_))), "another place");
        assert!(first.mount_from.is_none());
        first.settle(&digest);
        assert!(waiting.changed().await.is_err(), "the wait ends with the claim");
        let mut claims = places.claim(&Content::of(&digest), spots.iter()).into_iter();
        assert!(matches!(claims.next(), Some(Claim::Present)));
        let Some(Claim::Mine(second)) = claims.next() else { panic!() };
        assert_eq!(second.mount_from.as_deref(), Some("a"));
    }

    #[tokio::test]
    async fn what_is_doubted_is_not_believed_and_not_mounted() {
        let places = Arc::new(Places::default());
        let digest = Digest::of(b"x");
        let spots = [spot("p", "a"), spot("p", "b")];
        let lead =
            |at: usize| match places.claim(&Content::of(&digest), spots[at..=at].iter()).pop() {
                Some(Claim::Mine(lead)) => lead,
                _ => panic!("not free"),
            };
        lead(0).settle(&digest);
        places.wrote_manifest(&spots[0], &digest);
        assert!(places.doubt(&spots[0], std::slice::from_ref(&digest)));
        assert!(
            !places.has_blob(&spots[0], &Content::of(&digest))
                && !places.has_manifest(&spots[0], &digest)
        );
        let again = lead(0);
        assert!(again.doubted);
        again.settle(&digest);
        assert_eq!(lead(1).mount_from, None);
        assert!(!places.doubt(&spots[0], &[digest]), "it was doubted before");
    }

    #[tokio::test]
    async fn a_dropped_lead_is_taken_over() {
        let places = Arc::new(Places::default());
        let digest = Digest::of(b"x");
        let spots = [spot("p", "a")];
        let claims = places.claim(&Content::of(&digest), spots.iter());
        let Some(Claim::Busy(mut waiting)) =
            places.claim(&Content::of(&digest), spots.iter()).pop()
        else {
            panic!()
        };
        drop(claims);
        assert!(waiting.changed().await.is_err());
        assert!(matches!(
            places.claim(&Content::of(&digest), spots.iter()).pop(),
            Some(Claim::Mine(_))
        ));
    }
}
