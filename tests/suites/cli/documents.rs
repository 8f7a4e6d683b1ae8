//! What programs read: plans, reports, events, schemas, graphs.

use super::small::{self, small};
use engine::diagnostic::{Place, Schema};
use engine_tests::world;
use serde_json::Value;
use std::fs;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

/// Panics with each fault unless a document is as its schema says.
#[track_caller]
fn assert_valid(schema: &str, document: &Value) {
    let schema = Schema::new(&json(schema)).unwrap();
    let faults = schema.check(document, &Place::root());
    let faults: Vec<String> =
        faults.iter().map(|fault| format!("{:?}: {fault}", fault.place)).collect();
    assert!(faults.is_empty(), "{}\n{document:#}", faults.join("\n"));
}

#[test]
fn a_plan_is_shown_with_its_reasons_and_writes_nothing() {
    let world = world!();
    small(&world);
    insta::assert_snapshot!(world.run(&["plan", "sync.yaml"]).snapshot(), @r#"
    exit code: 0
    ----- stdout -----
    out
      + oci:[world]/here/images:1.1 → oci:[world]/here/out:1.1

    1 left out (`engine explain SPEC REF` says why).
    Plan: 1 to copy, 0 to move, 0 unchanged, 0 conflicts.

    ----- stderr -----
    plan     1 to copy
    "#);
    assert!(!world.here().join("out").exists(), "a plan leaves nothing behind");
    drop(world.run(&["plan", "sync.yaml", "--detailed-exitcode"]).expect_code(2));
    insta::assert_snapshot!(world.run(&["run", "sync.yaml"]).snapshot(), @r#"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    plan     1 to copy
    copied   oci:[world]/here/images:1.1 → oci:[world]/here/out:1.1  (654 B) [time]
    done       1 copied, 1 left out; 654 B copied, 0 B mounted, 0 B reused
    "#);
    drop(world.run(&["plan", "sync.yaml", "--detailed-exitcode"]).expect_code(0));
    insta::assert_snapshot!(world.run(&["plan", "sync.yaml"]).snapshot(), @r#"
    exit code: 0
    ----- stdout -----
    out
      = 1 unchanged

    1 left out (`engine explain SPEC REF` says why).
    Plan: 0 to copy, 0 to move, 1 unchanged, 0 conflicts.

    ----- stderr -----
    plan     1 unchanged
    "#);
}

#[test]
fn plan_and_report_are_as_their_schemas_say() {
    let world = world!();
    small(&world);
    let schema = |of: &str| world.run(&["schema", of]).expect_success().stdout;
    let (plans, reports) = (schema("plan"), schema("report"));
    for run in 0..2 {
        let plan = world.run(&["plan", "sync.yaml", "-o", "json", "--out", "plan.json"]);
        let plan = plan.expect_success();
        let (shown, file) = (json(&plan.stdout), world.here().join("plan.json"));
        assert_valid(&plans, &shown);
        assert_eq!(json(&fs::read_to_string(file).unwrap())["items"], shown["items"]);
        let report = world.run(&["run", "sync.yaml", "--report", "-"]).expect_success();
        let report = json(&report.stdout);
        assert_valid(&reports, &report);
        assert_eq!(report["summary"][["copied", "unchanged"][run]], 1);
        assert_eq!(report["skips"].as_array().unwrap().len(), 1);
    }
    world.write("sync.yaml", &small::SPEC.replace("oci:images, ", "oci:absent, "));
    let failed = world.run(&["run", "sync.yaml", "--report", "-"]);
    assert_ne!(failed.code, 0);
    assert_valid(&reports, &json(&failed.stdout));
    assert_valid(&plans, &json(&world.run(&["plan", "sync.yaml", "-o", "json"]).stdout));
}

#[test]
fn a_spec_that_is_accepted_is_as_its_schema_says() {
    let world = world!();
    let schema = world.run(&["schema"]).expect_success().stdout;
    for example in ["quickstart", "ci", "nightly-mirror"] {
        let path = format!("{}/../examples/{example}/sync.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).unwrap();
        let spec: Value = serde_yaml::from_str(&text).unwrap();
        assert_valid(&schema, &spec);
    }
}

#[test]
fn events_are_lines_of_json_in_order() {
    let world = world!();
    small(&world);
    let outcome = world.run(&["run", "sync.yaml", "--events", "-"]).expect_success();
    let events: Vec<Value> = outcome.stdout.lines().map(json).collect();
    let numbers: Vec<usize> = events
        .iter()
        .map(|event| usize::try_from(event["seq"].as_u64().unwrap()).unwrap())
        .collect();
    assert_eq!(numbers, (0..events.len()).collect::<Vec<_>>());
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("opened", "run-finished"));
    for kind in ["run-started", "survey-finished", "plan-ready", "item-started", "item-finished"] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }
    let page = include_str!("../../../specs/events.md");
    for kind in kinds {
        assert!(page.contains(&format!("`{kind}`")), "{kind} is not in specs/events.md");
    }
}

#[test]
fn a_graph_is_drawn_in_two_languages() {
    let world = world!();
    small(&world);
    insta::assert_snapshot!(world.run(&["graph", "sync.yaml"]).snapshot(), @r#"
    exit code: 0
    ----- stdout -----
    digraph "small" {
      rankdir=LR;
      "app" [shape=cylinder];
      "out" [shape=house];
      "app" -> "out";
    }

    ----- stderr -----
    "#);
    let mermaid = world.run(&["graph", "sync.yaml", "--format", "mermaid"]);
    insta::assert_snapshot!(mermaid.snapshot(), @r#"
    exit code: 0
    ----- stdout -----
    flowchart LR
      s0[("app")]
      s1(["out"])
      s0 --> s1

    ----- stderr -----
    "#);
}

#[test]
fn explain_says_what_becomes_of_an_image() {
    let world = world!();
    small(&world);
    world.write("elsewhere/empty", "");
    let said: Vec<String> = ["oci:images:1.1", "oci:out:1.1", "oci:images:1.0", "oci:images:9"]
        .map(|reference| world.run(&["explain", "sync.yaml", reference]).expect_success())
        .map(|outcome| outcome.snapshot())
        .into();
    insta::assert_snapshot!(said.join("\n"), @r#"
    exit code: 0
    ----- stdout -----
    oci:[world]/here/images:1.1 → oci:[world]/here/out:1.1
      is copied: the destination has nothing under that name
      way: app → out
      pinned: sha256:9b64d9840d84fe9ccfb6db71f524d35fd29fa53d40a7d367e60eae9a00acd5e8

    ----- stderr -----
    plan     1 to copy

    exit code: 0
    ----- stdout -----
    oci:[world]/here/images:1.1 → oci:[world]/here/out:1.1
      is copied: the destination has nothing under that name
      way: app → out
      pinned: sha256:9b64d9840d84fe9ccfb6db71f524d35fd29fa53d40a7d367e60eae9a00acd5e8

    ----- stderr -----
    plan     1 to copy

    exit code: 0
    ----- stdout -----
    oci:[world]/here/images:1.0
      left out by `app`: not among the latest 1

    ----- stderr -----
    plan     1 to copy

    exit code: 0
    ----- stdout -----
    oci:[world]/here/images:9
      no source offers it, and no sink writes it

    ----- stderr -----
    plan     1 to copy
    "#);
}

#[test]
fn plugins_their_interface_and_completions_are_shown() {
    let world = world!();
    insta::assert_snapshot!(world.run(&["plugin", "list"]).snapshot(), @r#"
    exit code: 0
    ----- stdout -----
    policy-rules          0.1.0  policy
    policy-sigstore       0.1.0  policy
    signer-sigstore       0.1.0  signer
    transport-dir         0.1.0  transport  dir
    transport-oci-layout  0.1.0  transport  oci
    transport-registry    0.1.0  transport  docker

    ----- stderr -----
    "#);
    let dir = world.run(&["plugin", "inspect", "dir"]).expect_success().stdout;
    for fact in ["transport-dir 0.1.0, a transport", "  fs          files", "memory 64.0 MiB"] {
        assert!(dir.contains(fact), "{dir}");
    }
    let wit = world.run(&["plugin", "wit"]).expect_success().stdout;
    assert!(wit.contains("package engine:plugin@0.2.0;"), "{wit}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = world.run(&["completion", shell]).expect_success().stdout;
        assert!(script.contains("explain"), "{shell}");
    }
    let version = world.run(&["--version"]).expect_success().stdout;
    assert_eq!(version, format!("engine {}\n", env!("CARGO_PKG_VERSION")));
}
