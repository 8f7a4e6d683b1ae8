//! One attempt at the items that have the same source image. They go together so that each blob
//! is read once for all their destinations, and end each on its own.

use super::content::Content;
use super::copy_blob::{Carry, SourceBlob};
use super::error::TransferFault;
use super::mount_or_send::Waiter;
use super::pieces::Pieces;
use super::recompress::Arrived;
use super::repository_session::RepositorySession;
use super::tree::Manifests;
use super::unread_companions::Unread;
use super::write::write;
use super::{ItemInWork, Transfer};
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Descriptor, Digest};
use crate::role::Side;
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{Id, JoinSet};

/// How an item's attempt ended: with what its name points to now, or a fault.
pub type Ended = (Arc<ItemInWork>, Result<Digest, Fault>);

impl Transfer {
    /// Makes one attempt at `entries`, which have the same source step, repository and pinned
    /// digest. Each is sent to `ends` as soon as it ends, in any order.
    ///
    /// Dropped before its end, it stops all that it began.
    pub async fn attempt(self: &Arc<Self>, entries: &[Arc<ItemInWork>], ends: mpsc::Sender<Ended>) {
        let Some(first) = entries.first() else { return };
        let step = &first.item.source_step;
        let source = match RepositorySession::open(
            &self.roles,
            step,
            &first.item.source,
            Side::Source,
        )
        .await
        {
            Ok(source) => source,
            Err(fault) => {
                for entry in entries {
                    send(&ends, (Arc::clone(entry), Err(fault.clone()))).await;
                }
                return;
            }
        };
        let manifests = Arc::new(Manifests::new(source.clone()));
        let mut finding = Crew::default();
        for entry in entries {
            let (run, manifests) = (Arc::clone(self), Arc::clone(&manifests));
            finding.spawn(entry, Pieces::find(run, manifests, Arc::clone(entry)));
        }
        let mut wanted = BTreeMap::new();
        let mut found = Vec::new();
        while let Some((entry, pieces)) = finding.next().await {
            match pieces {
                Ok(pieces) => {
                    let blobs = self.want(&source, &entry, &pieces, &mut wanted);
                    found.push((entry, pieces, blobs));
                }
                Err(fault) => send(&ends, (entry, Err(fault))).await,
            }
        }
        // Only now, as all destinations of a blob must be known before it is read.
        let of_image = Arc::new(Semaphore::new(self.settings.blobs_of_image.max(1)));
        let (mut carries, mut in_turn) = (JoinSet::new(), JoinSet::new());
        for carry in wanted.into_values() {
            let set = if carry.is_written_in_turn() { &mut in_turn } else { &mut carries };
            set.spawn(carry.run(Arc::clone(&of_image)));
        }
        let mut finishing = Crew::default();
        for (entry, pieces, blobs) in found {
            let run = Arc::clone(self);
            let own = Arc::clone(&entry);
            finishing.spawn(&entry, async move { finished(&run, &own, pieces, blobs).await });
        }
        while let Some(end) = finishing.next().await {
            send(&ends, end).await;
        }
        // Nobody waits for what is still on its way. It is dropped, but not at places that are written
        // in turn: what was written there is lost when a call is given up in the middle.
        drop(carries);
        while in_turn.join_next().await.is_some() {}
    }

    /// Adds what an item wants, and gives what tells that it is there.
    fn want(
        self: &Arc<Self>,
        source: &RepositorySession,
        entry: &Arc<ItemInWork>,
        pieces: &Pieces,
        wanted: &mut BTreeMap<Content, Carry>,
    ) -> Vec<Arrival> {
        let mut blobs = Vec::new();
        for (blob, recompression) in pieces.source_blob(&entry.item) {
            let content = Content { read: blob.digest.clone(), recompression };
            let (done, arrival) = oneshot::channel();
            blobs.push((content.clone(), arrival));
            let destination = pieces.destination.clone();
            let spot = (Arc::clone(&destination.place), destination.shelf());
            let want = Waiter { entry: Arc::clone(entry), destination, done };
            let carry = wanted.entry(content).or_insert_with(|| {
                let (transfer, source) = (Arc::clone(self), source.clone());
                let source_blob = SourceBlob { transfer, source, blob, recompression, known: None };
                Carry { source_blob, wants: BTreeMap::new() }
            });
            carry.wants.entry(spot).or_default().push(want);
        }
        blobs
    }
}

/// What tells that a blob is there, and as what.
type Arrival = (Content, oneshot::Receiver<Result<Descriptor, Fault>>);

/// Waits for the blobs of an item, and writes its manifests.
async fn finished(
    transfer: &Transfer,
    entry: &ItemInWork,
    pieces: Pieces,
    blobs: Vec<Arrival>,
) -> Result<Digest, Fault> {
    let unread = Unread::of(entry);
    let arrivals: Vec<_> = blobs.into_iter().map(|blob| arrived(blob, &pieces, &unread)).collect();
    let written = try_join_all(arrivals).await?;
    unread.warn(transfer);
    let written: Vec<Arrived> = written.into_iter().flatten().collect();
    let pieces = pieces.whole(entry, &written).rebuilt(transfer, entry, &written)?;
    write(transfer, entry, &pieces).await
}

/// The blob, once it is there; `None` where the source does not have it, and the image can do without.
async fn arrived(
    (content, arrival): Arrival,
    pieces: &Pieces,
    unread: &Unread<'_>,
) -> Result<Option<Arrived>, Fault> {
    // The sender is only lost when its carrier panicked.
    let written = arrival.await.unwrap_or_else(|_| Err(TransferFault::Crashed.into()));
    let written = match written {
        Err(fault) if fault.origin == Origin::Source && !pieces.image_needs(&content.read) => {
            unread.or_left(Err(fault))?
        }
        written => Some(written?),
    };
    Ok(written.map(|written| Arrived { content, written }))
}

/// Nobody waits any more once the receiver is gone; then there is nobody to tell.
async fn send(ends: &mpsc::Sender<Ended>, end: Ended) {
    drop(ends.send(end).await);
}

/// Items at work side by side, each in a task of its own: a panic is that item's fault.
struct Crew<T> {
    set: JoinSet<Result<T, Fault>>,
    who: HashMap<Id, Arc<ItemInWork>>,
}

impl<T: Send + 'static> Crew<T> {
    fn spawn(
        &mut self,
        entry: &Arc<ItemInWork>,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) {
        let id = self.set.spawn(work).id();
        self.who.insert(id, Arc::clone(entry));
    }

    async fn next(&mut self) -> Option<(Arc<ItemInWork>, Result<T, Fault>)> {
        loop {
            let (id, result) = match self.set.join_next_with_id().await? {
                Ok((id, result)) => (id, result),
                Err(crash) => (crash.id(), Err(TransferFault::Crashed.into())),
            };
            if let Some(entry) = self.who.remove(&id) {
                return Some((entry, result));
            }
        }
    }
}

impl<T> Default for Crew<T> {
    fn default() -> Self {
        Self { set: JoinSet::new(), who: HashMap::new() }
    }
}
