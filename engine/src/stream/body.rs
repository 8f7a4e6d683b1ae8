//! One body, and what can be wrapped around it.

use super::read_marks::{Mark, ReadMarks};
use crate::diagnostic::{Fault, Origin, Retry};
use crate::oci::{Digest, Hasher};
use crate::stream::codes;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use std::sync::{Arc, Mutex, PoisonError};

/// The chunks of a body, in order, ended by the first fault.
pub type Chunks = BoxStream<'static, Result<Bytes, Fault>>;

/// Bytes on their way. Nothing is read until the first chunk is asked for.
pub struct Body {
    size: Option<u64>,
    chunks: Chunks,
}

/// Keeps the first fault that passed through a body.
///
/// A guest that reads a body sees only an I/O fault; the true cause, such as a wrong digest, is
/// kept here, in the host, and is what gets reported.
#[derive(Clone, Default, Debug)]
pub struct Cause(Arc<Mutex<Option<Fault>>>);

impl Cause {
    /// Keeps `fault`, unless one is kept already.
    pub fn keep(&self, fault: &Fault) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_with(|| fault.clone());
    }

    /// Takes what was kept.
    pub fn take(&self) -> Option<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Body {
    /// A body of `chunks`. `size` is what the sender promised, in bytes, if it did.
    pub fn new(
        size: Option<u64>,
        chunks: impl Stream<Item = Result<Bytes, Fault>> + Send + 'static,
    ) -> Self {
        Self { size, chunks: chunks.boxed() }
    }

    /// A body of bytes at hand.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let size = Some(bytes.len() as u64);
        let chunk = (!bytes.is_empty()).then_some(Ok(bytes));
        Self::new(size, stream::iter(chunk))
    }

    /// A body that is opened when its first chunk is asked for.
    pub fn lazy(
        size: Option<u64>,
        open: impl Future<Output = Result<Self, Fault>> + Send + 'static,
    ) -> Self {
        let opened = async move {
            match open.await {
                Ok(body) => body.chunks,
                Err(fault) => stream::iter([Err(fault)]).boxed(),
            }
        };
        Self::new(size, stream::once(opened).flatten())
    }

    /// Bytes in all, where the sender said so.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The next chunk; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes, Fault>> {
        self.chunks.next().await
    }

    /// The chunks alone.
    pub fn into_chunks(self) -> Chunks {
        self.chunks
    }

    /// Reads everything into memory.
    ///
    /// # Errors
    ///
    /// `stream::too-large` when there are more than `limit` bytes; what the body itself fails with.
    pub async fn read_all(mut self, limit: u64) -> Result<Bytes, Fault> {
        let too_large = || {
            let message = format!("the content is larger than {limit} bytes");
            Fault::new(codes::TOO_LARGE, Origin::Source, message)
        };
        if self.size.is_some_and(|size| size > limit) {
            return Err(too_large());
        }
        let mut all = BytesMut::new();
        while let Some(chunk) = self.next().await {
            let chunk = chunk?;
            if all.len() as u64 + chunk.len() as u64 > limit {
                return Err(too_large());
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// Only the first `length` bytes.
    #[must_use]
    pub fn take(self, length: u64) -> Self {
        let size = self.size.map(|size| size.min(length));
        let chunks = self.chunks.scan(length, |left, chunk| {
            let cut = match chunk {
                _ if *left == 0 => None,
                Ok(mut bytes) => {
                    bytes.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= bytes.len() as u64;
                    Some(Ok(bytes))
                }
                Err(fault) => Some(Err(fault)),
            };
            std::future::ready(cut)
        });
        Self::new(size, chunks)
    }

    /// One body after the other. Its size is not known where that of a part is not, or where all are more than
    /// can be counted.
    pub fn concat(parts: Vec<Self>) -> Self {
        let size = parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.size?));
        Self::new(size, stream::iter(parts.into_iter().map(|part| part.chunks)).flatten())
    }

    /// Calls `see` with each chunk that passes.
    #[must_use]
    pub fn inspect(self, mut see: impl FnMut(&Bytes) + Send + 'static) -> Self {
        let chunks = self.chunks.map(move |chunk| chunk.inspect(|bytes| see(bytes)));
        Self { size: self.size, chunks: chunks.boxed() }
    }

    /// Keeps the first fault that passes in `cause`.
    #[must_use]
    pub fn kept_in(self, cause: &Cause) -> Self {
        let cause = cause.clone();
        let chunks = self.chunks.map(move |chunk| chunk.inspect_err(|fault| cause.keep(fault)));
        Self { size: self.size, chunks: chunks.boxed() }
    }

    /// Fails at the end when the bytes do not have this digest, and as soon as there are more
    /// than `size` of them. The last chunk is held back until the digest is right, so a reader
    /// that sees the end has seen the right bytes.
    #[must_use]
    pub fn verified(self, digest: &Digest, size: Option<u64>) -> Self {
        let start = Mark { offset: 0, hasher: Hasher::new(digest.algorithm()) };
        self.checked(digest, size, start, (None, None))
    }

    /// Checks the bytes that follow `start`: the digest and size of the whole, the hash where an
    /// earlier read left a mark to be met, and leaves marks itself.
    pub(super) fn checked(
        self,
        digest: &Digest,
        size: Option<u64>,
        start: Mark,
        (read_marks, meet): (Option<ReadMarks>, Option<Mark>),
    ) -> Self {
        let Mark { offset, hasher } = start;
        let check = Check { hasher, digest: digest.clone(), size, seen: offset, read_marks, meet };
        let state = (self.chunks, Some(check), None::<Bytes>);
        let chunks = stream::unfold(state, |(mut chunks, mut check, mut held)| async move {
            loop {
                let left = check.as_mut()?;
                match chunks.next().await {
                    Some(Ok(bytes)) if bytes.is_empty() => {}
                    Some(Ok(bytes)) => match left.add(&bytes) {
                        // At once, while it is in the processor's cache.
                        Ok(()) if left.wants_more() => {
                            return Some((Ok(bytes), (chunks, check, held)));
                        }
                        Ok(()) => {
                            if let Some(ready) = held.replace(bytes) {
                                return Some((Ok(ready), (chunks, check, held)));
                            }
                        }
                        Err(fault) => return Some((Err(fault), (chunks, None, None))),
                    },
                    Some(Err(fault)) => return Some((Err(fault), (chunks, None, None))),
                    None => match check.take()?.finish() {
                        Ok(()) => return held.take().map(|last| (Ok(last), (chunks, None, None))),
                        Err(fault) => return Some((Err(fault), (chunks, None, None))),
                    },
                }
            }
        });
        Self::new(size.map(|size| size.saturating_sub(offset)).or(self.size), chunks)
    }
}

struct Check {
    hasher: Hasher,
    digest: Digest,
    size: Option<u64>,
    seen: u64,
    /// Where marks are left.
    read_marks: Option<ReadMarks>,
    /// Where the hash must be that of an earlier read.
    meet: Option<Mark>,
}

impl Check {
    fn add(&mut self, bytes: &Bytes) -> Result<(), Fault> {
        let before = self.seen;
        self.seen += bytes.len() as u64;
        let meet = self.meet.take_if(|mark| mark.offset <= self.seen);
        let cut = meet.as_ref().map_or(0, |mark| mark.offset.saturating_sub(before));
        let (first, rest) = bytes.split_at(usize::try_from(cut).unwrap_or(usize::MAX));
        self.hasher.update(first);
        if let Some(mark) = meet {
            let (met, found) = (mark.hasher.finish(), self.hasher.clone().finish());
            if met != found {
                return Err(self.wrong_digest(&found));
            }
        }
        self.hasher.update(rest);
        if let Some(read_marks) = &self.read_marks {
            read_marks.leave(self.seen, &self.hasher);
        }
        match self.size {
            Some(size) if self.seen > size => Err(self.wrong_size("more than ")),
            _ => Ok(()),
        }
    }

    /// Whether it is certain that this is not the end.
    fn wants_more(&self) -> bool {
        self.size.is_some_and(|size| self.seen < size)
    }

    fn finish(self) -> Result<(), Fault> {
        if self.size.is_some_and(|size| self.seen < size) {
            return Err(self.wrong_size("only "));
        }
        let found = self.hasher.clone().finish();
        if found == self.digest { Ok(()) } else { Err(self.wrong_digest(&found)) }
    }

    fn wrong_digest(&self, found: &Digest) -> Fault {
        let message = format!("the content of `{}` has the digest `{found}`", self.digest);
        Fault::new(codes::DIGEST_MISMATCH, Origin::Source, message)
            .retry(Retry::Backoff)
            .fact("expected", self.digest.as_str())
            .fact("found", found.as_str())
    }

    fn wrong_size(&self, which: &str) -> Fault {
        let size = self.size.unwrap_or_default();
        let seen = if which.starts_with("only") { self.seen } else { size };
        let message =
            format!("the content of `{}` has {which}{seen} bytes, not {size}", self.digest);
        Fault::new(codes::SIZE_MISMATCH, Origin::Source, message).retry(Retry::Backoff)
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
