//! Guests whose answers are too large, too deep or too many.

use super::play::Play;
use engine::oci::Digest;
use engine::role::Side;
use engine_tests::guest::Alone;
use serde_json::json;
use std::time::Duration;

const MIB: u64 = 1 << 20;

fn named<'a>(acts: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    acts.iter().map(|act| (*act, *act)).collect()
}

#[test]
fn giant() {
    let acts = [
        ("deep", "transfer::manifest-unreadable"),
        ("deep-and-whole", "transfer::manifest-unreadable"),
        ("vast", "transport::not-found"),
        ("itself", "stream::digest-mismatch"),
        ("nested", "transfer::too-many-manifests"),
        ("heavy", "transfer::too-many-manifests"),
        ("annotated", "host::lied"),
    ];
    let asked: Vec<_> = acts.iter().map(|(act, _)| (*act, *act)).collect();
    let limits = json!({"cpu": "30s", "memory": "128MiB"});
    let played = Play::of("giant", "resolve", &asked).limits(limits).run();
    played.expect(&acts);
    assert!(!played.outcome.stderr.contains('\u{1b}'), "{}", played.outcome.snapshot());
}

/// Lists that are too long are refused; names that are none are left out.
#[test]
fn lists_of_names_have_bounds() {
    let acts = ["a-million", "wide", "long", "long-next"];
    let limits = json!({"cpu": "30s", "memory": "32MiB"});
    let play = Play::of("giant", "tags", &named(&acts)).limits(limits);
    let mut process = play.start();
    let mut peak = 0;
    while !process.has_ended() {
        peak = peak.max(process.peak_memory().unwrap_or_default());
        std::thread::sleep(Duration::from_millis(1));
    }
    let outcome = process.wait(Duration::from_secs(1)).expect_code(1);
    eprintln!("with lists of names the engine had at most {} MiB", peak / MIB);
    assert!(outcome.stderr.contains("[host::lied]"), "{}", outcome.snapshot());
    assert!((1..256 * MIB).contains(&peak), "{peak} bytes");
}

#[test]
fn names_that_are_none_are_left_out() {
    let played = Play::of("giant", "tags", &[("odd", "odd")]).run();
    played.expect(&[("odd", "copied")]);
    assert_eq!(played.report["items"].as_array().unwrap().len(), 3, "{}", played.report);
}

#[tokio::test]
async fn referrers_have_an_end() {
    let guest = Alone::of("giant");
    let session = guest.open(Side::Source, "referrers", "many").await;
    let fault = session.referrers("app", &Digest::of(b"x")).await.unwrap_err();
    assert_eq!(fault.code, "host::lied", "{fault:?}");
}
