//! Transports that references name by a word of their own: the id of a plugin whose manifest says how such
//! references look.

use super::ArchiveFile;
use super::archive_scene::{Scene, all};
use engine_tests::audit::Audited;
use engine_tests::guest::component;
use serde_json::{Value, json};
use std::fs;

/// Writes a spec from one reference to another.
fn spec(scene: &Scene, from: &str, to: &str) {
    let sinks = json!({"out": {"inputs": ["from"], "to": to}});
    scene.sinks(&sinks, &json!({}));
    let is_named = [from, to].iter().any(|text| text.starts_with("archive:"));
    // Its place is granted by the reference; the spec grants nothing.
    let named = json!({"archive": {"from": component("archive")}});
    scene.change(|spec| {
        spec["sources"] = json!({"from": {"from": [from]}});
        spec["plugins"] = if is_named { named } else { json!({}) };
    });
}

/// The same, of a spec that is refused before anything is opened, with this fault.
#[track_caller]
fn refused(scene: &Scene, code: &str, text: &str) {
    let outcome = scene.world.run(&["check", "sync.yaml"]).expect_code(65);
    assert!(outcome.stderr.contains(&format!("[{code}]")), "{}", outcome.snapshot());
    assert!(outcome.stderr.contains(text), "{}", outcome.snapshot());
}

/// Both ways: a file as a place, and the images by name and position.
#[test]
fn a_plugin_has_a_word_and_a_shape() {
    let mut scene = Scene::new();
    scene.add();
    spec(&scene, "source.test/app", Scene::TO);
    drop(scene.run().expect_success());
    assert_eq!(ArchiveFile::names_in(&scene.archive()), ["app:v1", "app:v2"]);
    let beside = fs::read_dir(scene.shelf()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut beside: Vec<_> = beside.collect();
    beside.sort();
    assert_eq!(beside, [".images.archive.lock", "images.archive"], "and nothing else");
    let written = fs::read(scene.archive()).unwrap();
    drop(scene.run().expect_success());
    assert_eq!(scene.ends(), all("unchanged", None, 2));
    assert!(fs::read(scene.archive()).unwrap() == written);

    spec(&scene, "archive:shelf/images.archive", "oci:read:{{ item.source.repo }}:{{ item.tag }}");
    drop(scene.run().expect_success());
    let layout = scene.world.here().join("read");
    Audited::Layout(&layout).assert_sound();
    let index = || fs::read_to_string(layout.join("index.json")).unwrap();
    assert!(scene.images.iter().all(|image| index().contains(image.top.digest.as_str())));

    spec(&scene, "archive:shelf/images.archive:app:v2", "oci:named:x:2");
    drop(scene.run().expect_success());
    let found = |layout: &str| {
        let index = scene.world.here().join(layout).join("index.json");
        let index = fs::read_to_string(index).unwrap();
        scene.images.iter().position(|image| index.contains(image.top.digest.as_str())).unwrap()
    };
    assert_eq!(found("named"), 1);
    // Which image comes first is the archive's; each position is another one.
    for position in ["0", "1"] {
        let from = format!("archive:shelf/images.archive:@{position}");
        spec(&scene, &from, &format!("oci:at-{position}:x:1"));
        drop(scene.run().expect_success());
    }
    assert_eq!(found("at-0") + found("at-1"), 1);
    spec(&scene, "archive:shelf/images.archive:@0", "oci:at-0:x:1");
    let told = scene.world.run(&["explain", "sync.yaml", "archive:shelf/images.archive:@0"]);
    assert!(told.expect_success().stdout.contains("images.archive:@0"), "it is not explained");
    // Copied from a position to another file.
    spec(&scene, "archive:shelf/images.archive:@1", "archive:shelf/other.archive:app:two");
    drop(scene.run().expect_success());
    assert_eq!(ArchiveFile::names_in(&scene.shelf().join("other.archive")), ["app:two"]);
}

#[test]
fn a_position_is_looked_up_at_a_source() {
    let scene = Scene::new();
    spec(&scene, "source.test/app:v1", "oci:layout:app:v1");
    drop(scene.run().expect_success());
    spec(&scene, "oci:layout:@0", "oci:copy:app:v1");
    drop(scene.run().expect_success());
    Audited::Layout(&scene.world.here().join("copy")).assert_sound();
    spec(&scene, "oci:layout:@7", "oci:copy:app:v7");
    drop(scene.run().expect_code(1));
    let failed = ("failed".to_owned(), Some("survey::absent".to_owned()));
    assert_eq!(scene.ends(), [failed]);
    for (from, to, text) in [
        ("oci:layout:@x", "oci:copy:a:1", "is not a position"),
        ("oci:layout:@-1", "oci:copy:a:1", "is not a position"),
        ("oci:layout:app:v1:@0", "oci:copy:a:1", "has a name and a position"),
        ("oci:layout:app:v1@0", "oci:copy:a:1", "has a name and a position"),
        ("oci:layout:@0", "oci:copy:@1", "which only a source can"),
        ("oci:layout:@0", "archive:shelf/a:@1", "which only a source can"),
    ] {
        spec(&scene, from, to);
        refused(&scene, "graph::bad-reference", text);
    }
    // Known only when it is filled in.
    spec(&scene, "source.test/app:v1", "oci:copy:{{ item.tag }}@0");
    drop(scene.run().expect_code(65));
}

#[test]
fn sinks_of_one_file_agree() {
    let (mut scene, _) = Scene::with_old();
    scene.add();
    let sink = |tag: &str, more: Value| {
        let mut sink = json!({"inputs": [tag], "to": Scene::TO});
        sink.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sink
    };
    let slow = json!({"with": {"finish": "slow"}});
    let spelled =
        json!({"to": "archive:./shelf/images.archive:app:{{ item.tag }}", "partial": true});
    for (other, key) in
        [(&slow, "with"), (&json!({"partial": true}), "partial"), (&spelled, "partial")]
    {
        scene.two_sinks(&sink("v2", json!({})), &sink("v3", other.clone()));
        refused(&scene, "graph::differing-sinks", &format!("differ in `{key}`"));
    }
    scene.two_sinks(&sink("v2", json!({})), &sink("v3", json!({"with": {}})));
    drop(scene.run().expect_success());
    scene.assert_one_end();
}

/// By its word and by its id, one file has one writer.
#[test]
fn a_file_has_one_writer_however_it_is_named() {
    let (mut scene, _) = Scene::with_old();
    scene.add();
    let by_id = json!({"inputs": ["v3"], "plugin": "archive", "to": "app"});
    scene.two_sinks(&json!({"inputs": ["v2"], "to": Scene::TO}), &by_id);
    drop(scene.run().expect_code(1));
    scene.assert_one_writer();
}

#[test]
fn words_are_those_of_transports_that_have_one() {
    let scene = Scene::new();
    for id in ["oci", "docker", "dir", "policy-rules"] {
        spec(&scene, "source.test/app", Scene::TO);
        scene.change(|spec| spec["plugins"][id] = json!({"from": component("archive")}));
        refused(&scene, "host::taken-word", &format!("`{id}` is a built-in component"));
    }
    spec(&scene, "source.test/app", "herald:out/images:app:1");
    scene.change(|spec| spec["plugins"] = json!({"herald": {"from": component("herald")}}));
    refused(&scene, "graph::no-word", "does not say how references to it look");
    refused(&scene, "graph::no-word", "`plugin: herald`");
    spec(&scene, "source.test/app", "oci:out:{{ item.tag }}");
    scene.change(|spec| {
        spec["plugins"] = json!({});
        spec["sinks"]["out"]["with"] = json!({"finish": "well"});
    });
    refused(&scene, "graph::unused-settings", "no plugin is named here");
    spec(&scene, "source.test/app", Scene::TO);
    scene.change(|spec| spec["sinks"]["out"]["with"] = json!({"finish": "never"}));
    drop(scene.world.run(&["check", "sync.yaml"]).expect_code(65));
    spec(&scene, "archive:shelf/*", "oci:out:a:1");
    refused(&scene, "graph::bad-glob", "repositories of a registry");
}
