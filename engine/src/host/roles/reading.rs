//! What was read of a body that a guest is to write, as seen from behind whoever reads it.

use crate::oci::{Algorithm, Descriptor, Digest, Hasher};
use crate::role::ExpectedBlob;
use crate::stream::Body;
use futures_util::StreamExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

/// How much of a body was read, and what its bytes were. Cheap to clone.
#[derive(Clone)]
pub(in crate::host) struct Reading(Arc<Progress>);

struct Progress {
    expected: ExpectedBlob,
    /// Bytes of the body, where the sender said so: of a write that goes on in the middle, those that
    /// are left.
    size: Option<u64>,
    bytes: AtomicU64,
    ended: AtomicBool,
    broken: AtomicBool,
    /// Only where the digest is not known: whoever knows it has the bytes verified already.
    hash: Mutex<Hash>,
}

enum Hash {
    NotNeeded,
    Going(Box<Hasher>),
    Ended(Digest),
}

impl Reading {
    /// A body that is watched, and what is seen.
    pub(in crate::host) fn of(body: Body, expected: &ExpectedBlob) -> (Body, Self) {
        let hash = match expected.digest {
            Some(_) => Hash::NotNeeded,
            None => Hash::Going(Box::new(Hasher::new(Algorithm::Sha256))),
        };
        let size = body.size();
        let reading = Self(Arc::new(Progress {
            expected: expected.clone(),
            size,
            bytes: AtomicU64::default(),
            ended: AtomicBool::default(),
            broken: AtomicBool::default(),
            hash: Mutex::new(hash),
        }));
        let (moved, ended) = (Arc::clone(&reading.0), Arc::clone(&reading.0));
        let chunks = body.into_chunks().map(move |chunk| {
            match &chunk {
                Ok(bytes) => moved.saw(bytes),
                Err(_) => moved.broken.store(true, Ordering::Relaxed),
            }
            chunk
        });
        let end = futures_util::stream::poll_fn(move |_| {
            ended.ended.store(true, Ordering::Relaxed);
            Poll::Ready(None)
        });
        (Body::new(size, chunks.chain(end)), reading)
    }

    /// Whether the digest of the blob was known before its bytes moved.
    pub(in crate::host) fn knows_digest(&self) -> bool {
        self.0.expected.digest.is_some()
    }

    /// What the blob is, once all of the body was read. Who knows the size need not ask for the end.
    pub(in crate::host) fn written(&self) -> Option<Descriptor> {
        let Progress { expected, size, bytes, ended, broken, .. } = self.0.as_ref();
        let bytes = bytes.load(Ordering::Relaxed);
        let all = ended.load(Ordering::Relaxed) || size.is_some_and(|size| bytes >= size);
        if !all || broken.load(Ordering::Relaxed) {
            return None;
        }
        let (digest, counted) = match &expected.digest {
            Some(digest) => (digest.clone(), 0),
            None => (self.0.hashed()?, bytes),
        };
        let size = expected.size.unwrap_or(counted);
        Some(Descriptor::new(expected.media_type.clone(), digest, size))
    }
}

impl Progress {
    fn saw(&self, bytes: &[u8]) {
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if self.expected.digest.is_none()
            && let Hash::Going(hasher) =
                &mut *self.hash.lock().unwrap_or_else(PoisonError::into_inner)
        {
            hasher.update(bytes);
        }
    }

    fn hashed(&self) -> Option<Digest> {
        let mut hash = self.hash.lock().unwrap_or_else(PoisonError::into_inner);
        if let Hash::Going(hasher) = &*hash {
            *hash = Hash::Ended(hasher.as_ref().clone().finish());
        }
        match &*hash {
            Hash::Ended(digest) => Some(digest.clone()),
            Hash::NotNeeded | Hash::Going(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Fault, Kind, Origin};

    fn blob(digest: Option<Digest>, size: Option<u64>) -> ExpectedBlob {
        ExpectedBlob { media_type: "x/y".to_owned(), digest, size }
    }

    #[tokio::test]
    async fn what_was_read_is_seen() {
        let known = blob(Some(Digest::of(b"abc")), None);
        let (body, reading) = Reading::of(Body::from_bytes("abc"), &known);
        assert_eq!(reading.written(), None);
        body.read_all(3).await.unwrap();
        assert_eq!(reading.written().unwrap().digest, Digest::of(b"abc"));
        let (mut body, reading) = Reading::of(Body::from_bytes("abc"), &known);
        body.next().await.unwrap().unwrap();
        assert!(reading.written().is_some(), "who knows the size need not ask for the end");
        let unsized_body = Body::new(None, Body::from_bytes("abc").into_chunks());
        let (mut body, reading) = Reading::of(unsized_body, &known);
        body.next().await.unwrap().unwrap();
        assert_eq!(reading.written(), None, "more may come");
        let empty = Reading::of(Body::from_bytes(""), &known).1;
        assert!(empty.written().is_some(), "nothing is read at once");
    }

    #[tokio::test]
    async fn a_digest_that_nobody_knew_is_found() {
        let unsized_body = Body::new(None, Body::from_bytes("abc").into_chunks());
        let (body, reading) = Reading::of(unsized_body, &blob(None, None));
        body.read_all(10).await.unwrap();
        let written = reading.written().unwrap();
        assert_eq!((written.digest, written.size), (Digest::of(b"abc"), 3));
        assert_eq!(written.media_type, "x/y");
        let fault = Fault::new(Code::new("test::broke", Kind::Other), Origin::Source, "broke");
        let broken = Body::new(None, futures_util::stream::iter([Err(fault)]));
        let (mut body, reading) = Reading::of(broken, &blob(None, None));
        while body.next().await.is_some() {}
        assert_eq!(reading.written(), None, "what broke was not written");
    }
}
