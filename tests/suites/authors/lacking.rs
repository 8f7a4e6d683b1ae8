//! What a spec lacks is said with the line to add, and what is wrong in it with its place.

use crate::plugins::Play;
use engine_tests::guest::component;
use engine_tests::world;
use std::fs;

#[test]
fn a_refusal_says_what_was_granted_and_what_to_add() {
    let acts = [("app", "GET https://files.example/x")];
    let played = Play::of("wanderer", "resolve", &acts)
        .grants(serde_json::json!({"http": ["https://other.example"]}))
        .run();
    let fault = played.fault("app");
    assert_eq!(fault["code"], "http::not-granted");
    let help = fault["help"].as_str().unwrap();
    assert!(help.contains("granted is `https://other.example`"), "{help}");
    let line = "add `grants: {http: [\"https://files.example:443\"]}` to `plugins.guest`";
    assert!(help.contains(line), "{help}");
}

#[test]
fn settings_are_checked_by_the_plugin_s_own_schema_at_their_place() {
    let world = world!();
    fs::copy(component("wanderer"), world.here().join("guest.wasm")).unwrap();
    let spec = "apiVersion: engine/v1\nplugins: {guest: {from: guest.wasm}}\nsources:\n  a:\n    \
                plugin: guest\n    with:\n      at: nowhere\n      acts: {}\n      more: 1\n\
                sinks: {out: {inputs: [a], to: \"oci:out:{{ item.tag }}\"}}\n";
    world.write("sync.yaml", spec);
    let checked = world.run(&["check", "sync.yaml"]).expect_code(65);
    for said in ["sync.yaml:7:11: ", "sync.yaml:9:7: "] {
        assert!(checked.stderr.contains(said), "{said}\n{}", checked.stderr);
    }
}
