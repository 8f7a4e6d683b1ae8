//! Referrers that cannot be read. A policy that needs them ends as its `on.error` says: they are
//! not missing, and what the policy makes of the fault does not count.

use super::stage::{Ended, Stage};
use bytes::Bytes;
use engine_oci::media_type;
use engine_tests::images::{Seed, Seeded};
use engine_tests::registry::Options;
use serde_json::{Value, json};

/// What these policies need, and how they come by it: the engine reads it for the first one, the
/// others ask for it themselves, and take a fault for an empty list.
const ACTS: [&str; 3] = ["evidence", "careless", "lacking"];

/// A registry without the API for referrers, and an image in it.
fn stage() -> (Stage, Seed, Seeded) {
    let stage = Stage::of(Options { referrers: false, ..Options::default() });
    let mut seed = Seed::new(70);
    let image = seed.image(&[300]);
    image.push_into(&stage.source, "team/app", "v1");
    (stage, seed, image)
}

/// Writes these bytes as the image's index of referrers.
fn index(stage: &Stage, image: &Seeded, bytes: &str) {
    let mut store = stage.source.store();
    let bytes = Bytes::from(bytes.to_owned());
    let digest = store.add_manifest("team/app", media_type::OCI_INDEX, bytes);
    store.tag("team/app", &image.top.digest.to_string().replace(':', "-"), &digest);
}

fn run(stage: &Stage, act: &str, on: &Value) -> Ended {
    stage.guest("filters", "policy-wild", &json!({"act": act}), &json!({"on": on}));
    stage.run()
}

/// Holds that the policy ends as `on.error` says, with `cause` as the reason.
#[track_caller]
fn ends_as_on_error_says(stage: &Stage, act: &str, cause: &str) {
    for (on, code, status) in [
        (json!({}), 3, "rejected"),
        (json!({"error": "reject"}), 3, "rejected"),
        (json!({"error": "fail"}), 1, "failed"),
        (json!({"missing": "skip", "violation": "skip"}), 3, "rejected"),
        (json!({"missing": "warn", "violation": "warn"}), 3, "rejected"),
        (json!({"missing": "warn", "violation": "warn", "error": "fail"}), 1, "failed"),
    ] {
        let ended = run(stage, act, &on).code(code);
        assert_eq!(ended.status(), status, "{act} {on}");
        assert!(ended.says(cause), "{act} {on}: {}", ended.report);
        assert_eq!(stage.mirror.journal().writes(), 0, "{act} {on}: something was written");
    }
}

#[test]
fn an_index_of_referrers_that_cannot_be_read_is_what_on_error_says() {
    let (stage, _, image) = stage();
    for bytes in ["garbage", "{}", r#"{"schemaVersion": 2, "manifests": [{"digest": "x"}]}"#] {
        index(&stage, &image, bytes);
        for act in ACTS {
            ends_as_on_error_says(&stage, act, "companion::referrers-unreadable");
        }
    }
}

#[test]
fn an_answer_about_referrers_that_cannot_be_read_is_what_on_error_says() {
    let stage = Stage::of(Options { unreadable_referrers: true, ..Options::default() });
    Seed::new(71).image(&[300]).push_into(&stage.source, "team/app", "v1");
    for act in ACTS {
        ends_as_on_error_says(&stage, act, "transport::protocol");
    }
}

#[test]
fn referrers_that_are_not_there_are_missing_and_those_that_are_there_count() {
    let (stage, mut seed, image) = stage();
    for act in ["evidence", "lacking"] {
        let ended = run(&stage, act, &json!({"missing": "skip"})).code(0);
        assert_eq!(ended.report["skips"][0]["why"], json!("nobody speaks for it"), "{act}");
    }
    let bill = seed.referrer(&image, "application/spdx+json");
    bill.push_into(&stage.source, "team/app", "bill");
    stage.source.store().untag("team/app", "bill");
    let listed = json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": [bill.descriptor()],
    });
    index(&stage, &image, &listed.to_string());
    for act in ACTS {
        let ended = run(&stage, act, &json!({})).code(0);
        assert!(["copied", "unchanged"].contains(&ended.status()), "{act}");
        stage.mirror.store().untag("team/app", "v1");
    }
}
