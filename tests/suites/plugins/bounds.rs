//! Guests that stop, never return, or take more than they may.

use super::play::Play;
use engine::oci::Digest;
use engine::role::{ExpectedBlob, PutBlob, Selector, Side};
use engine::stream::Body;
use engine_tests::guest::Alone;
use engine_tests::registry::Registry;
use engine_tests::world::Outcome;
use serde_json::json;

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
    let acts = ["panic", "recursion", "abort", "division", "bounds", "unreachable"];
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
fn holder() {
    let acts = ["hold", "broad", "nest", "wrap", "halves"];
    let limits = json!({"handles": 40});
    let played = Play::of("holder", "blob", &named(&acts)).limits(limits).run();
    let mut ends = all(&acts, "host::too-deep");
    ends[0].1 = "host::too-many-handles";
    ends[1].1 = "host::too-many-handles";
    played.expect(&ends);
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

/// Lines without a byte count too.
#[test]
fn an_empty_line_is_a_line() {
    let limits = json!({"log": "1KiB", "cpu": "30s"});
    let played = Play::of("flood", "blob", &[("empty", "empty")]).limits(limits).run();
    played.expect(&[("empty", "copied")]);
    let Outcome { stdout, stderr, .. } = &played.outcome;
    let lines = stdout.lines().chain(stderr.lines()).count();
    assert!(lines < 5_000, "{lines} lines");
}

/// What a plugin notes about a place is there for its next instance, in the same run; it is little.
#[tokio::test]
async fn notes_are_few_and_of_one_run() {
    let tag = Selector::Tag("v1".to_owned());
    let holder = Alone::of("holder");
    let session = holder.open(Side::Source, "resolve", "notes").await;
    assert!(session.resolve("app", &tag).await.unwrap().is_some());
    for _run in 0..2 {
        let session = holder.open(Side::Source, "resolve", "tally").await;
        for call in 1..=3 {
            let fault = session.resolve("app", &tag).await.unwrap_err();
            assert!(fault.message.contains(&format!("call {call}")), "{fault:?}");
        }
    }
}

/// The engine tells a plugin what a body was whose digest nobody knew, and only after its end.
#[tokio::test]
async fn what_a_body_was_is_told_at_its_end() {
    let holder = Alone::of("holder");
    let session = holder.open(Side::Destination, "put", "written").await;
    let expected = ExpectedBlob { media_type: "x/y".to_owned(), digest: None, size: None };
    let body = Body::new(None, Body::from_bytes("made on its way").into_chunks());
    // Neither is of any use where nobody knows what is to be mounted or gone on with.
    let (mount_from, resume) = (Some("lib".to_owned()), Some("token".to_owned()));
    let put = PutBlob { expected, body, mount_from, resume };
    let fault = session.put_blob("app", put).await.unwrap_err();
    let told = format!("None, then {} of 15 bytes", Digest::of(b"made on its way"));
    assert_eq!(fault.message, told);
}
