//! The machine's policy.json: obeyed by scope, for the images that a scope is for and for no others.

use super::stage::{Ended, Stage};
use engine_tests::images::Seed;
use engine_tests::registry::Registry;
use engine_tests::world;
use serde_json::{Value, json};
use std::fs;

const FILE: &str = "~/.config/containers/policy.json";

/// As Red Hat Enterprise Linux ships it.
const RHEL: &str = r#"{
    "default": [
        {
            "type": "insecureAcceptAnything"
        }
    ],
    "transports": {
        "docker": {
            "registry.access.redhat.com": [
                {
                    "type": "signedBy",
                    "keyType": "GPGKeys",
                    "keyPath": "/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release"
                }
            ],
            "registry.redhat.io": [
                {
                    "type": "signedBy",
                    "keyType": "GPGKeys",
                    "keyPath": "/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release"
                }
            ]
        },
        "docker-daemon": {
            "": [
                {
                    "type": "insecureAcceptAnything"
                }
            ]
        }
    }
}
"#;

fn any() -> Value {
    json!([{"type": "insecureAcceptAnything"}])
}

/// Two repositories with an image each, from which one sink is fed.
fn two_repositories() -> Stage {
    let stage = Stage::new();
    for (seed, repository) in [(60, "team/app"), (61, "other/app")] {
        Seed::new(seed).image(&[300]).push_into(&stage.source, repository, "v1");
    }
    let other = format!("{}/other/app", stage.source.address());
    stage.spec("all", &json!({"sources": {"all": {"from": [stage.app(), other]}}}));
    stage
}

/// The item of the image whose name holds this.
fn item<'a>(ended: &'a Ended, name: &str) -> &'a Value {
    let items = ended.report["items"].as_array().expect("items");
    let found = items.iter().find(|item| item["source"]["ref"].as_str().unwrap().contains(name));
    found.unwrap_or_else(|| panic!("no item of {name}: {}", ended.report))
}

#[test]
fn the_images_of_a_rejected_scope_are_rejected_and_no_others() {
    let stage = two_repositories();
    let scope = format!("{}/team", stage.source.address());
    let rejects = json!({"default": any(),
        "transports": {"docker": {&scope: [{"type": "reject"}]}}});
    stage.world.write(FILE, &rejects.to_string());
    let why = format!("rejects it, by its scope `{scope}` of `docker`");
    let plan = stage.world.run(&["plan", "sync.yaml"]).expect_code(3);
    assert!(plan.stdout.contains("refused by `policy.json`"), "{}", plan.snapshot());
    assert!(plan.stdout.contains(&why), "{}", plan.snapshot());
    for other in ["copied", "unchanged"] {
        let ended = stage.run().code(3);
        let team = item(&ended, "team/app");
        assert_eq!(team["status"], "rejected", "{team}");
        assert!(team["fault"]["message"].as_str().unwrap().contains(&why), "{team}");
        assert_eq!(item(&ended, "other/app")["status"], other, "{}", ended.report);
        assert_eq!(stage.mirrored(), [""; 0]);
    }
    let told = stage.world.run(&["run", "sync.yaml", "--events", "events.jsonl"]);
    let events = fs::read_to_string(stage.world.here().join("events.jsonl")).unwrap();
    let judged: Vec<&str> = events.lines().filter(|line| line.contains("policy.json")).collect();
    assert!(judged.iter().any(|line| line.contains(&why)), "{}\n{events}", told.snapshot());
}

#[test]
fn a_rejected_image_that_the_destination_has_is_rejected_too() {
    let stage = two_repositories();
    drop(stage.run().code(0));
    stage.mirror.journal().clear();
    stage.world.write(FILE, &json!({"default": [{"type": "reject"}]}).to_string());
    let ended = stage.run().code(3);
    for name in ["team/app", "other/app"] {
        assert_eq!(item(&ended, name)["status"], "rejected", "{}", ended.report);
    }
    assert!(ended.says("rejects it, by its `default`"), "{}", ended.report);
    assert_eq!(stage.mirror.journal().writes(), 0, "{}", stage.mirror.journal().lines());
}

#[test]
fn the_policy_of_rhel_lets_other_images_run() {
    let (stage, redhat) = (Stage::new(), Registry::open());
    Seed::new(62).image(&[300]).push_into(&stage.source, "team/app", "v1");
    Seed::new(63).image(&[300]).push_into(&redhat, "ubi9/ubi", "9.5");
    stage.world.write(FILE, RHEL);
    stage.spec("all", &json!({}));
    assert_eq!(stage.run().code(0).status(), "copied");

    let endpoint = |at: &Registry| json!({"endpoint": at.url()});
    let (from, to) = (stage.source.address().to_string(), stage.mirror.address().to_string());
    let steps = json!({
        "registries": {
            &from: endpoint(&stage.source),
            &to: endpoint(&stage.mirror),
            "registry.redhat.io": endpoint(&redhat),
        },
        "sources": {"all": {"from": [stage.app(), "registry.redhat.io/ubi9/ubi:9.5"]}},
    });
    stage.spec("all", &steps);
    let ended = stage.run().code(3);
    assert_eq!(item(&ended, "team/app")["status"], "unchanged");
    let refused = item(&ended, "registry.redhat.io");
    assert_eq!(refused["status"], "rejected", "{refused}");
    assert_eq!(refused["fault"]["code"], "role::policy-unsupported", "{refused}");
    let message = refused["fault"]["message"].as_str().unwrap();
    for part in
        ["`registry.redhat.io/ubi9/ubi:9.5`", "`signedBy`", "`registry.redhat.io` of `docker`"]
    {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_requirement_that_is_not_supported_refuses_the_images_of_its_folder_only() {
    let world = world!();
    for (seed, folder) in [(64, "good"), (65, "bad")] {
        Seed::new(seed).image(&[300]).write_layout(&world.here().join(folder), "v1");
    }
    let bad = world.here().canonicalize().unwrap().join("bad").display().to_string();
    let asks = json!([{"type": "sigstoreSigned", "keyPath": "/key.pub"}]);
    let policy = json!({"default": any(), "transports": {"oci": {&bad: asks}, "dir": {"": any()}}});
    world.write(FILE, &policy.to_string());
    let spec = json!({
        "apiVersion": "engine/v1",
        "run": {"state": "none"},
        "sources": {"good": {"from": "oci:good:v1"}, "bad": {"from": "oci:bad:v1"}},
        "sinks": {
            "good-too": {"inputs": ["good"], "to": "dir:out/good"},
            "bad-too": {"inputs": ["bad"], "to": "dir:out/bad"},
        },
    });
    world.write("sync.yaml", &spec.to_string());
    let outcome = world.run(&["run", "sync.yaml"]).expect_code(3);
    let why = format!("asks for `sigstoreSigned`, by its scope `{bad}` of `oci`");
    assert!(outcome.stderr.contains(&why), "{why}\n{}", outcome.snapshot());
    assert!(world.here().join("out/good/manifest.json").exists());
    assert!(!world.here().join("out/bad/manifest.json").exists());
}

#[test]
fn a_policy_that_cannot_be_parsed_ends_a_run_with_line_and_column() {
    let stage = two_repositories();
    let text = "{\n  \"default\": [{\"type\": \"insecureAcceptAnything\"}],\n  \"transport\": {},\n  \
        \"transports\": {\"docker\": {\"quay.io\": [{\"type\": \"signdBy\"}]}}\n}\n";
    for (text, lines) in [
        (
            text,
            &[
                "policy.json:3:3: unknown member `transport` [config::policy-invalid]",
                "policy.json:4:50: `signdBy` is not a word that is known here",
                "help: did you mean `signedBy`?",
            ][..],
        ),
        (
            "{\n  \"default\": [}\n",
            &["policy.json:2:15: the trust policy is not JSON: expected value"],
        ),
    ] {
        stage.world.write(FILE, text);
        for command in ["run", "plan"] {
            let outcome = stage.world.run(&[command, "sync.yaml"]).expect_code(78);
            for line in lines {
                assert!(outcome.stderr.contains(*line), "{line}\n{}", outcome.stderr);
            }
        }
    }
    assert_eq!(stage.source.journal().lines(), "", "nobody is asked before");
    drop(stage.world.run(&["check", "sync.yaml"]).expect_success());
}
