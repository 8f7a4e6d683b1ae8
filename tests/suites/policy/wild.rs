//! Guests of the other roles that do harm: each ends as its own named fault, and nothing passes.

use super::stage::{Ended, Stage};
use engine_tests::images::Seed;
use serde_json::json;
use std::time::Duration;

/// How long a run with such a guest may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs a guest over two images, and holds that nothing came of it.
#[track_caller]
fn nothing(block: &str, guest: &str, act: &str, code: i32, fault: &str) -> Ended {
    let stage = Stage::new();
    let mut seed = Seed::new(60);
    for tag in ["v1", "v2"] {
        seed.image(&[300]).push_into(&stage.source, "team/app", tag);
    }
    stage.guest(block, guest, &json!({"act": act}), &json!({}));
    let ended = stage.run().code(code);
    assert!(ended.outcome.took < PATIENCE, "{:?}", ended.outcome);
    let text = ended.report.to_string();
    assert!(text.contains(fault), "{act}: `{fault}` is not in {text}");
    assert_eq!(stage.mirrored(), Vec::<String>::new(), "{act}: something passed");
    ended
}

#[test]
fn policy_wild() {
    for (act, fault) in [
        ("trap", "host::trap"),
        ("spin", "host::out-of-cpu"),
        ("deny-calls", "not today"),
        ("silent", "without a reason"),
        ("elsewhere", "host::not-granted"),
    ] {
        drop(nothing("filters", "policy-wild", act, 3, fault));
    }
}

#[test]
fn an_answer_that_comes_too_late_is_no() {
    let stage = Stage::new();
    Seed::new(61).image(&[300]).push_into(&stage.source, "team/app", "v1");
    let limits = json!({"cpu": "20s", "time": "200ms"});
    stage.spec("judge", &json!({
        "plugins": {"guest": {"from": engine_tests::guest::component("policy-wild"), "limits": limits}},
        "filters": {"judge": {"inputs": ["all"], "plugin": "guest", "with": {"act": "spin"}}},
    }));
    let ended = stage.run().code(3);
    assert!(ended.says("host::out-of-time"), "{}", ended.report);
    assert_eq!(stage.mirror.journal().writes(), 0);
}

#[test]
fn a_crowd_of_claims_is_cut_and_made_plain() {
    let stage = Stage::new();
    Seed::new(62).image(&[300]).push_into(&stage.source, "team/app", "v1");
    stage.guest("filters", "policy-wild", &json!({"act": "crowd"}), &json!({}));
    let saved = stage.world.run(&["plan", "sync.yaml", "-o", "json"]);
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    assert!(saved.stdout.len() < 1 << 20, "{} bytes of plan", saved.stdout.len());
    assert!(!saved.stdout.contains("\\u001b"), "signs of terminals are in the plan");
}

/// What a guest makes the engine say has an end in a run, not only in a call.
#[test]
fn refusals_are_told_once_and_not_without_end() {
    let stage = Stage::new();
    for tag in ["v1", "v2", "v3"] {
        Seed::new(63).image(&[300]).push_into(&stage.source, "team/app", tag);
    }
    stage.guest("filters", "policy-wild", &json!({"act": "ask-on"}), &json!({}));
    let files = ["events.jsonl", "audit.jsonl"];
    let outcome = stage.world.run(&["run", "sync.yaml", "--events", files[0], "--audit", files[1]]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for file in files {
        let text = std::fs::read_to_string(stage.world.here().join(file)).unwrap();
        assert_eq!(text.matches("\"grant-refused\"").count(), 65, "{file}");
        assert!(text.contains("more than is told here"), "{file}");
    }
}

#[test]
fn filter_wild() {
    for (act, fault) in [
        ("trap", "host::trap"),
        ("spin", "host::out-of-cpu"),
        ("deny-calls", "not today"),
        ("few", "1 choices for 2 candidates"),
        ("many", "3 choices for 2 candidates"),
    ] {
        drop(nothing("filters", "filter-wild", act, 1, fault));
    }
}

#[test]
fn transform_wild() {
    for (act, fault) in [
        ("trap", "host::trap"),
        ("spin", "host::out-of-cpu"),
        ("deny-calls", "not today"),
        ("foreign", "which is not there"),
        ("subject", "which is not there"),
        ("garbage", "survey::transform"),
        ("index", "it became `application/vnd.oci.image.index.v1+json`"),
        ("huge", "more than 4194304 bytes"),
    ] {
        drop(nothing("transforms", "transform-wild", act, 1, fault));
    }
}

#[test]
fn signer_wild() {
    for (act, fault) in [
        ("trap", "host::trap"),
        ("spin", "host::out-of-cpu"),
        ("deny-calls", "not today"),
        ("many", "more than 16 artifacts"),
        ("huge", "more than 4194304 bytes"),
        ("key", "not-granted"),
    ] {
        drop(nothing("transforms", "signer-wild", act, 1, fault));
    }
}
