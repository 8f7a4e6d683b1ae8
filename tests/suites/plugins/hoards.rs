//! Guests that want all memory. What they hoard adds up to what their limits say, on both sides of
//! the wall.

use super::play::Play;
use serde_json::json;
use std::time::Duration;

const MIB: u64 = 1 << 20;
/// The limit of the guests here.
const LIMIT: u64 = 32 * MIB;
/// Bytes that may be on their way from a guest in one call. Source: `engine/src/host/instance/machine.rs`.
const ON_THE_WAY: u64 = 32 * MIB;

/// How each act ends.
const ACTS: [(&str, &str); 7] = [
    ("own", "host::out-of-memory"),
    ("engine", "host::out-of-memory"),
    ("concat", "host::out-of-memory"),
    ("answer", "host::out-of-memory"),
    ("texts", "copied"),
    ("names", "copied"),
    ("request", "copied"),
];

fn play(acts: &[(&str, &str)]) -> Play {
    let play = Play::of("hoard", "resolve", acts);
    std::fs::create_dir(play.world.here().join("shared")).unwrap();
    play.grants(json!({"dirs": {"shared": "shared"}}))
        .limits(json!({"memory": format!("{}MiB", LIMIT / MIB), "cpu": "60s", "time": "60s"}))
}

#[test]
fn hoard() {
    let acts: Vec<_> = ACTS.iter().map(|(act, _)| (*act, *act)).collect();
    play(&acts).run().expect(&ACTS);
}

/// The most memory that a run ever had.
fn peak(acts: &[(&str, &str)]) -> u64 {
    let play = play(acts);
    let mut process = play.start();
    let mut peak = 0;
    while !process.has_ended() {
        peak = peak.max(process.peak_memory().unwrap_or_default());
        std::thread::sleep(Duration::from_millis(1));
    }
    let outcome = process.wait(Duration::from_secs(1));
    assert!((0..=1).contains(&outcome.code), "{}", outcome.snapshot());
    peak
}

/// The engine grows by what its guest may have and by what is on its way in one call, but not by
/// what was refused.
#[test]
fn hoards_stay_small() {
    let idle = peak(&[]);
    for (act, _) in ACTS {
        let grown = peak(&[(act, act)]).saturating_sub(idle);
        eprintln!("{act}: the engine grew by {} MiB", grown / MIB);
        assert!(grown <= LIMIT + ON_THE_WAY, "{act}: {grown} bytes");
    }
}
