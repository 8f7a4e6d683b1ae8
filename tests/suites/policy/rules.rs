//! `policy:`, the built-in rules.

use super::stage::Stage;
use engine_tests::images::{Dialect, Seed};
use engine_tests::world;
use serde_json::{Value, json};

#[test]
fn reasons_stand_in_the_plan_the_report_and_the_events() {
    let stage = Stage::new();
    for tag in ["v1", "latest"] {
        Seed::new(50).image(&[300]).push_into(&stage.source, "team/app", tag);
    }
    let app = stage.app();
    let rules = json!([
        {"deny": {"references": [format!("{app}:latest")]}, "reason": "floating tags are not mirrored"},
        {"allow": {"references": [app]}},
    ]);
    stage.filter(&json!({"policy": {"rules": rules, "default": "deny"}}));
    let why = format!("`{app}:latest` is named (rule 1: floating tags are not mirrored)");
    let plan = stage.world.run(&["plan", "sync.yaml"]);
    assert!(plan.stdout.contains(&why), "{}", plan.snapshot());
    let saved = stage.world.run(&["plan", "sync.yaml", "-o", "json"]);
    let saved: Value = serde_json::from_str(&saved.stdout).unwrap();
    let text = saved.to_string();
    assert!(text.contains("rule:2") && text.contains(&why), "{text}");
    assert_eq!(stage.mirror.journal().writes(), 0, "a plan reads only");

    let told = stage.world.run(&["run", "sync.yaml", "--events", "events.jsonl"]);
    assert_eq!(told.code, 3, "{}", told.snapshot());
    let events = std::fs::read_to_string(stage.world.here().join("events.jsonl")).unwrap();
    let judged: Vec<&str> = events.lines().filter(|line| line.contains("rule")).collect();
    assert!(judged.iter().any(|line| line.contains("rule:2")), "{events}");
    assert!(judged.iter().any(|line| line.contains("floating tags")), "{events}");
    let ended = stage.run().code(3);
    assert!(ended.says("floating tags are not mirrored"), "{}", ended.report);
    assert_eq!(stage.mirrored(), ["v1"]);
    let explained = stage.world.run(&["explain", "sync.yaml", &format!("{app}:latest")]);
    assert!(explained.stdout.contains(&why), "{}", explained.snapshot());
}

#[test]
fn each_image_of_an_index_that_would_be_written_is_judged() {
    let stage = Stage::new();
    let platforms = ["linux/amd64", "windows/amd64"];
    Seed::new(51).index(Dialect::Oci, &platforms, &[300]).push_into(
        &stage.source,
        "team/app",
        "v1",
    );
    let linux_only = json!({"rules": [{"allow": {"platforms": ["linux"]}}], "default": "deny"});
    stage.filter(&json!({"policy": linux_only}));
    let ended = stage.run().code(3);
    assert!(ended.says("no rule allows it"), "{}", ended.report);
    assert_eq!(stage.mirror.journal().writes(), 0, "one bad child is enough");
    let steps = json!({
        "filters": {"judge": {"inputs": ["all"], "policy": linux_only}},
        "transforms": {"cut": {"inputs": ["judge"], "platforms": {"keep": ["linux/amd64"]}}},
    });
    stage.spec("cut", &steps);
    assert_eq!(stage.run().code(0).status(), "copied", "only what is written is judged");
}

#[test]
fn an_attested_index_passes_rules_about_its_images() {
    let stage = Stage::new();
    Seed::new(52).attested(&["linux/amd64"], &[300]).push_into(&stage.source, "team/app", "v1");
    let rules = json!([{"deny": {"youngerThan": "72h"}}, {"deny": {"lacksLabels": ["seeded"]}},
        {"allow": {"platforms": ["linux"]}}]);
    stage.filter(&json!({"policy": {"rules": rules, "default": "deny"}}));
    assert_eq!(stage.run().code(0).status(), "copied");
}

#[test]
fn labels_annotations_ages_and_sizes_are_read_at_the_source() {
    for (condition, why) in [
        (json!({"labels": {"seeded": "**"}}), "the label `seeded`: "),
        (json!({"lacksLabels": ["team"]}), "the label `team` is not there"),
        (json!({"lacksAnnotations": ["a"]}), "the annotation `a` is not there"),
        (json!({"olderThan": "4320h"}), "older than 4320h: created 2020-01-01"),
        (json!({"largerThan": "1KiB"}), "larger than 1KiB: 1 MiB"),
        (json!({"platforms": ["linux/*"]}), "its platform `linux/amd64` matches `linux/*`"),
    ] {
        let stage = Stage::new();
        let mut seed = Seed::new(53);
        let layers = seed.layers(&[3000]);
        seed.image_of(Dialect::Oci, "linux/amd64", &layers).push_into(
            &stage.source,
            "team/app",
            "v1",
        );
        let rules = json!([{"deny": condition}]);
        stage.filter(&json!({"policy": {"rules": rules, "default": "allow"}}));
        let ended = stage.run().code(3);
        assert!(ended.says(why), "{condition}: {}", ended.report);
    }
}

const WRONG: &str = r#"
apiVersion: engine/v1
sources:
  base: {from: docker.io/library/alpine}
filters:
  house-rules:
    inputs: [base]
    policy:
      rules:
        - deny: {olderThan: 180d, largerThan: 2GB}
        - deny: {references: ["a**"]}
          allow: {references: [a]}
        - alow: {references: [a]}
        - deny: {platform: [linux]}
        - deny: {lacksLabels: []}
      default: perhaps
sinks:
  mirror: {inputs: [house-rules], to: registry.example/alpine}
"#;

#[test]
fn all_that_is_wrong_with_rules_is_named_with_its_place() {
    let world = world!();
    world.write("sync.yaml", WRONG.trim_start());
    let checked = world.run(&["check", "sync.yaml"]).expect_code(65);
    for line in [
        "sync.yaml:9:29: the value is not a duration such as `5m` or `72h`",
        "sync.yaml:9:47: the value is not a size such as `64MiB` or `2GiB`",
        "sync.yaml:10:11: needs exactly one of `allow`, `deny`",
        "sync.yaml:10:31: the value is not a glob: `*` (no slash)",
        "sync.yaml:12:11: unknown key `alow`",
        "help: did you mean `allow`?",
        "sync.yaml:13:18: unknown key `platform`",
        "help: did you mean `platforms`?",
        "sync.yaml:14:18: the list is empty",
        "sync.yaml:15:16: the value is not a word that is known here",
    ] {
        assert!(checked.stderr.contains(line), "{line}\n{}", checked.stderr);
    }
    world.write("sync.yaml", &WRONG.trim_start().replace("      default: perhaps\n", ""));
    let checked = world.run(&["check", "sync.yaml"]).expect_code(65);
    assert!(checked.stderr.contains("`default` is missing"), "{}", checked.stderr);
}
