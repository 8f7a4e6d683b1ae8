//! One destination of a blob: mounts it, takes it from the shared read, or reads for itself.

use super::ItemInWork;
use super::copy_blob::{Reading, SourceBlob};
use super::places::BlobClaim;
use super::recompressed::Recompressed;
use super::repository_session::RepositorySession;
use crate::diagnostic::Fault;
use crate::event::{Event, Presence};
use crate::oci::{Descriptor, Digest, media_type};
use crate::role::{Put, PutBlob};
use crate::stream::{Body, Cause, Measure, ReadMarks, codes};
use bytes::Bytes;
use futures_util::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::oneshot;

/// How often a write that broke is taken up again within one attempt.
const MAX_RESUMES: u32 = 3;

/// An item that waits for a blob at its destination.
pub(super) struct Waiter {
    pub(super) entry: Arc<ItemInWork>,
    pub(super) destination: RepositorySession,
    /// Is told what was written.
    pub(super) done: oneshot::Sender<Result<Descriptor, Fault>>,
}

impl Waiter {
    /// Whether nobody waits any more: the item failed by another blob.
    pub(super) fn is_given_up(&self) -> bool {
        self.done.is_closed()
    }

    /// The blob is there, and was before.
    pub(super) fn reuse(self, source_blob: &SourceBlob) {
        self.settle(source_blob, &source_blob.destination_descriptor(), Presence::Reused);
    }

    fn settle(self, source_blob: &SourceBlob, written: &Descriptor, presence: Presence) {
        let digest = &source_blob.blob.digest;
        self.entry.count_blob(digest, written.size, presence);
        source_blob.transfer.events.say(&Event::BlobFinished {
            item: self.entry.item.id,
            digest: digest.clone(),
            size: source_blob.recompression.map(|_| written.size).or(source_blob.blob.size),
            written: source_blob.recompression.map(|_| written.digest.clone()),
            presence,
        });
        // The item may have failed by another blob; then nobody waits for this one.
        drop(self.done.send(Ok(written.clone())));
    }
}

/// One destination of a blob, claimed, and who waits for the blob there.
pub(super) struct BlobUpload {
    lead: BlobClaim,
    wants: Vec<Waiter>,
    hint: Option<Hint>,
}

/// Another repository that may have the blob, and who says so.
enum Hint {
    /// This run put it there.
    Run(String),
    /// The source is at the same place.
    Source(String),
    /// An earlier run put it there.
    Ledger(String),
}

impl BlobUpload {
    /// A destination that was claimed for those who wait there.
    pub(super) fn new(source_blob: &SourceBlob, lead: BlobClaim, wants: Vec<Waiter>) -> Self {
        let hint = wants.first().and_then(|want| hint(source_blob, &lead, &want.destination));
        Self { lead, wants, hint }
    }

    /// Whether it takes the blob from another repository, if all goes well.
    pub(super) fn mounts(&self) -> bool {
        self.hint.is_some()
    }

    /// The item that the blob is brought for.
    pub(super) fn entry(&self) -> Option<&Arc<ItemInWork>> {
        self.wants.first().map(|want| &want.entry)
    }

    /// The upload, unless the destination has the blob already or cannot be asked.
    pub(super) async fn unless_there(self, source_blob: &SourceBlob) -> Option<Self> {
        let to = self.wants.first()?.destination.clone();
        // Where the place is known to mount, nothing is asked: a mount costs one request too. Elsewhere
        // HEAD comes first, since a refused mount begins an upload of what may be there already.
        let mountable = self.lead.mount_from.is_some() && self.lead.mounts == Some(true);
        let empty = &source_blob.transfer.settings.empty;
        let spot = (to.place.as_ref().to_owned(), to.repository.as_ref().to_owned());
        // Where repositories share blobs, an empty repository does not mean that the blob is missing.
        if !self.lead.doubted && (mountable || !to.can.shared_blobs && empty.contains(&spot)) {
            return Some(self);
        }
        // HEAD needs a digest, and this blob has none yet.
        if source_blob.digest().is_none() {
            return Some(self);
        }
        let there = source_blob.destination_descriptor();
        match to.session.has_blob(&to.repository, &there).await {
            Ok(false) => Some(self),
            Ok(true) => {
                self.end(source_blob, Ok((there, Presence::Reused)));
                None
            }
            Err(fault) => {
                self.end(source_blob, Err(fault));
                None
            }
        }
    }

    /// Writes the blob as it is read, and tells those who wait how it went.
    pub(super) async fn put(self, source_blob: &SourceBlob, reading: Reading) {
        let Some(want) = self.wants.first() else { return };
        let (to, entry) = (want.destination.clone(), Arc::clone(&want.entry));
        let mount_from = self.hint.as_ref().map(Hint::repository);
        let written = write(source_blob, &to, &entry, reading, mount_from).await;
        if let Ok((_, Presence::Mounted)) = &written {
            self.lead.saw_mount(true);
        }
        if let (Ok((_, Presence::Copied)), Some(hint)) = (&written, &self.hint) {
            match hint {
                Hint::Run(_) => self.lead.saw_mount(false),
                Hint::Source(_) => {}
                Hint::Ledger(repository) => {
                    let digest = &source_blob.destination_descriptor().digest;
                    let ledger = &source_blob.transfer.ledger;
                    let forgotten = ledger.forget_location(&to.place, repository, digest);
                    source_blob.transfer.note(forgotten);
                }
            }
        }
        self.end(source_blob, written);
    }

    /// Settles or gives up the claim, then wakes those who wait.
    fn end(self, source_blob: &SourceBlob, written: Result<(Descriptor, Presence), Fault>) {
        let Self { lead, wants, .. } = self;
        match written {
            Ok((written, presence)) => {
                lead.settle(&written.digest);
                if let Some(want) = wants.first() {
                    remember(source_blob, &want.destination, &written.digest);
                }
                for (number, want) in wants.into_iter().enumerate() {
                    let presence = if number == 0 { presence } else { Presence::Reused };
                    want.settle(source_blob, &written, presence);
                }
            }
            Err(fault) => {
                drop(lead);
                for want in wants {
                    let fault = match &fault.place {
                        None => {
                            fault.clone().at(want.destination.name_of(&source_blob.blob.digest))
                        }
                        Some(_) => fault.clone(),
                    };
                    drop(want.done.send(Err(fault)));
                }
            }
        }
    }
}

impl Hint {
    fn repository(&self) -> String {
        let (Self::Run(repository) | Self::Source(repository) | Self::Ledger(repository)) = self;
        repository.clone()
    }
}

fn hint(source_blob: &SourceBlob, lead: &BlobClaim, to: &RepositorySession) -> Option<Hint> {
    if to.can.shared_blobs || lead.mounts == Some(false) || lead.doubted {
        return None;
    }
    if let Some(shelf) = &lead.mount_from {
        return Some(Hint::Run(shelf.as_ref().to_owned()));
    }
    let digest = source_blob.digest()?;
    let as_read = source_blob.recompression.is_none();
    if as_read
        && source_blob.source.place == to.place
        && source_blob.source.repository != to.repository
    {
        return Some(Hint::Source(source_blob.source.repository.as_ref().to_owned()));
    }
    let known = source_blob.transfer.ledger.locations(&to.place, digest);
    known.into_iter().find(|known| **known != *to.repository).map(Hint::Ledger)
}

/// Notes where the blob is, for mounts of later runs. Configs are small and belong to one image.
fn remember(source_blob: &SourceBlob, to: &RepositorySession, digest: &Digest) {
    let config = [media_type::OCI_CONFIG, media_type::DOCKER_CONFIG];
    if !to.can.shared_blobs && !config.contains(&source_blob.blob.media_type.as_str()) {
        let ledger = &source_blob.transfer.ledger;
        let noted = ledger.record_location(&to.place, &to.repository, digest);
        source_blob.transfer.note(noted);
    }
}

/// Writes the blob, taking a broken write up again. Gives what was written.
///
/// To resume, the source is read again from a checkpoint of the read before, and only the bytes that
/// the destination lacks are sent. The write starts at byte 0 where that read did not come so far, or
/// where the blob is compressed anew on its way.
async fn write(
    source_blob: &SourceBlob,
    to: &RepositorySession,
    entry: &Arc<ItemInWork>,
    mut reading: Reading,
    mut mount_from: Option<String>,
) -> Result<(Descriptor, Presence), Fault> {
    let mut resume = None;
    let mut taken_up = 0;
    let mut start = 0;
    loop {
        let cause = Cause::default();
        let passed = Arc::new(AtomicU64::new(0));
        let put = PutBlob {
            expected: source_blob.expected(),
            body: reading.body.inspect(counting(&passed)).kept_in(&cause),
            mount_from: mount_from.take(),
            resume: resume.take(),
        };
        let result = to.session.put_blob(&to.repository, put).await;
        let sent = start + passed.load(Ordering::Relaxed);
        // What broke the body is the true cause; the destination only saw that it broke.
        let cause = cause.take();
        let let_go = cause.as_ref().is_some_and(|cause| cause.is(codes::LEG_IDLE));
        let (fault, accepted) = match (result, cause) {
            (Ok(Put::Interrupted { fault, accepted, resume: token }), cause)
                if (let_go || cause.is_none()) && accepted <= sent =>
            {
                resume = Some(token);
                (fault, accepted)
            }
            // The destination reports more bytes than it received: the upload starts at byte 0.
            (Ok(Put::Interrupted { fault, .. }), None) => (fault, 0),
            // The body failed, so the destination did not get the whole blob, whatever it returned.
            (_, Some(cause)) if let_go => (cause, 0),
            (_, Some(cause)) => {
                if source_blob.known.is_some() {
                    // The remembered digest may be wrong: the next attempt computes it again.
                    source_blob.transfer.recompressed.forget(&source_blob.content());
                }
                return Err(cause);
            }
            (Ok(Put::Done(written)), None) => {
                return Ok((
                    source_blob.record_written(&reading.plain, written, sent),
                    Presence::Copied,
                ));
            }
            (Ok(Put::Mounted), None) => {
                return Ok((source_blob.destination_descriptor(), Presence::Mounted));
            }
            (Err(fault), None) => return Err(fault),
        };
        let backoff = source_blob.transfer.settings.reopen.backoff;
        // A fault that forbids a retry comes with a resume token here, as from a registry that takes
        // no whole PUT but a PATCH: it needs no pause.
        let pause = backoff.pause(&fault, taken_up + 1).unwrap_or_default();
        if taken_up == MAX_RESUMES || pause > backoff.longest {
            return Err(fault);
        }
        tokio::time::sleep(pause).await;
        taken_up += 1;
        entry.count_reopened();
        (reading, start) = match take_over(source_blob, entry, &reading.read_marks, accepted) {
            Some(rest) => (rest, accepted),
            None => (source_blob.read(entry, None), 0),
        };
        resume = resume.filter(|_| start == accepted);
    }
}

impl SourceBlob {
    /// The descriptor of the blob at a destination that has it; only called where the digest is known.
    fn destination_descriptor(&self) -> Descriptor {
        let (digest, size) = match &self.known {
            Some(Recompressed { digest, size, .. }) => (digest, *size),
            None => (&self.blob.digest, self.blob.size.unwrap_or_default()),
        };
        Descriptor::new(self.expected().media_type, digest.clone(), size)
    }

    /// The descriptor of what a destination accepted, and a record of what was compressed anew.
    fn record_written(&self, plain: &Measure, written: Descriptor, sent: u64) -> Descriptor {
        if self.recompression.is_none() {
            let size = self.blob.size.unwrap_or(sent);
            return Descriptor { size, ..self.destination_descriptor() };
        }
        let Descriptor { digest, size, .. } = written;
        let plain = plain.taken().map(|(digest, _)| digest);
        let recompressed = Recompressed { digest: digest.clone(), size, plain };
        self.transfer.note(self.transfer.recompressed.keep(&self.content(), &recompressed));
        Descriptor::new(self.expected().media_type, digest, size)
    }
}

/// A read of what follows `accepted`, if the read that left `read_marks` got so far.
fn take_over(
    source_blob: &SourceBlob,
    entry: &Arc<ItemInWork>,
    read_marks: &ReadMarks,
    accepted: u64,
) -> Option<Reading> {
    let as_read = source_blob.recompression.is_none();
    let takeover = read_marks.takeover(accepted).filter(|_| accepted > 0 && as_read)?;
    let known = accepted.saturating_sub(takeover.offset());
    let Reading { body, read_marks, plain } = source_blob.read(entry, Some(takeover));
    Some(Reading { body: without(body, known), read_marks, plain })
}

fn counting(passed: &Arc<AtomicU64>) -> impl FnMut(&Bytes) + Send + 'static {
    let passed = Arc::clone(passed);
    move |bytes| {
        passed.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
}

/// `body` without its first `skipped` bytes, which are read and hashed all the same.
fn without(body: Body, skipped: u64) -> Body {
    let size = body.size().map(|size| size.saturating_sub(skipped));
    let mut left = skipped;
    let chunks = body.into_chunks().map(move |chunk| {
        chunk.map(|mut bytes| {
            let cut = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            left -= cut as u64;
            bytes.split_off(cut)
        })
    });
    Body::new(
        size,
        chunks.filter(|chunk| {
            let empty = chunk.as_ref().is_ok_and(Bytes::is_empty);
            std::future::ready(!empty)
        }),
    )
}
