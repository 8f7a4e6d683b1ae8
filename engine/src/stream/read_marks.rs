//! Where a verified read went, so that a broken write can go on without reading all again.
//!
//! A write that broke has the first bytes of one read and gets the rest from another. Both must
//! be the same content: the second read starts at a mark of the first, with its hash, and when it
//! comes to a later mark, beyond what was written, its hash must be the same there. What was
//! written is thus covered by the digest at the end, as if there had been one read.

use super::Body;
use crate::oci::{Digest, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes between two marks, at first; it doubles when there are too many.
const MARK_BYTES: u64 = 4 << 20;
/// Marks that are kept. Each is a hash in the making, about 200 bytes.
const MAX_MARKS: usize = 64;

/// A byte of a read, and the hash of all before it.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) offset: u64,
    pub(super) hasher: Hasher,
}

/// The marks of a read. Cheap to clone; clones have the same marks.
#[derive(Clone, Debug, Default)]
pub struct ReadMarks(Arc<Mutex<Marks>>);

#[derive(Debug, Default)]
struct Marks {
    kept: Vec<Mark>,
    latest: Option<Mark>,
    doubled: u32,
}

/// Where another read takes over.
#[derive(Clone, Debug)]
pub struct Takeover {
    start: Option<Mark>,
    meet: Option<Mark>,
}

impl ReadMarks {
    /// Another read that knows the bytes before `offset` as this one saw them; `None` when this
    /// one did not get so far.
    pub fn takeover(&self, offset: u64) -> Option<Takeover> {
        let marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = marks.kept.iter().rev().find(|mark| mark.offset <= offset);
        let beyond = marks.kept.iter().chain(&marks.latest).find(|mark| mark.offset >= offset);
        let meet = if offset == 0 { None } else { Some(beyond?.clone()) };
        Some(Takeover { start: before.cloned(), meet })
    }

    /// Leaves a mark.
    pub(super) fn leave(&self, offset: u64, hasher: &Hasher) {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = Mark { offset, hasher: hasher.clone() };
        let last = marks.kept.last().map_or(0, |mark| mark.offset);
        if offset >= last.saturating_add(MARK_BYTES << marks.doubled.min(32)) {
            if marks.kept.len() == MAX_MARKS {
                let mut number = 0_usize;
                marks.kept.retain(|_| {
                    number += 1;
                    number.is_multiple_of(2)
                });
                marks.doubled += 1;
            }
            marks.kept.push(mark.clone());
        }
        marks.latest = Some(mark);
    }
}

impl Takeover {
    /// The first byte to be read.
    pub fn offset(&self) -> u64 {
        self.start.as_ref().map_or(0, |mark| mark.offset)
    }
}

impl Body {
    /// As [`Body::verified`], and leaves marks on `read_marks`. With `from`, the body begins at its
    /// offset, and must be what the earlier read saw: else it fails as with a wrong digest.
    #[must_use]
    pub fn verified_on(
        self,
        read_marks: &ReadMarks,
        from: Option<Takeover>,
        digest: &Digest,
        size: Option<u64>,
    ) -> Self {
        let Takeover { start, meet } = from.unwrap_or(Takeover { start: None, meet: None });
        let hasher = Hasher::new(digest.algorithm());
        let start = start.unwrap_or(Mark { offset: 0, hasher });
        self.checked(digest, size, start, (Some(read_marks.clone()), meet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use futures_util::stream;

    const PIECE: usize = 1 << 20;

    fn content(pieces: u8) -> Vec<Bytes> {
        (0..pieces).map(|number| Bytes::from(vec![number; PIECE])).collect()
    }

    fn from(pieces: &[Bytes]) -> Body {
        let all: Vec<_> = pieces.iter().cloned().map(Ok).collect();
        Body::new(None, stream::iter(all))
    }

    async fn end(mut body: Body) -> Result<u64, String> {
        let mut bytes = 0;
        while let Some(chunk) = body.next().await {
            bytes += chunk.map_err(|fault| fault.code.into_owned())?.len() as u64;
        }
        Ok(bytes)
    }

    #[tokio::test]
    async fn another_read_takes_over_at_a_mark() {
        let pieces = content(12);
        let digest = Digest::of(&pieces.concat());
        let size = Some(12 << 20);
        let read_marks = ReadMarks::default();
        let first = from(&pieces[..10]).verified_on(&read_marks, None, &digest, size);
        assert_eq!(end(first).await.unwrap_err(), "stream::size-mismatch");
        assert!(read_marks.takeover(11 << 20).is_none(), "it did not get so far");
        for accepted in [0, 1, 5 << 20, (9 << 20) + 7, 10 << 20] {
            let takeover = read_marks.takeover(accepted).unwrap();
            let start = takeover.offset();
            assert!(start <= accepted && accepted - start < 5 << 20);
            let rest = &pieces[usize::try_from(start).unwrap() / PIECE..];
            let body = from(rest).verified_on(&ReadMarks::default(), Some(takeover), &digest, size);
            assert_eq!(end(body).await, Ok((12 << 20) - start));
        }
    }

    #[tokio::test]
    async fn what_was_written_must_be_what_is_read_again() {
        let pieces = content(12);
        let digest = Digest::of(&pieces.concat());
        let mut wrong = pieces.clone();
        wrong[5] = Bytes::from(vec![99; PIECE]);
        let read_marks = ReadMarks::default();
        let size = Some(12 << 20);
        let first = from(&wrong[..10]).verified_on(&read_marks, None, &digest, size);
        assert!(end(first).await.is_err());
        // Read again, the bytes are right; but the destination has the wrong ones.
        let takeover = read_marks.takeover(6 << 20).unwrap();
        let start = usize::try_from(takeover.offset()).unwrap() / PIECE;
        let body = from(&pieces[start..]).verified_on(&read_marks, Some(takeover), &digest, size);
        assert_eq!(end(body).await.unwrap_err(), "stream::digest-mismatch");
    }

    #[test]
    fn marks_are_bounded() {
        let read_marks = ReadMarks::default();
        let hasher = Hasher::new(crate::oci::Algorithm::Sha256);
        for offset in (0..1_u64 << 40).step_by(1 << 30) {
            read_marks.leave(offset, &hasher);
        }
        assert!(read_marks.0.lock().unwrap().kept.len() <= MAX_MARKS);
    }
}
