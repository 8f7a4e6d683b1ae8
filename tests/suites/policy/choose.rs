//! The example's filter and transform at work.

use super::stage::Stage;
use engine_oci::{Digest, Manifest, Shape};
use engine_tests::images::{Dialect, Seed};
use serde_json::{Value, json};

#[test]
fn a_filter_chooses_among_tags_and_says_why_not() {
    let stage = Stage::new();
    let mut seed = Seed::new(70);
    for tag in ["1.0.1", "1.0.2", "1.0.3", "1.1.0", "latest"] {
        seed.image(&[100]).push_into(&stage.source, "team/app", tag);
    }
    stage.guest("filters", "filter-cadence", &json!({"newest": 2}), &json!({}));
    let ended = stage.run().code(0);
    assert_eq!(stage.mirrored(), ["1.0.2", "1.0.3", "1.1.0"]);
    let skips = ended.report["skips"].as_array().unwrap();
    let why = |tag: &str| {
        let of = |skip: &&Value| skip["image"].as_str().is_some_and(|image| image.ends_with(tag));
        skips.iter().find(of).map(|skip| skip["why"].as_str().unwrap().to_owned())
    };
    assert_eq!(why(":1.0.1").as_deref(), Some("there are 2 newer patch releases of 1.0"));
    assert_eq!(why(":latest").as_deref(), Some("not a version such as 1.2.3"));
}

#[test]
fn a_transform_sets_labels_once_and_the_digests_fit() {
    let stage = Stage::new();
    let platforms = ["linux/amd64", "linux/arm64"];
    let mut seed = Seed::new(71);
    seed.index(Dialect::Oci, &platforms, &[300]).push_into(&stage.source, "team/app", "v1");
    seed.image(&[300]).push_into(&stage.source, "team/app", "v2");
    let set = json!({"set": {"com.example.team": "platform"}});
    stage.guest("transforms", "transform-label", &set, &json!({}));
    drop(stage.run().code(0));
    assert_eq!(stage.mirrored(), ["v1", "v2"]);
    assert_eq!(labels(&stage, "v1"), ["platform", "platform"]);
    assert_eq!(labels(&stage, "v2"), ["platform"]);

    for journal in [stage.source.journal(), stage.mirror.journal()] {
        journal.clear();
    }
    let ended = stage.run().code(0);
    assert_eq!(ended.report["summary"]["unchanged"], 2, "{}", ended.report);
    assert_eq!(stage.mirror.journal().writes(), 0, "{}", stage.mirror.journal().lines());
    let read = stage.source.journal().count(|asked| asked.path.contains("/blobs/"));
    assert_eq!(read, 0, "what came of it is remembered\n{}", stage.source.journal().lines());

    let other = json!({"set": {"com.example.team": "other"}});
    stage.guest("transforms", "transform-label", &other, &json!({}));
    drop(stage.run().code(0));
    assert_eq!(labels(&stage, "v1"), ["other", "other"], "other settings, other result");
}

/// The label in the config of each image under a tag at the mirror.
fn labels(stage: &Stage, tag: &str) -> Vec<String> {
    let store = stage.mirror.store();
    let read = |name: &str| {
        let (_, stored) = store.manifest("team/app", name).unwrap();
        Manifest::parse("", &stored.bytes).unwrap()
    };
    let top = read(tag);
    let mut digests: Vec<Digest> = top.children().map(|child| child.digest.clone()).collect();
    if digests.is_empty() {
        digests = vec![store.manifest("team/app", tag).unwrap().0];
    }
    let label = |digest: &Digest| {
        let Shape::Image { config, .. } = read(digest.as_str()).shape else { panic!("no image") };
        let config = store.blob("team/app", &config.digest).unwrap();
        let config: Value = serde_json::from_slice(&config).unwrap();
        config["config"]["Labels"]["com.example.team"].as_str().unwrap().to_owned()
    };
    digests.iter().map(label).collect()
}
