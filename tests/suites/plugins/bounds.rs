//! Guests that stop, never return, or take more than they may.

use super::play::Play;
use engine_tests::registry::Registry;
use engine_tests::world::Outcome;
use serde_json::json;
use std::time::Duration;

/// The same end for several acts.
fn all<'a>(acts: &[&'a str], end: &'a str) -> Vec<(&'a str, &'a str)> {
    acts.iter().map(|act| (*act, end)).collect()
}

/// Repositories that are named after their acts.
fn named<'a>(acts: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    acts.iter().map(|act| (*act, *act)).collect()
}

#[test]
fn trap() {
    let acts = ["panic", "recursion", "abort"];
    for at in ["resolve", "blob"] {
        let played = Play::of("trap", at, &named(&acts)).run();
        played.expect(&all(&acts, "host::trap"));
        assert_eq!(played.fault("panic")["origin"], "plugin");
        let facts = &played.fault("panic")["facts"];
        assert!(facts.as_array().unwrap().contains(&json!(["plugin", "trap"])), "{facts}");
    }
}

#[test]
fn a_trap_while_it_is_looked_at_leaves_other_repositories_alone() {
    let played = Play::of("trap", "tags", &[("panic", "panic")]).run();
    assert_eq!(played.faults(), [("hostile".to_owned(), "host::trap".to_owned())]);
    played.expect(&[]);
}

#[test]
fn spin() {
    let acts = ["compute", "clock", "churn"];
    let play = Play::of("spin", "blob", &named(&acts)).limits(json!({"cpu": "300ms"}));
    play.run().expect(&all(&acts, "host::out-of-cpu"));
}

#[test]
fn hoard() {
    let acts = ["own", "engine", "answer"];
    let limits = json!({"memory": "64MiB", "cpu": "30s"});
    let played = Play::of("hoard", "blob", &named(&acts)).limits(limits).run();
    played.expect(&[
        ("own", "host::out-of-memory"),
        ("engine", "host::out-of-memory"),
        ("answer", "host::trap"),
    ]);
}

/// What guests hoard adds up to what their limits say, on both sides of the wall.
#[test]
fn hoards_stay_small() {
    const MOST_BYTES: u64 = 256 << 20;
    let acts = [("own1", "own"), ("own2", "own"), ("engine1", "engine"), ("engine2", "engine")];
    let limits = json!({"memory": "16MiB", "cpu": "30s"});
    let play = Play::of("hoard", "resolve", &acts).limits(limits);
    let mut process = play.start();
    let mut peak = 0;
    while !process.has_ended() {
        peak = peak.max(process.peak_memory().unwrap_or_default());
        std::thread::yield_now();
    }
    let outcome = process.wait(Duration::from_secs(1)).expect_code(1);
    assert!(outcome.stderr.contains("[host::out-of-memory]"), "{}", outcome.snapshot());
    assert!((1..MOST_BYTES).contains(&peak), "{peak} bytes");
}

#[test]
fn holder() {
    let acts = [("hold", "hold"), ("nest", "nest")];
    let limits = json!({"handles": 20});
    let played = Play::of("holder", "blob", &acts).limits(limits).run();
    played.expect(&[("hold", "host::too-many-handles"), ("nest", "host::too-deep")]);
}

#[test]
fn requests_are_counted() {
    let registry = Registry::open();
    let act = format!("ask {}/v2/", registry.url());
    let play = Play::of("holder", "blob", &[("ask", &act)])
        .grants(json!({"http": [registry.url()]}))
        .limits(json!({"requests": 5}));
    play.run().expect(&[("ask", "host::too-many-requests")]);
    // Two blobs, each asked for in one call of its own.
    let asked = registry.journal().all().len();
    assert!((5..=10).contains(&asked), "{asked} requests");
}

#[test]
fn flood() {
    let acts = [("log", "log"), ("message", "message")];
    let played = Play::of("flood", "blob", &acts).limits(json!({"log": "8KiB"})).run();
    played.expect(&[("log", "copied"), ("message", "transport::invalid")]);
    let Outcome { stdout, stderr, .. } = &played.outcome;
    let said = format!("{stdout}{stderr}");
    assert!(said.contains("further log lines of this call are dropped"), "{said}");
    assert!(said.len() < 200_000, "{} bytes were said", said.len());
    let odd = |c: char| c.is_control() && c != '\n';
    assert_eq!(said.chars().find(|c| odd(*c)), None, "control characters reach the terminal");
    let message = played.fault("message")["message"].as_str().unwrap();
    assert!(message.len() <= 1100 && !message.contains(odd), "{message}");
}

#[test]
fn a_guest_that_hangs_is_bounded_in_time() {
    let silent = engine_tests::server::Server::accept(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    });
    let host = format!("http://{}", silent.address());
    let act = format!("GET {host}/");
    let play = Play::of("wanderer", "resolve", &[("slow", &act)])
        .grants(json!({"http": [host]}))
        .limits(json!({"time": "300ms"}));
    let played = play.run();
    played.expect(&[("slow", "host::out-of-time")]);
    assert!(played.outcome.took < Duration::from_secs(20), "{:?}", played.outcome);
}
