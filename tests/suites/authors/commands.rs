//! `engine plugin new`, `build` and `call`, and what they say when something is wrong.

use engine_tests::guest::component;
use engine_tests::world;
use engine_tests::world::{Outcome, World};
use serde_json::Value;
use std::fs;

const SECTION: &[u8] = b"engine:plugin-manifest";

/// A folder whose own command makes the component of a guest, without its manifest.
fn shop(guest: &str, interfaces: &str) -> World {
    let world = world!();
    let mut bytes = fs::read(component(guest)).unwrap();
    let name = bytes.windows(SECTION.len()).rposition(|part| part == SECTION).unwrap();
    // Before the name: the section's id, its length in two bytes, the length of the name.
    bytes.truncate(name - 4);
    fs::create_dir(world.here().join("shop")).unwrap();
    fs::write(world.here().join("shop/made.wasm"), bytes).unwrap();
    world.write("shop/settings.schema.json", "{\"type\": \"object\"}");
    world.write(
        "shop/plugin.toml",
        &format!(
            "name = \"transport-shop\"\nversion = \"1.0.0\"\nrole = \"transport\"\n\
             [wants]\ninterfaces = [{interfaces}]\n\
             [build]\ncommand = [\"cp\", \"made.wasm\", \"built.wasm\"]\noutput = \"built.wasm\"\n"
        ),
    );
    world
}

#[track_caller]
fn refused(outcome: &Outcome, words: &[&str]) {
    assert_ne!(outcome.code, 0);
    for word in words {
        assert!(outcome.stderr.contains(word), "{word}\n{}", outcome.snapshot());
    }
}

#[test]
fn a_folder_is_made_once_by_its_right_name() {
    let world = world!();
    drop(world.run(&["plugin", "new", "transport-x", "--into", "deep/er"]).expect_success());
    assert!(world.here().join("deep/er/transport-x/src/lib.rs").exists());
    let again = world.run(&["plugin", "new", "transport-x", "--into", "deep/er"]).expect_code(64);
    refused(&again, &["is there already", "nothing was written"]);
    let bad = world.run(&["plugin", "new", "X"]).expect_code(64);
    refused(&bad, &["`X` is no name for a plugin", "transport-x"]);
    assert_eq!(fs::read_dir(world.here()).unwrap().count(), 1, "nothing else was made");
}

#[test]
fn any_tool_can_make_the_component() {
    let world = shop("wanderer", "\"http\", \"fs\", \"clock\", \"random\"");
    let built = world.run(&["plugin", "build", "shop", "-o", "shop.wasm"]).expect_success();
    assert!(built.stdout.starts_with("shop.wasm  "), "{}", built.stdout);
    assert!(built.stdout.contains("  wants http, fs, clock, random"), "{}", built.stdout);
    let told = world.run(&["plugin", "call", "shop.wasm", "describe"]).expect_success();
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert!(told["listsTags"].is_boolean(), "{told}");
    let shown = world.run(&["plugin", "inspect", "shop.wasm"]).expect_success().stdout;
    assert!(shown.starts_with("transport-shop 1.0.0, a transport\n"), "{shown}");
}

#[test]
fn what_is_built_is_held_to_its_manifest() {
    let world = shop("wanderer", "\"clock\"");
    let outcome = world.run(&["plugin", "build", "shop"]).expect_code(1);
    refused(&outcome, &["`engine:plugin/http@0.2.0`", "add `\"http\"` to `interfaces`"]);
    assert!(!world.here().join("shop/transport-shop.wasm").exists(), "nothing is written");

    let toml = fs::read_to_string(world.here().join("shop/plugin.toml")).unwrap();
    world.write("shop/plugin.toml", &toml.replace("[wants]", "wishes = 1\n[wants]"));
    refused(&world.run(&["plugin", "build", "shop"]), &["plugin.toml:4:1: unknown field `wishes`"]);
    world.write("shop/plugin.toml", &toml);
    world.write("shop/settings.schema.json", "{\n  nothing\n}");
    refused(&world.run(&["plugin", "build", "shop"]), &["settings.schema.json:2:"]);
    world.write("shop/settings.schema.json", "{}");
    world.write("shop/plugin.toml", &toml.replace("\"cp\"", "\"no-such-tool\""));
    refused(&world.run(&["plugin", "build", "shop"]), &["`no-such-tool` is not here", "help: "]);
    world.write("shop/plugin.toml", &toml.replace("\"made.wasm\"", "\"gone.wasm\""));
    refused(&world.run(&["plugin", "build", "shop"]), &["`cp` could not build the plugin"]);
}

#[test]
fn a_missing_tool_says_how_to_get_it() {
    let world = world!().with("PATH", "/nowhere");
    for (language, help) in [
        ("rust", "rustup target add wasm32-unknown-unknown"),
        ("javascript", "npm install"),
        ("python", "pip install -r requirements.txt"),
    ] {
        let name = format!("transport-{language}");
        drop(world.run(&["plugin", "new", &name, "--language", language]).expect_success());
        refused(&world.run(&["plugin", "build", &name]), &["is not here", help]);
    }
    let outcome = world.run(&["plugin", "build", "."]).expect_code(1);
    refused(&outcome, &["is no folder of a plugin", "engine plugin new"]);
}

#[test]
fn a_call_has_the_walls_of_a_run() {
    let world = world!();
    fs::copy(component("wanderer"), world.here().join("guest.wasm")).unwrap();
    let with = r#"{"at": "tags", "acts": {"app": "GET https://files.example/x"}}"#;
    let call = ["plugin", "call", "guest.wasm", "--with", with, "list-tags", "app"];
    let outcome = world.run(&call).expect_code(1);
    refused(&outcome, &["[http::not-granted]", "add `--http https://files.example:443`"]);
    let wrong = world.run(&["plugin", "call", "guest.wasm", "list-repositories"]);
    refused(&wrong, &["`at` is missing"]);
    let none = world.run(&["plugin", "call", "nothing.wasm", "describe"]);
    refused(&none, &["could not be read", "[host::unreadable]"]);
    refused(&world.run(&["plugin", "call", "guest.wasm", "fly"]).expect_code(64), &["fly"]);
}
