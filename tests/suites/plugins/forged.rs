//! Components that say they are what they are not, or want what no manifest may give itself.

use super::play::Play;
use super::refusals::{parts, play, refused, with_manifest};
use engine_tests::guest::component;
use engine_tests::images::Seed;
use engine_tests::world;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The wanderer with a changed manifest.
fn changed(change: impl Fn(&mut Value)) -> Vec<u8> {
    let (bytes, mut manifest) = parts("wanderer");
    change(&mut manifest);
    with_manifest(bytes, &manifest.to_string())
}

#[test]
fn nobody_else_is_called_as_a_built_in_one() {
    for name in ["transport-registry", "transport-oci-layout", "transport-dir"] {
        refused(&changed(|said| said["manifest"]["name"] = json!(name)), "host::manifest");
    }
}

/// Words are the built-in ones' own: a stranger that answers to one is asked nothing by it.
#[test]
fn a_strangers_words_are_not_heard() {
    let forged = changed(|said| {
        said["manifest"]["transports"] = json!(["docker", "oci", "dir", "strange"]);
    });
    let played = play(&forged).run();
    played.expect(&[]);
    let items = played.report["items"].as_array().unwrap();
    let honest = items.iter().find(|item| item["trace"][0] == "honest").unwrap();
    assert_eq!(honest["status"], "copied", "{honest}");
}

/// A manifest says how references look in words of a closed list.
#[test]
fn shapes_are_of_a_closed_list() {
    let good = json!({"shape": "path", "scopes": "path", "names": "oci", "place": "file"});
    let fine = changed(|said| said["manifest"]["reference"] = good.clone());
    play(&fine).run().expect(&[]);
    for (key, value) in [
        ("shape", json!("anything")),
        ("scopes", json!("all")),
        ("names", json!(7)),
        ("place", json!("pipe")),
        ("more", json!("x")),
        ("shape", json!("registry")),
        ("shape", Value::Null),
    ] {
        let mut form = good.clone();
        form[key] = value;
        refused(&changed(|said| said["manifest"]["reference"] = form.clone()), "host::manifest");
    }
    let filter = changed(|said| {
        said["manifest"]["reference"] = good.clone();
        said["manifest"]["role"] = json!("filter");
    });
    refused(&filter, "host::manifest");
}

#[test]
fn names_are_names() {
    let long = "x".repeat(300);
    for name in ["", " ", "a b", "\u{1b}[2J", "a\nb", "../x", "UPPER", "ü", &long] {
        refused(&changed(|said| said["manifest"]["name"] = json!(name)), "host::manifest");
        refused(&changed(|said| said["manifest"]["version"] = json!(name)), "host::manifest");
    }
}

/// A guest may ask for more than usual, but what is beyond reason is the spec's to give.
#[test]
fn no_manifest_lifts_its_own_bounds() {
    for (limit, much) in [
        ("memory_bytes", 1_u64 << 40),
        ("cpu_millis", u64::MAX),
        ("time_millis", u64::MAX),
        ("idle_millis", u64::MAX),
        ("log_bytes", 1 << 40),
        ("handles", 1 << 30),
        ("requests", 1 << 30),
    ] {
        let forged = changed(|said| said["manifest"]["limits"] = json!({limit: much}));
        refused(&forged, "host::manifest");
    }
}

#[test]
fn one_manifest_and_a_small_one() {
    let (bytes, manifest) = parts("wanderer");
    let once = with_manifest(bytes.clone(), &manifest.to_string());
    refused(&with_manifest(once, &manifest.to_string()), "host::manifest");
    let mut large = manifest;
    large["settings"]["description"] = json!("x".repeat(60 << 20));
    refused(&with_manifest(bytes, &large.to_string()), "host::manifest");
}

/// Schemas of settings are checked by the engine itself: none makes it fetch, or compute for ever.
#[test]
fn schemas_do_no_harm() {
    let deep = (0..90).fold(json!({}), |inner, _| json!({"not": inner}));
    for schema in [
        json!({"$ref": "file:///etc/passwd"}),
        json!({"$ref": "http://127.0.0.1:1/schema.json"}),
        json!({"$ref": "#/nowhere"}),
        json!({"type": 7}),
        json!({"pattern": "("}),
        json!("no schema"),
    ] {
        let outcome = play(&changed(|said| said["settings"] = schema.clone())).refused();
        let outcome = outcome.expect_code(65);
        assert!(outcome.stderr.contains("[plugin::bad-schema]"), "{}", outcome.snapshot());
    }
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"additionalProperties": {"$ref": "#"}}),
        json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}),
        json!({"properties": {"at": {"pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"}}}),
        json!({"properties": {"at": {"pattern": "(?=(a+))\\1b|^(a|a?)+$"}}}),
        deep,
    ] {
        let play = play(&changed(|said| said["settings"] = schema.clone()));
        let outcome = play.refused();
        assert!([0, 65].contains(&outcome.code), "{schema}: {}", outcome.snapshot());
        assert!(outcome.took < std::time::Duration::from_secs(20), "{schema}: {outcome:?}");
    }
}

#[test]
fn cut_anywhere_it_is_no_plugin() {
    let whole = fs::read(component("wanderer")).unwrap();
    for part in [9, 16, whole.len() / 7, whole.len() / 3, whole.len() - 100, whole.len() - 2] {
        refused(&whole[..part], "host::not-a-plugin");
    }
}

/// A component for another version of the interface is refused with both versions named.
#[test]
fn what_is_built_for_another_version() {
    for (own, other, code) in [
        ("engine:plugin/transport@0.2.0", "engine:plugin/transport@0.3.0", "host::other-interface"),
        ("engine:plugin/http@0.2.0", "engine:plugin/http@0.1.0", "host::other-interface"),
        ("engine:plugin/http@0.2.0", "engine:plagin/http@0.2.0", "host::foreign-import"),
    ] {
        let mut bytes = fs::read(component("wanderer")).unwrap();
        let places: Vec<usize> = bytes
            .windows(own.len())
            .enumerate()
            .filter(|(_, part)| *part == own.as_bytes())
            .map(|(at, _)| at)
            .collect();
        assert!(!places.is_empty(), "{own}");
        for at in places {
            bytes[at..][..own.len()].copy_from_slice(other.as_bytes());
        }
        let played = play(&bytes).run();
        assert_eq!(played.faults(), [("hostile".to_owned(), code.to_owned())], "{other}");
    }
}

/// A real one: the guest `filter-wild`, built by this repository when its interface was 0.1.0.
#[test]
fn what_was_built_for_the_older_interface() {
    let older = "fixtures/plugins/filter-of-interface-0.1.0.wasm";
    let older = Path::new(env!("CARGO_MANIFEST_DIR")).join(older);
    let world = world!();
    Seed::new(7).image(&[2000]).write_layout(&world.here().join("honest"), "v1");
    let spec = json!({
        "apiVersion": "engine/v1",
        "plugins": {"older": {"from": older}},
        "sources": {"honest": {"from": "oci:honest:v1"}},
        "filters": {"some": {"inputs": ["honest"], "plugin": "older", "with": {"act": "keep"}}},
        "sinks": {
            "all": {"inputs": ["honest"], "to": "oci:all:x:1"},
            "few": {"inputs": ["some"], "to": "oci:few:x:1"},
        },
    });
    world.write("sync.yaml", &spec.to_string());
    let outcome = world.run(&["run", "sync.yaml"]).expect_code(1);
    let said = "the plugin is built for the interface `engine:plugin@0.1.0`, and this engine has \
        `engine:plugin@0.2.0`";
    assert!(outcome.stderr.contains(said), "{}", outcome.snapshot());
    assert!(outcome.stderr.contains("[host::other-interface]"), "{}", outcome.snapshot());
    assert!(world.here().join("all/index.json").exists() && !world.here().join("few").exists());
}

/// What a guest does when it is asked what it can do: `describe` has bounds as any call.
#[test]
fn herald() {
    let bytes = fs::read(component("herald")).unwrap();
    let at = bytes.windows(12).position(|part| part == b"herald-act:-").unwrap() + 11;
    for (act, end) in [
        (b't', Some("host::trap")),
        (b's', Some("host::out-of-cpu")),
        (b'm', Some("host::out-of-memory")),
        (b'h', Some("host::too-many-handles")),
        (b'l', None),
        (b'a', None),
    ] {
        let mut changed = bytes.clone();
        changed[at] = act;
        let play = Play::of("herald", "resolve", &[]);
        let path = play.world.here().join("guest.wasm");
        fs::write(&path, &changed).unwrap();
        let played = play.component(path).limits(json!({"cpu": "5s"})).run();
        let codes: Vec<_> = played.faults().into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes.first().map(String::as_str), end, "{}", char::from(act));
        assert_eq!(played.ends()["honest"], "copied");
        let said = played.outcome.stdout.len() + played.outcome.stderr.len();
        assert!(said < 400_000, "{said} bytes were said");
    }
}
