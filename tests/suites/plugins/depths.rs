//! Guests that make what the engine walks through deeper, or wider, than it can take.

use super::play::{Play, Played};
use engine_tests::images::Seed;
use serde_json::json;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Honest images of the same run, beside those that every play has.
const HONEST: usize = 10;

/// A folder that may be deeper than Rust's own functions can remove.
struct Shared(PathBuf);

impl Drop for Shared {
    fn drop(&mut self) {
        Command::new("rm").arg("-rf").arg(&self.0).status().expect("`rm` is there");
    }
}

/// A destination with a directory of its own, beside ten honest images.
fn play(act: &str) -> (Play, Shared) {
    let play = Play::into("deep", "manifest", &[(act, act)]).beside("oci:more");
    let here = play.world.here();
    for number in 0..HONEST {
        Seed::new(100).image(&[300]).write_layout(&here.join("more"), &format!("m{number}"));
    }
    let shared = Shared(here.join("shared"));
    (play.grants(json!({"dirs": {"shared": "shared"}})), shared)
}

/// Panics unless this act ended so, and all honest images of the run were copied.
#[track_caller]
fn expect(played: &Played, act: &str, code: &str) {
    played.expect(&[(act, code)]);
    let items = played.report["items"].as_array().unwrap();
    let honest = items.iter().filter(|item| {
        item["status"] == "copied" && item["source"]["ref"].as_str().unwrap().contains("more")
    });
    assert_eq!(honest.count(), HONEST, "{}", played.outcome.snapshot());
}

#[test]
fn deep() {
    for (act, code) in [("hang", "fs::too-deep"), ("mkdir", "fs::too-deep")] {
        let (play, _shared) = play(act);
        let played = play.run();
        expect(&played, act, code);
        let message = played.fault(act)["message"].as_str().unwrap();
        assert!(message.contains("more than 64 levels"), "{message}");
    }
}

/// A tree that takes longer than the call may: the call ends in time, what was not removed stays, and
/// the engine stops removing.
#[test]
fn a_removal_that_takes_too_long_ends_with_its_call() {
    let (play, shared) = play("wide");
    let wide = shared.0.join("wide");
    std::fs::create_dir_all(&wide).unwrap();
    for number in 0..WIDE {
        std::fs::create_dir(wide.join(number.to_string())).unwrap();
    }
    let play = play.limits(json!({"time": "300ms"}));
    let played = play.run();
    expect(&played, "wide", "host::out-of-time");
    let left = std::fs::read_dir(&wide).unwrap().count();
    eprintln!("{left} of {WIDE} directories are left after {:?}", played.outcome.took);
    assert!(left > 0 && left < WIDE, "{left} directories are left");
    assert!(played.outcome.took < Duration::from_secs(30), "{:?}", played.outcome);
}

/// Directories whose removal takes seconds.
const WIDE: usize = 30_000;
