use super::*;
use crate::diagnostic::{Code, Kind};
use crate::oci::Digest;
use bytes::Bytes;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

fn broken() -> Fault {
    Fault::new(Code::new("test::reset", Kind::Other), Origin::Source, "reset").retry(Retry::Backoff)
}

/// Content of which each opening gives `step` bytes and then breaks, unless it reaches the end.
fn breaking(content: &'static [u8], step: usize, policy: Reopen) -> (Body, Arc<AtomicU32>) {
    let opened = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&opened);
    let open = move |offset: u64| {
        count.fetch_add(1, Ordering::Relaxed);
        let rest = &content[usize::try_from(offset).unwrap()..];
        let mut chunks = vec![Ok(Bytes::from_static(&rest[..step.min(rest.len())]))];
        if rest.len() > step {
            chunks.push(Err(broken()));
        }
        async move { Ok(Body::new(None, stream::iter(chunks))) }
    };
    (reopening(Some(content.len() as u64), open, policy), opened)
}

#[tokio::test(start_paused = true)]
async fn a_broken_read_goes_on_and_the_hash_with_it() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let policy = Reopen {
        told: Some(Arc::new(move |offset, _: &Fault| told.lock().unwrap().push(offset))),
        ..Reopen::default()
    };
    let (body, opened) = breaking(b"abcdefgh", 3, policy);
    let body = body.verified(&Digest::of(b"abcdefgh"), Some(8));
    assert_eq!(body.read_all(8).await.unwrap(), "abcdefgh");
    assert_eq!(*seen.lock().unwrap(), [3, 6]);
    assert_eq!(opened.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn breaks_in_a_row_are_bounded_unless_it_gets_on() {
    let (body, opened) = breaking(b"abcdefgh", 1, Reopen::default());
    assert_eq!(body.read_all(8).await.unwrap_err().code, "test::reset");
    assert_eq!(opened.load(Ordering::Relaxed), 6, "the first and five more");
    let policy = Reopen { progress_bytes: 1, ..Reopen::default() };
    let (body, opened) = breaking(b"abcdefgh", 1, policy);
    assert_eq!(body.read_all(8).await.unwrap(), "abcdefgh");
    assert_eq!(opened.load(Ordering::Relaxed), 8);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_mended_passes_at_once() {
    for retry in [Retry::Never, Retry::AfterMillis(60_000)] {
        let opened = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&opened);
        let open = move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async move { Err(broken().retry(retry)) }
        };
        let body = reopening(Some(1), open, Reopen::default());
        assert_eq!(body.read_all(8).await.unwrap_err().code, "test::reset");
        assert_eq!(opened.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_early_end_is_a_break_and_a_late_break_is_an_end() {
    let open = |offset: u64| async move {
        Ok(Body::from_bytes(Bytes::from_static(if offset == 0 { b"ab" } else { b"c" })))
    };
    assert_eq!(reopening(Some(3), open, Reopen::default()).read_all(9).await.unwrap(), "abc");
    let open = |_| async {
        Ok(Body::new(None, stream::iter([Ok(Bytes::from_static(b"abc")), Err(broken())])))
    };
    assert_eq!(reopening(Some(3), open, Reopen::default()).read_all(9).await.unwrap(), "abc");
}
