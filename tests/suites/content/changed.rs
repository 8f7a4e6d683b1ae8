//! Transforms: indexes that are cut, and annotations.

use super::pair::Pair;
use engine_tests::images::{Dialect, Seed, Seeded};
use serde_json::Value;

const PLATFORMS: [&str; 3] = ["linux/amd64", "linux/arm64", "linux/s390x"];

fn cut(how: &str) -> String {
    format!(
        "sources: {{app: {{from: SOURCE/app:v1}}}}\n\
         transforms: {{cut: {{inputs: [app], platforms: {{keep: [linux/arm64], index: {how}}}}}}}\n\
         sinks: {{mirror: {{inputs: [cut], to: \"MIRROR/copy/{{{{ item.source.repo }}}}\"}}}}"
    )
}

fn children(index: &Value) -> Vec<String> {
    let children = index["manifests"].as_array().unwrap().iter();
    children.map(|child| child["digest"].as_str().unwrap().to_owned()).collect()
}

/// A pair that has run the cut, with the image at its source.
fn after(image: &Seeded, how: &str) -> Pair {
    let pair = Pair::new();
    pair.give(image, "app", "v1");
    drop(pair.run(&cut(how)).expect_success());
    pair
}

#[test]
fn rewrite_makes_an_index_of_what_stays_with_its_attestations() {
    for image in [
        Seed::new(820).attested(&PLATFORMS, &[300]),
        Seed::new(821).index(Dialect::Docker, &PLATFORMS, &[300]),
    ] {
        let pair = after(&image, "rewrite");
        engine_tests::audit::Audited::Registry(&pair.mirror).assert_sound();
        let before: Value = serde_json::from_slice(image.top_bytes()).unwrap();
        let index = pair.manifest("copy/app", "v1");
        let wanted: Vec<Value> =
            [1, 4].iter().filter_map(|at| before["manifests"].get(at).cloned()).collect();
        assert_eq!(index["manifests"], Value::Array(wanted), "descriptors are kept as they were");
        assert_eq!(index["mediaType"], before["mediaType"]);
        let kept = pair.mirror.store().manifests("copy/app").len();
        assert_eq!(kept, children(&index).len() + 1, "nothing else was written");
        pair.mirror.journal().clear();
        drop(pair.again().expect_success());
        assert_eq!(pair.mirror.journal().writes(), 0, "{}", pair.mirror.journal().lines());
        assert_eq!(pair.report()["summary"]["unchanged"], 1);
    }
}

#[test]
fn sparse_keeps_the_index_and_copies_some_children() {
    let image = Seed::new(822).attested(&PLATFORMS, &[300]);
    let pair = Pair::of(
        engine_tests::registry::Options::default(),
        engine_tests::registry::Options { checks_nothing: true, ..Default::default() },
    );
    pair.give(&image, "app", "v1");
    drop(pair.run(&cut("sparse")).expect_success());
    assert_eq!(pair.mirrored("copy/app", "v1").unwrap(), image.top.digest);
    let all = children(&serde_json::from_slice(image.top_bytes()).unwrap());
    let store = pair.mirror.store();
    let there: Vec<bool> =
        all.iter().map(|child| store.manifest("copy/app", child).is_some()).collect();
    assert_eq!(there, [false, true, false, false, true, false], "arm64 and its attestation");
    assert_eq!(store.blobs("copy/app").len(), 4);
}

#[test]
fn keep_copies_all_and_leaves_out_what_lacks_a_platform() {
    let image = Seed::new(823).index(Dialect::Oci, &PLATFORMS, &[300]);
    let pair = after(&image, "keep");
    pair.assert_same(&image, "copy/app", "v1");

    let pair = Pair::new();
    pair.give(&Seed::new(824).index(Dialect::Oci, &["linux/amd64"], &[300]), "app", "v1");
    drop(pair.run(&cut("keep")).expect_success());
    assert!(pair.names().is_empty());
    let app = format!("{}/app:v1", pair.source.address());
    let why = pair.world.run(&["explain", "sync.yaml", &app]).expect_success();
    assert!(why.stdout.contains("left out by `cut`: it has no linux/arm64"), "{}", why.stdout);
}

#[test]
fn annotate_changes_annotations_and_nothing_else() {
    let pair = Pair::new();
    let image = Seed::new(825).index(Dialect::Oci, &PLATFORMS, &[300]);
    pair.give(&image, "app", "v1");
    let spec = "sources: {app: {from: SOURCE/app:v1}}\n\
        transforms: {note: {inputs: [app], annotate: {set: {org.example.from: \"{{ item.source.ref }}\", x: y}, remove: [none]}}}\n\
        sinks: {mirror: {inputs: [note], to: MIRROR/copy/app}}";
    drop(pair.run(spec).expect_success());
    let index = pair.manifest("copy/app", "v1");
    let before: Value = serde_json::from_slice(image.top_bytes()).unwrap();
    assert_eq!(index["manifests"], before["manifests"]);
    let from = format!("{}/app:v1", pair.source.address());
    assert_eq!(index["annotations"]["x"], "y");
    let said = index["annotations"]["org.example.from"].as_str().unwrap();
    assert_eq!(said.trim_start_matches("docker://"), from);
    pair.mirror.journal().clear();
    drop(pair.again().expect_success());
    assert_eq!(pair.mirror.journal().writes(), 0, "{}", pair.mirror.journal().lines());
}

#[test]
fn docker_manifests_have_no_annotations() {
    let pair = Pair::new();
    pair.give(&Seed::new(826).docker_image(&[300]), "app", "v1");
    pair.spec(
        "sources: {app: {from: SOURCE/app:v1}}\n\
         transforms: {note: {inputs: [app], annotate: {set: {x: y}}}}\n\
         sinks: {mirror: {inputs: [note], to: MIRROR/copy/app}}",
    );
    let outcome = pair.world.run(&["plan", "sync.yaml"]);
    let all = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(all.contains("annotations"), "{}", outcome.snapshot());
    drop(pair.again().expect_code(1));
    assert!(pair.names().is_empty());
}
