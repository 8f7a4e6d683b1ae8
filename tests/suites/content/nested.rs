//! Indexes within an index: cut to platforms, and chosen by what is in them.

use super::pair::Pair;
use engine_tests::audit::Audited;
use engine_tests::images::{Seed, Seeded};
use serde_json::{Value, json};
use std::fs;

const PLATFORMS: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// A pair with the image in a layout.
fn with_layout(image: &Seeded) -> Pair {
    let pair = Pair::new();
    image.write_layout(&pair.world.here().join("in"), "app:v1");
    pair
}

fn spec(step: &str) -> String {
    format!(
        "run: {{attempts: 1}}\nsources: {{app: {{from: \"oci:in:app:v1\"}}}}\n{step}\n\
         sinks: {{mirror: {{inputs: [step], to: MIRROR/copy/app}}}}"
    )
}

fn cut(platform: &str, index: &str) -> String {
    spec(&format!(
        "transforms: {{step: {{inputs: [app], platforms: {{keep: [{platform}], index: {index}}}}}}}"
    ))
}

#[test]
fn a_cut_goes_through_nested_indexes() {
    let image = Seed::new(840).nested_attested(&PLATFORMS, &[300]);
    let pair = with_layout(&image);
    drop(pair.run(&cut("linux/arm64", "rewrite")).expect_success());
    Audited::Registry(&pair.mirror).assert_sound();
    let top = pair.manifest("copy/app", "v1");
    let nested = top["manifests"][0]["digest"].as_str().unwrap().to_owned();
    let nested = pair.manifest("copy/app", &nested);
    let before: Value = serde_json::from_slice(&image.manifests[4].bytes).unwrap();
    let wanted: Vec<&Value> = [1_usize, 3].iter().map(|at| &before["manifests"][at]).collect();
    assert_eq!(nested["manifests"], json!(wanted), "the image and its attestation");
    assert_eq!(pair.mirror.store().manifests("copy/app").len(), 4);
    pair.mirror.journal().clear();
    drop(pair.again().expect_success());
    assert_eq!(pair.mirror.journal().writes(), 0, "{}", pair.mirror.journal().lines());
    assert_eq!(pair.report()["summary"]["unchanged"], 1);
}

#[test]
fn what_is_nested_counts_when_images_are_chosen() {
    let image = Seed::new(841).nested_attested(&PLATFORMS, &[300]);
    let filter = |rule: &str| spec(&format!("filters: {{step: {{inputs: [app], {rule}}}}}"));
    for (spec, passes) in [
        (cut("linux/amd64", "keep"), true),
        (cut("linux/amd64", "sparse"), true),
        (cut("linux/s390x", "keep"), false),
        (cut("linux/s390x", "sparse"), false),
        (cut("linux/s390x", "rewrite"), false),
        (filter("platforms: [linux/amd64, linux/arm64]"), true),
        (filter("platforms: [linux/s390x]"), false),
        (filter("labels: {include: {seeded: .}}"), true),
        (filter("labels: {exclude: {seeded: .}}"), false),
    ] {
        let pair = with_layout(&image);
        drop(pair.run(&spec).expect_success());
        if passes {
            pair.assert_same(&image, "copy/app", "v1");
        } else {
            assert!(pair.names().is_empty(), "{spec}");
            assert_eq!(pair.report()["skips"].as_array().unwrap().len(), 1, "{spec}");
        }
    }
}

#[test]
fn a_nested_index_that_is_gone_is_named() {
    let image = Seed::new(842).nested_attested(&PLATFORMS, &[300]);
    for step in ["transforms: {step: {inputs: [app], annotate: {set: {x: y}}}}".to_owned()]
        .map(|step| spec(&step))
        .into_iter()
        .chain([cut("linux/arm64", "rewrite")])
    {
        let pair = with_layout(&image);
        let gone = &image.manifests[4].digest;
        fs::remove_file(pair.world.here().join("in/blobs/sha256").join(gone.hex())).unwrap();
        drop(pair.run(&step).expect_code(1));
        let fault = pair.report()["items"][0]["fault"].to_string();
        assert!(fault.contains(gone.as_str()), "{fault}");
        assert!(pair.names().is_empty(), "no name without content");
    }
}
