//! Guests that look for what another call left behind, or get into another's way.

use super::play::Play;
use engine::role::{Selector, Side};
use engine_tests::guest::Alone;
use std::time::Duration;

/// One instance, and calls in turn: nobody finds it busy, and all images arrive.
#[test]
fn racer() {
    let acts: Vec<String> = (0..12).map(|number| format!("n{number}")).collect();
    let acts: Vec<_> = acts.iter().map(|of| (of.as_str(), "look")).collect();
    let ends: Vec<_> = acts.iter().map(|(of, _)| (*of, "copied")).collect();
    for at in ["resolve", "blob"] {
        Play::of("racer", at, &acts).run().expect(&ends);
    }
    Play::into("racer", "put", &acts).run().expect(&ends);
}

/// Calls of one session have one instance where they come in turn, and nothing of each other
/// otherwise; two sessions never share.
#[tokio::test]
async fn what_a_call_remembers_is_its_sessions_own() {
    let tag = Selector::Tag("v1".to_owned());
    let in_turn = Alone::of("racer");
    for _ in 0..2 {
        let session = in_turn.open(Side::Source, "resolve", "count").await;
        for call in 1..=3 {
            let fault = session.resolve("app", &tag).await.unwrap_err();
            assert!(fault.message.contains(&format!("call {call}")), "{fault:?}");
        }
    }
    let side_by_side = Alone::of("holder");
    let session = side_by_side.open(Side::Source, "resolve", "count").await;
    let calls = (0..8).map(|_| session.resolve("app", &tag));
    for ended in futures_util::future::join_all(calls).await {
        let fault = ended.unwrap_err();
        assert!(fault.message.contains("call 1"), "{fault:?}");
    }
}

/// A call that is given up in the middle leaves nothing behind that the next one could stumble
/// over.
#[tokio::test]
async fn a_call_that_was_given_up_harms_no_later_one() {
    let tag = Selector::Tag("v1".to_owned());
    let guest = Alone::of("racer");
    let session = guest.open(Side::Source, "resolve", "spin").await;
    let given_up = tokio::time::timeout(Duration::from_millis(100), session.resolve("app", &tag));
    assert!(given_up.await.is_err(), "it should spin");
    let found = session.resolve("fine", &tag).await;
    assert!(found.unwrap().is_some());
}

/// After a trap, those who wait for their turn get a new instance.
#[tokio::test]
async fn a_trap_does_not_take_the_turn_with_it() {
    let tag = Selector::Tag("v1".to_owned());
    let mut guest = Alone::of("racer");
    guest.limits.cpu_millis = 100;
    let session = guest.open(Side::Source, "resolve", "spin").await;
    let (spun, fine) = tokio::join!(session.resolve("app", &tag), session.resolve("fine", &tag));
    assert_eq!(spun.unwrap_err().code, "host::out-of-cpu");
    assert!(fine.unwrap().is_some());
}
