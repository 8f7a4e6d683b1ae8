//! One blob on its way to every destination that lacks it: one read, whoever wants it.
//!
//! Permits are taken first, then claims, and nobody waits for another's claim while holding
//! either. Destinations are started in the order of their places, each when the one before asks
//! for its first byte: whatever turns and limits stand behind a session are then taken in one
//! global order too, so two fan-outs cannot hold what the other waits for.

use super::content::Content;
use super::error::TransferFault;
use super::mount_or_send::{BlobUpload, Waiter};
use super::places::{Claim, RepositoryKey};
use super::recompressed::Recompressed;
use super::repository_session::RepositorySession;
use super::{ItemInWork, Transfer};
use crate::diagnostic::Fault;
use crate::event::Event;
use crate::oci::{Blob, Descriptor, Digest, Recompression};
use crate::role::ExpectedBlob;
use crate::stream::{Body, Measure, ReadMarks, Reopen, Takeover, UnpackBounds, fan_out, reopening};
use futures_util::future::{BoxFuture, FutureExt, join_all, select_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

/// Bytes of a blob that is read into memory, whole, before a destination asks for it. 512 KiB:
/// with 16 blobs at once, 8 MiB.
const SMALL_BLOB_BYTES: u64 = 512 << 10;

/// One blob, and the destinations that want it.
pub(super) struct Carry {
    pub(super) source_blob: SourceBlob,
    /// Who wants it, in the order of places.
    pub(super) wants: BTreeMap<RepositoryKey, Vec<Waiter>>,
}

/// A blob and where it is read.
#[derive(Clone)]
pub(super) struct SourceBlob {
    pub(super) transfer: Arc<Transfer>,
    pub(super) source: RepositorySession,
    pub(super) blob: Blob,
    /// What is done to it on the way; `None`: it is written as it is read.
    pub(super) recompression: Option<Recompression>,
    /// What comes of it, where that is known already.
    pub(super) known: Option<Recompressed>,
}

/// A read of a blob.
pub(super) struct Reading {
    pub(super) body: Body,
    /// Where it went.
    pub(super) read_marks: ReadMarks,
    /// What it unpacked to on its way, once its end was read.
    pub(super) plain: Measure,
}

impl Carry {
    /// Brings the blob to all who want it. `of_image` bounds the blobs of one image at once.
    pub(super) async fn run(mut self, of_image: Arc<Semaphore>) {
        let transfer = Arc::clone(&self.source_blob.transfer);
        loop {
            if self.source_blob.recompression.is_some() {
                // Whoever was first made it: from then on it is a blob like others.
                self.source_blob.known = transfer.recompressed.of(&self.source_blob.content());
            }
            self.settle_present();
            if self.wants.is_empty() {
                return;
            }
            let permits = (of_image.acquire().await, transfer.blobs.acquire().await);
            let (legs, mut busy) = self.claim();
            if !legs.is_empty() {
                lead(&self.source_blob, legs).await;
                continue;
            }
            drop(permits);
            if !busy.is_empty() {
                // Any end is worth another look; an error only says that the claim is over.
                let ends = busy.iter_mut().map(|claim| Box::pin(claim.changed()));
                drop(select_all(ends).await.0);
            }
        }
    }

    /// Whether a destination of it is written by one session, call after call.
    pub(super) fn is_written_in_turn(&self) -> bool {
        self.wants.values().flatten().any(|want| !want.destination.can.concurrent)
    }

    /// Leaves those who wait for something: before permits, which may be long in coming.
    fn settle_present(&mut self) {
        let (places, key) = (&self.source_blob.transfer.places, self.source_blob.key());
        for (spot, wants) in &mut self.wants {
            wants.retain(|want| !want.is_given_up());
            if places.has_blob(spot, &key) {
                wants.drain(..).for_each(|want| want.reuse(&self.source_blob));
            }
        }
        self.wants.retain(|_, wants| !wants.is_empty());
    }

    /// Claims what can be claimed, and settles what is there.
    fn claim(&mut self) -> (Vec<BlobUpload>, Vec<tokio::sync::watch::Receiver<()>>) {
        let places = &self.source_blob.transfer.places;
        let claims = places.claim(&self.source_blob.key(), self.wants.keys());
        let mut legs = Vec::new();
        let mut busy = Vec::new();
        for ((spot, wants), claim) in std::mem::take(&mut self.wants).into_iter().zip(claims) {
            match claim {
                Claim::Present => wants.into_iter().for_each(|want| want.reuse(&self.source_blob)),
                Claim::Mine(lead) => legs.push(BlobUpload::new(&self.source_blob, lead, wants)),
                Claim::Busy(over) => {
                    busy.push(over);
                    self.wants.insert(spot, wants);
                }
            }
        }
        (legs, busy)
    }
}

/// Brings the blob to those who lack it, with one read.
async fn lead(source_blob: &SourceBlob, legs: Vec<BlobUpload>) {
    let asked = legs.into_iter().map(|leg| leg.unless_there(source_blob));
    let legs: Vec<BlobUpload> = join_all(asked).await.into_iter().flatten().collect();
    let Some(first) = legs.first().and_then(BlobUpload::entry) else { return };
    source_blob.transfer.events.say(&Event::BlobStarted {
        item: first.item.id,
        digest: source_blob.blob.digest.clone(),
        size: source_blob.blob.size,
    });
    let idle = source_blob.transfer.settings.leg_idle;
    let Reading { body, read_marks, plain } = source_blob.read(first, None);
    let needed = !legs.iter().all(BlobUpload::mounts);
    let small = source_blob.recompression.is_none()
        && source_blob.blob.size.is_some_and(|size| size <= SMALL_BLOB_BYTES);
    let (body, fetching) = if needed && small { ahead(body) } else { (body, None) };
    let bodies = fan_out(body, legs.len(), idle);
    let alone = legs.len() == 1;
    let mut turn: Option<oneshot::Receiver<()>> = None;
    let mut going = FuturesUnordered::new();
    for (leg, body) in legs.into_iter().zip(bodies) {
        let (asked, next) = oneshot::channel();
        let turn = turn.replace(next);
        let body = if alone { body } else { announced(body, asked) };
        let reading = Reading { body, read_marks: read_marks.clone(), plain: plain.clone() };
        going.push(async move {
            if let Some(turn) = turn {
                // Over, whatever the answer: it asked for bytes, ended without, or takes so long
                // that the others go on without it.
                drop(timeout(idle, turn).await);
            }
            leg.put(source_blob, reading).await;
        });
    }
    let going = async { while going.next().await.is_some() {} };
    match fetching {
        Some(fetching) => drop(tokio::join!(going, fetching)),
        None => going.await,
    }
}

/// Reads a small blob while the destinations get ready for it: their uploads are begun, and their
/// limits held, one round trip shorter. It ends without them, so it holds up nobody; a large blob
/// would hold the source's limits while it waits for theirs.
fn ahead(body: Body) -> (Body, Option<BoxFuture<'static, ()>>) {
    let size = body.size();
    let (mut sender, receiver) = oneshot::channel();
    let fetching = async move {
        tokio::select! {
            bytes = body.read_all(SMALL_BLOB_BYTES) => drop(sender.send(bytes)),
            // All destinations ended without it.
            () = sender.closed() => {}
        }
    };
    let fetched = async move {
        let bytes = receiver.await.unwrap_or_else(|_| Err(TransferFault::Crashed.into()));
        bytes.map(Body::from_bytes)
    };
    (Body::lazy(size, fetched), Some(fetching.boxed()))
}

/// A body that says when its first byte is asked for.
fn announced(body: Body, asked: oneshot::Sender<()>) -> Body {
    Body::lazy(body.size(), async move {
        // Nobody listens after the last leg, or after it took too long.
        asked.send(()).ok();
        Ok(body)
    })
}

impl SourceBlob {
    /// The blob from the source, verified: the whole of it, or from where it takes over from
    /// another read. Breaks are mended and counted for `entry`.
    pub(super) fn read(&self, entry: &Arc<ItemInWork>, from: Option<Takeover>) -> Reading {
        let start = from.as_ref().map_or(0, Takeover::offset);
        let Self { transfer, source, blob, .. } = self;
        let (session, repository) = (Arc::clone(&source.session), Arc::clone(&source.repository));
        let descriptor = self.at_source();
        let open = move |offset: u64| {
            let (session, repository) = (Arc::clone(&session), Arc::clone(&repository));
            let descriptor = descriptor.clone();
            async move { session.get_blob(&repository, &descriptor, start + offset).await }
        };
        let (events, entry) = (transfer.events.clone(), Arc::clone(entry));
        let digest = blob.digest.clone();
        let told = move |offset: u64, fault: &Fault| {
            entry.count_reopened();
            let (digest, offset, fault) = (digest.clone(), start + offset, fault.clone());
            events.say(&Event::ReadReopened { digest, offset, fault });
        };
        let policy = Reopen { told: Some(Arc::new(told)), ..transfer.settings.reopen.clone() };
        let (events, digest) = (transfer.events.clone(), blob.digest.clone());
        let seen = move |bytes: &bytes::Bytes| {
            let bytes = bytes.len() as u64;
            events.say(&Event::BlobProgress { digest: digest.clone(), bytes });
        };
        let read_marks = ReadMarks::default();
        let left = blob.size.map(|size| size.saturating_sub(start));
        let body = reopening(left, open, policy)
            .verified_on(&read_marks, from, &blob.digest, blob.size)
            .inspect(seen);
        let plain = Measure::default();
        Reading { body: self.recompressed(body, &plain), read_marks, plain }
    }

    /// What a source blob becomes on its way; itself where nothing is done to it. What it unpacks to
    /// is measured.
    fn recompressed(&self, body: Body, plain: &Measure) -> Body {
        let Some(Recompression { from, to, level }) = self.recompression else { return body };
        let unpacked = match from {
            Some(codec) => body.decompressed(codec, UnpackBounds::default()),
            None => body,
        };
        let packed = unpacked.measured(plain).compressed(to, level);
        match &self.known {
            Some(known) => packed.verified(&known.digest, Some(known.size)),
            None => packed,
        }
    }

    /// The blob as its source knows it; the size is 0 where it is unknown.
    fn at_source(&self) -> Descriptor {
        let Blob { media_type, digest, size, .. } = &self.blob;
        Descriptor::new(media_type.clone(), digest.clone(), size.unwrap_or_default())
    }

    /// What is read and what is done to it.
    pub(super) fn content(&self) -> Content {
        Content { read: self.blob.digest.clone(), recompression: self.recompression }
    }

    /// What claims go by: the digest of what is written, if that is known.
    fn key(&self) -> Content {
        match &self.known {
            Some(known) => Content::of(&known.digest),
            None => self.content(),
        }
    }

    /// The blob as its destinations will have it.
    pub(super) fn expected(&self) -> ExpectedBlob {
        let media_type = match self.recompression {
            Some(recompression) => recompression.media_type("").to_owned(),
            None => self.blob.media_type.clone(),
        };
        let size = match (&self.recompression, &self.known) {
            (None, _) => self.blob.size,
            (Some(_), known) => known.as_ref().map(|known| known.size),
        };
        ExpectedBlob { media_type, digest: self.digest().cloned(), size }
    }

    /// The digest of what its destinations will have, if that is known.
    pub(super) fn digest(&self) -> Option<&Digest> {
        match (&self.recompression, &self.known) {
            (None, _) => Some(&self.blob.digest),
            (Some(_), known) => known.as_ref().map(|known| &known.digest),
        }
    }
}
