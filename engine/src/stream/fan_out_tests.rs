use super::*;
use crate::diagnostic::{Code, Kind};
use futures_util::{StreamExt as _, stream};
use std::sync::atomic::{AtomicUsize, Ordering};

const CHUNK: usize = 256 << 10;

/// `count` chunks of 256 KiB, with a counter of those that were read.
fn chunks(count: usize) -> (Body, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let chunks = stream::iter(0..count).then(move |number| {
        counter.fetch_add(1, Ordering::Relaxed);
        async move {
            tokio::task::yield_now().await;
            Ok(Bytes::from(vec![u8::try_from(number % 251).unwrap(); CHUNK]))
        }
    });
    (Body::new(Some((count * CHUNK) as u64), chunks), read)
}

async fn length(mut body: Body) -> Result<usize, Fault> {
    let mut length = 0;
    while let Some(chunk) = body.next().await {
        length += chunk?.len();
    }
    Ok(length)
}

#[tokio::test(start_paused = true)]
async fn a_slow_leg_sets_the_pace_and_buffers_stay_small() {
    let (body, read) = chunks(40);
    let mut legs = fan_out(body, 2, LEG_IDLE).into_iter();
    let fast = tokio::spawn(length(legs.next().unwrap()));
    let mut slow = legs.next().unwrap();
    let mut taken = 0;
    while let Some(chunk) = slow.next().await {
        taken += 1;
        assert_eq!(chunk.unwrap()[0], u8::try_from(taken - 1).unwrap());
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert!(read.load(Ordering::Relaxed) <= taken + 5, "at most 1 MiB and one chunk ahead");
    }
    assert_eq!(taken, 40);
    assert_eq!(fast.await.unwrap().unwrap(), 40 * CHUNK);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_leg_and_an_unstarted_one_do_not_hold_up() {
    let (body, _) = chunks(40);
    let mut legs = fan_out(body, 3, LEG_IDLE);
    let stalled = legs.pop().unwrap();
    let mut dropped = legs.pop().unwrap();
    assert!(dropped.next().await.unwrap().is_ok());
    let began = Instant::now();
    let going = tokio::spawn(length(legs.pop().unwrap()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(dropped);
    assert_eq!(going.await.unwrap().unwrap(), 40 * CHUNK);
    assert!(began.elapsed() >= LEG_IDLE && began.elapsed() < LEG_IDLE * 2);
    assert_eq!(length(stalled).await.unwrap_err().code, "stream::leg-idle");
}

#[tokio::test(start_paused = true)]
async fn a_leg_that_stops_while_it_reads_for_all_does_not_hold_up() {
    let (body, _) = chunks(12);
    let mut legs = fan_out(body, 2, LEG_IDLE);
    let mut stopped = legs.pop().unwrap();
    // Polled once, so that it is the one that waits for the source, and never again.
    let polled = std::future::poll_fn(|cx| {
        Poll::Ready(std::pin::pin!(stopped.next()).poll(cx).is_pending())
    });
    assert!(polled.await);
    assert_eq!(length(legs.pop().unwrap()).await.unwrap(), 12 * CHUNK);
    assert_eq!(length(stopped).await.unwrap_err().code, "stream::leg-idle");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_full_leg_lets_the_others_go_on_at_once() {
    let (body, _) = chunks(12);
    let mut legs = fan_out(body, 2, LEG_IDLE);
    let unread = legs.pop().unwrap();
    let going = tokio::spawn(length(legs.pop().unwrap()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    drop(unread);
    assert_eq!(going.await.unwrap().unwrap(), 12 * CHUNK);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_fault_reaches_all_legs() {
    let broken = Fault::new(Code::new("test::broke", Kind::Other), Origin::Source, "broke");
    let parts = [Ok(Bytes::from_static(b"ab")), Err(broken)];
    let legs = fan_out(Body::new(None, stream::iter(parts)), 3, LEG_IDLE);
    for leg in legs {
        assert_eq!(length(leg).await.unwrap_err().code, "test::broke");
    }
}

#[tokio::test]
async fn one_leg_is_the_body_itself() {
    let legs = fan_out(Body::from_bytes("abc"), 1, LEG_IDLE);
    assert_eq!(legs.len(), 1);
    for leg in legs {
        assert_eq!(leg.read_all(3).await.unwrap(), "abc");
    }
    assert!(fan_out(Body::from_bytes("abc"), 0, LEG_IDLE).is_empty());
}
