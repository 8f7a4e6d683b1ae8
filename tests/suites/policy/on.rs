//! What becomes of an image that is not allowed: each reason with each rule, and its exit code.

use super::stage::Stage;
use engine_tests::images::Seed;
use serde_json::{Value, json};

/// An image under a policy that does `act`, with this `on`.
fn judged(act: &str, on: &Value) -> (Stage, super::stage::Ended) {
    let stage = Stage::new();
    Seed::new(40).image(&[300]).push_into(&stage.source, "team/app", "v1");
    stage.guest("filters", "policy-wild", &json!({"act": act}), &json!({"on": on}));
    let ended = stage.run();
    (stage, ended)
}

#[test]
fn refused_skipped_or_warned_about_as_the_step_says() {
    for (reason, act, why) in [
        ("violation", "deny", "it is not nice"),
        ("missing", "lack", "nobody speaks for it"),
        ("error", "trap", "judge"),
    ] {
        let (stage, ended) = judged(act, &json!({}));
        let ended = ended.code(3);
        assert_eq!(ended.status(), "rejected", "{reason}");
        assert!(ended.says(why), "{reason}: {}", ended.report);
        assert_eq!(stage.mirror.journal().writes(), 0, "{reason}: something was written");
        let (_, ended) = judged(act, &json!({reason: "reject"}));
        drop(ended.code(3));
    }
    for (reason, act, why) in
        [("violation", "deny", "it is not nice"), ("missing", "lack", "nobody speaks for it")]
    {
        let (stage, ended) = judged(act, &json!({reason: "skip"}));
        let ended = ended.code(0);
        assert_eq!(ended.report["items"], json!([]), "{reason}");
        let skip = &ended.report["skips"][0];
        assert_eq!((&skip["step"], &skip["why"]), (&json!("judge"), &json!(why)), "{skip}");
        assert_eq!(stage.mirror.journal().writes(), 0, "{reason}");

        let (stage, ended) = judged(act, &json!({reason: "warn"}));
        let ended = ended.code(0);
        assert_eq!((ended.status(), stage.mirrored()), ("copied", vec!["v1".to_owned()]));
        let warned = ended.report["warnings"].to_string();
        assert!(warned.contains("survey::not-allowed") && warned.contains(why), "{warned}");
    }
    let (stage, ended) = judged("trap", &json!({"error": "fail"}));
    let ended = ended.code(1);
    assert_eq!(ended.status(), "failed");
    assert_eq!(stage.mirror.journal().writes(), 0, "something was written");
}

#[test]
fn one_rule_does_not_stand_for_another() {
    let (_, ended) = judged("deny", &json!({"missing": "skip", "error": "fail"}));
    drop(ended.code(3));
    let (_, ended) = judged("lack", &json!({"violation": "skip", "error": "fail"}));
    drop(ended.code(3));
    let (_, ended) = judged("trap", &json!({"violation": "warn", "missing": "warn"}));
    drop(ended.code(3));
}

#[test]
fn what_is_there_already_is_judged_again_only_by_a_step_that_says_always() {
    let (stage, ended) = judged("allow", &json!({}));
    drop(ended.code(0));
    let policy = |more: Value| {
        stage.guest("filters", "policy-wild", &json!({"act": "deny"}), &more);
        stage.mirror.journal().clear();
        stage.run()
    };
    let ended = policy(json!({})).code(0);
    assert_eq!(ended.status(), "unchanged");
    let ended = policy(json!({"always": true})).code(3);
    assert_eq!(ended.status(), "rejected");
    assert_eq!(stage.mirror.journal().writes(), 0, "what is there stays as it is");
    assert_eq!(stage.mirrored(), ["v1"]);
}
