//! Components out of a registry: pulled by digest, kept, and never taken unseen.

use bytes::Bytes;
use engine::oci::Digest;
use engine_tests::guest::component;
use engine_tests::registry::Registry;
use engine_tests::world;
use engine_tests::world::World;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const WASM: &str = "application/wasm";

/// Pushes the component of a guest as an artifact and says where it is.
fn pushed(registry: &Registry, guest: &str, media_type: &str) -> String {
    let bytes = Bytes::from(fs::read(component(guest)).unwrap());
    let (layer, config) = (Digest::of(&bytes), Bytes::from_static(b"{}"));
    let config_digest = Digest::of(&config);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {
            "mediaType": "application/vnd.wasm.config.v0+json",
            "digest": config_digest.to_string(),
            "size": config.len(),
        },
        "layers": [{"mediaType": media_type, "digest": layer.to_string(), "size": bytes.len()}],
    });
    let mut store = registry.store();
    store.add_blob("plugins/guest", &config_digest, config);
    store.add_blob("plugins/guest", &layer, bytes);
    let manifest = Bytes::from(manifest.to_string());
    let digest = store.add_manifest("plugins/guest", MANIFEST, manifest);
    format!("oci://{}/plugins/guest@{digest}", registry.address())
}

/// A spec that uses the component, at a registry without TLS.
fn spec(world: &World, registry: &Registry, from: &str) {
    let at = registry.address().to_string();
    let spec = json!({
        "apiVersion": "engine/v1",
        "registries": {at: {"endpoint": registry.url()}},
        "plugins": {"guest": {"from": from}},
        "sources": {"images": {"plugin": "guest", "with": {"at": "resolve", "acts": {}}}},
        "sinks": {"out": {"inputs": ["images"], "to": "oci:out:{{ item.source.repo }}:{{ item.tag }}"}},
    });
    world.write("sync.yaml", &spec.to_string());
}

fn stored(world: &World, reference: &str) -> PathBuf {
    let hex = reference.rsplit(':').next().unwrap();
    world.home().join(".local/share/engine/components/sha256").join(hex)
}

#[track_caller]
fn refused(world: &World, words: &[&str]) {
    let checked = world.run(&["check", "sync.yaml"]).expect_code(65);
    for word in words {
        assert!(checked.stderr.contains(word), "{word}\n{}", checked.stderr);
    }
}

#[test]
fn a_missing_component_names_the_command_that_gets_it() {
    let (world, registry) = (world!(), Registry::open());
    let reference = pushed(&registry, "wanderer", WASM);
    spec(&world, &registry, &reference);
    refused(&world, &["[host::not-pulled]", "run `engine plugin pull --spec sync.yaml`"]);
    let pull = ["plugin", "pull", "--spec", "sync.yaml"];
    let pulled = world.run(&pull).expect_success().stdout;
    assert!(
        pulled.starts_with(&format!("pulled  {reference}  wanderer 0.1.0  wants ")),
        "{pulled}"
    );
    registry.journal().clear();
    assert!(world.run(&pull).expect_success().stdout.starts_with("was there  "));
    assert_eq!(registry.journal().lines(), "", "nothing is asked for what is there");
    let listed = world.run(&["plugin", "list"]).expect_success().stdout;
    let (_, digest) = reference.split_once('@').unwrap();
    let line = listed.lines().find(|line| line.starts_with("wanderer ")).expect("it is listed");
    assert!(line.ends_with(digest), "{listed}");
    drop(world.run(&["check", "sync.yaml"]).expect_success());
    let run = world.run(&["run", "sync.yaml", "--report", "report.json"]).expect_success();
    let report = fs::read(world.here().join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert!(report["summary"]["copied"].as_u64() > Some(0), "{}", run.snapshot());
}

#[test]
fn the_older_word_for_the_layer_is_known() {
    let (world, registry) = (world!(), Registry::open());
    let old = pushed(&registry, "wanderer", "application/vnd.wasm.content.layer.v1+wasm");
    spec(&world, &registry, &old);
    drop(world.run(&["plugin", "pull", &old, "--spec", "sync.yaml"]).expect_success());
}

#[test]
fn a_file_that_changed_on_disk_is_refused() {
    let (world, registry) = (world!(), Registry::open());
    let reference = pushed(&registry, "wanderer", WASM);
    spec(&world, &registry, &reference);
    let pull = ["plugin", "pull", "--spec", "sync.yaml"];
    drop(world.run(&pull).expect_success());
    let file = stored(&world, &reference).join("component.wasm");
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, &bytes).unwrap();
    refused(&world, &["[host::store-changed]", "another digest"]);
    let listed = world.run(&["plugin", "list"]).expect_success();
    assert!(listed.stderr.contains("another digest"), "{}", listed.snapshot());
    let run = world.run(&["run", "sync.yaml"]).expect_code(65);
    assert!(!world.here().join("out").exists(), "nothing was begun\n{}", run.snapshot());
    drop(world.run(&pull).expect_success());
    drop(world.run(&["check", "sync.yaml"]).expect_success());
}

#[test]
fn what_is_no_component_is_not_kept() {
    let (world, registry) = (world!(), Registry::open());
    let other = pushed(&registry, "wanderer", "application/octet-stream");
    spec(&world, &registry, &other);
    let outcome = world.run(&["plugin", "pull", "--spec", "sync.yaml"]);
    assert_ne!(outcome.code, 0);
    assert!(outcome.stderr.contains("[host::bad-artifact]"), "{}", outcome.snapshot());
    assert!(!stored(&world, &other).exists());

    let gone = format!("oci://{}/plugins/guest@{}", registry.address(), Digest::of(b"gone"));
    let outcome = world.run(&["plugin", "pull", &gone, "--spec", "sync.yaml"]);
    assert!(outcome.stderr.contains("[run::no-component]"), "{}", outcome.snapshot());
}

#[test]
fn only_a_digest_names_a_component() {
    let (world, registry) = (world!(), Registry::open());
    for (from, code) in [
        (format!("oci://{}/plugins/guest:v1", registry.address()), "graph::unpinned-component"),
        ("https://files.example/guest.wasm".to_owned(), "graph::bad-component"),
    ] {
        spec(&world, &registry, &from);
        refused(&world, &[code]);
        let pulled = world.run(&["plugin", "pull", &from]);
        assert!(pulled.code != 0 && pulled.stderr.contains(code), "{}", pulled.snapshot());
    }
    assert_eq!(registry.journal().lines(), "", "nothing was asked");
}
