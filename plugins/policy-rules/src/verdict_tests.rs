//! Verdicts over images in memory.

use super::*;
use engine_plugin_sdk::oci::media_type::{
    DOCKER_SCHEMA1_SIGNED, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST,
};
use engine_plugin_sdk::testing::with;
use engine_plugin_sdk::{Descriptor, Digest};
use serde_json::{Value, json};

/// 2026-11-23.
const NOW_MILLIS: u64 = 1_795_392_000_000;

fn keep(bytes: &[u8]) -> Digest {
    let digest = Digest::of(bytes);
    with(|outside| outside.content.insert(digest.clone(), bytes.to_vec()));
    digest
}

fn subject(media_type: &str, manifest: &Value, reference: &str) -> Subject {
    with(|outside| outside.now_millis = NOW_MILLIS);
    let bytes = manifest.to_string().into_bytes();
    keep(&bytes);
    Subject {
        descriptor: Descriptor::of_manifest(media_type, &bytes),
        bytes,
        reference: Some(reference.to_owned()),
        transport: "docker".to_owned(),
        scopes: Vec::new(),
        within: None,
    }
}

fn layer(size: u64) -> Value {
    let media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    json!({"mediaType": media_type, "digest": Digest::of(b"layer"), "size": size})
}

fn image_of(config: &[u8], annotations: &Value) -> Subject {
    let digest = keep(config);
    let config = json!({"mediaType": OCI_CONFIG, "digest": digest, "size": config.len()});
    let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config,
        "layers": [layer(1 << 20), layer(2 << 20)], "annotations": annotations});
    subject(OCI_MANIFEST, &manifest, "docker.io/library/nginx:latest")
}

fn image(config: &Value) -> Subject {
    image_of(config.to_string().as_bytes(), &json!({}))
}

/// An index of the subjects, which become its children.
fn index(children: &mut [&mut Subject], annotations: &Value) -> Subject {
    let manifests: Vec<Value> =
        children.iter().map(|child| serde_json::to_value(&child.descriptor).unwrap()).collect();
    let manifest = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests,
        "annotations": annotations});
    let index = subject(OCI_INDEX, &manifest, "docker.io/library/nginx:latest");
    for child in children {
        child.within = Some(index.descriptor.digest.clone());
    }
    index
}

/// The verdict in a line: `allow BY: SAYS`, `deny REASON`, `missing REASON`.
fn judged(subject: &Subject, default: &str, rules: &Value) -> String {
    let settings = json!({"rules": rules, "default": default}).to_string();
    let settings = Settings::parse(&settings).unwrap();
    match decide(subject, &settings) {
        Ok(Decision { claims, reasons, missing }) => {
            match (claims.as_slice(), reasons.as_slice()) {
                ([claim], []) => format!("allow {}: {}", claim.by, claim.says),
                ([], [reason]) if missing => format!("missing {reason}"),
                ([], [reason]) => format!("deny {reason}"),
                other => format!("{other:?}"),
            }
        }
        Err(fault) => format!("fault {fault}"),
    }
}

fn linux() -> Value {
    json!({"os": "linux", "architecture": "amd64", "created": "2025-01-02T03:04:05.6Z",
        "config": {"Labels": {"team": "red/blue"}}})
}

#[test]
fn references_fit_whole_or_without_their_tag() {
    let subject = image(&linux());
    let named =
        |pattern: &str| judged(&subject, "allow", &json!([{"deny": {"references": [pattern]}}]));
    let floating =
        "deny `docker.io/library/nginx:latest` matches `docker.io/library/*:latest` (rule 1)";
    assert_eq!(named("docker.io/library/*:latest"), floating);
    assert_eq!(
        named("docker.io/library/nginx:latest"),
        "deny `docker.io/library/nginx:latest` is named (rule 1)"
    );
    assert!(named("docker.io/library/nginx").starts_with("deny "));
    assert!(named("**").starts_with("deny "));
    assert_eq!(named("docker.io/*"), "allow rule:default: no rule fits");
    assert!(named("nginx").starts_with("allow"));
    for (reference, repository) in [
        ("docker://r.example:5000/a/b:1@sha256:00", "r.example:5000/a/b"),
        ("r.example:5000/a", "r.example:5000/a"),
    ] {
        let subject = Subject { reference: Some(reference.to_owned()), ..subject.clone() };
        let rules = json!([{"allow": {"references": [repository]}}]);
        assert!(judged(&subject, "deny", &rules).starts_with("allow rule:1"), "{reference}");
    }
    let nameless = Subject { reference: None, ..subject };
    let rules = json!([{"allow": {"references": ["**"]}}]);
    assert_eq!(judged(&nameless, "deny", &rules), "deny no rule allows it (default: deny)");
    let scopes = vec!["/srv/images".to_owned(), "/srv".to_owned()];
    let layout = Subject { transport: "oci".to_owned(), scopes, ..nameless };
    for pattern in ["oci:/srv/*", "/srv/images"] {
        let rules = json!([{"allow": {"references": [pattern]}}]);
        assert!(
            judged(&layout, "deny", &rules).starts_with("allow rule:1: `oci:/srv/images` matches")
        );
    }
}

#[test]
fn the_first_rule_that_fits_decides_and_says_why() {
    let subject = image(&linux());
    let rules = json!([
        {"allow": {"platforms": ["windows/*"]}},
        {"allow": {"references": ["quay.io/**", "docker.io/**"], "labels": {"team": "red/*"}}},
        {"deny": {"references": ["**"]}, "reason": "never seen"},
    ]);
    let says = "`docker.io/library/nginx:latest` matches `docker.io/**` and the label `team`: \
                `red/blue` matches `red/*`";
    assert_eq!(judged(&subject, "deny", &rules), format!("allow rule:2: {says}"));
    let rules = json!([{"deny": {"labels": {"team": "red"}}}, {"deny": {"references": ["**"]},
        "reason": "floating tags are not mirrored"}]);
    let words =
        "`docker.io/library/nginx:latest` matches `**` (rule 2: floating tags are not mirrored)";
    assert_eq!(judged(&subject, "allow", &rules), format!("deny {words}"));
}

#[test]
fn each_member_is_judged() {
    let subject = image_of(linux().to_string().as_bytes(), &json!({"a": "1"}));
    for (condition, expected) in [
        (json!({"platforms": ["linux"]}), "its platform `linux/amd64` matches `linux`"),
        (
            json!({"platforms": ["linux/arm64", "*/amd64"]}),
            "its platform `linux/amd64` matches `*/amd64`",
        ),
        (json!({"platforms": ["windows/**", "linux/amd64/v3"]}), ""),
        (json!({"lacksLabels": ["team", "owner"]}), "the label `owner` is not there"),
        (json!({"lacksLabels": ["team"]}), ""),
        (json!({"labels": {"team": "*"}}), ""),
        (json!({"labels": {"team": "**", "owner": "**"}}), ""),
        (json!({"annotations": {"a": "1"}}), "the annotation `a`: `1` is named"),
        (json!({"annotations": {"b": "1"}}), ""),
        (json!({"lacksAnnotations": ["b"]}), "the annotation `b` is not there"),
        (json!({"olderThan": "4320h"}), "older than 4320h: created 2025-01-02"),
        (json!({"olderThan": "43200h"}), ""),
        (json!({"youngerThan": "43200h"}), "younger than 43200h: created 2025-01-02"),
        (json!({"youngerThan": "4320h"}), ""),
        (json!({"largerThan": "3MiB"}), "larger than 3MiB: 4 MiB"),
        (json!({"largerThan": "4MiB"}), ""),
        (json!({"largerThan": "3MiB", "youngerThan": "1h"}), ""),
    ] {
        let found = judged(&subject, "allow", &json!([{"deny": condition}]));
        let expected = match expected {
            "" => "allow rule:default: no rule fits".to_owned(),
            words => format!("deny {words} (rule 1)"),
        };
        assert_eq!(found, expected, "{condition}");
    }
}

#[test]
fn a_config_is_read_only_for_a_rule_that_asks_for_it() {
    let subject = image(&linux());
    with(|outside| outside.content.clear());
    let rules = json!([{"deny": {"references": ["quay.io/**"], "olderThan": "1h"}},
        {"deny": {"largerThan": "1GiB"}}]);
    assert_eq!(judged(&subject, "allow", &rules), "allow rule:default: no rule fits");
    let asked = judged(&subject, "allow", &json!([{"deny": {"olderThan": "1h"}}]));
    assert!(asked.starts_with("fault not-granted"), "{asked}");
}

#[test]
fn what_cannot_be_known_is_never_taken_for_good() {
    let deny = json!([{"deny": {"olderThan": "1h"}, "reason": "fresh only"}]);
    let allow = json!([{"allow": {"youngerThan": "1h"}}]);
    for (config, why) in [
        (json!({}), "it says no date of creation"),
        (json!({"created": null}), "it says no date of creation"),
        (json!({"created": ""}), "its date of creation is not readable"),
        (json!({"created": "2025-02-30T00:00:00Z"}), "its date of creation is not readable"),
        (json!({"created": "1970-01-01T00:00:00Z"}), "its date of creation stands for none"),
        (json!({"created": "0001-01-01T00:00:00Z"}), "its date of creation stands for none"),
    ] {
        let subject = image(&config);
        let missing = format!("missing {why}, which must be known to decide (rule 1: fresh only)");
        assert_eq!(judged(&subject, "allow", &deny), missing);
        assert!(judged(&subject, "deny", &allow).starts_with("deny no rule"), "{config}");
    }
    let annotations = json!({"org.opencontainers.image.created": "2026-11-01T00:00:00Z"});
    let annotated = judged(&image_of(b"{}", &annotations), "allow", &deny);
    assert_eq!(annotated, "deny older than 1h: created 2026-11-01 (rule 1: fresh only)");
    let platforms = json!([{"deny": {"platforms": ["windows"]}}]);
    assert!(judged(&image(&json!({"os": "linux"})), "allow", &platforms).starts_with("missing"));
    let layers = json!([{"blobSum": Digest::of(b"layer")}]);
    let old = json!({"schemaVersion": 1, "fsLayers": layers});
    let old = subject(DOCKER_SCHEMA1_SIGNED, &old, "r.example/a:1");
    for condition in [json!({"largerThan": "1KiB"}), json!({"labels": {"a": "b"}})] {
        assert!(
            judged(&old, "allow", &json!([{"deny": condition}])).starts_with("missing a manifest")
        );
    }
}

#[test]
fn an_index_leaves_to_its_images_what_they_know() {
    let mut image = image(&linux());
    image.descriptor.platform = Some("linux/amd64".parse().unwrap());
    let mut other = image_of(&linux().to_string().into_bytes(), &json!({"b": "own"}));
    other.descriptor.platform = Some("windows/amd64".parse().unwrap());
    let top = index(&mut [&mut image, &mut other], &json!({"a": "1", "b": "shared"}));
    let all = |default: &str, rules: Value| {
        [&top, &image, &other].map(|one| judged(one, default, &rules)[..5].trim_end().to_owned())
    };
    let linux_only = || json!([{"allow": {"platforms": ["linux"]}}]);
    assert_eq!(all("deny", linux_only()), ["allow", "allow", "deny"]);
    assert_eq!(all("allow", json!([{"deny": {"olderThan": "1h"}}])), ["allow", "deny", "deny"]);
    assert_eq!(all("allow", json!([{"deny": {"lacksAnnotations": ["a"]}}])), ["allow"; 3]);
    assert_eq!(
        all("allow", json!([{"deny": {"lacksAnnotations": ["c"]}}])),
        ["allow", "deny", "deny"]
    );
    assert_eq!(
        all("allow", json!([{"deny": {"annotations": {"b": "own"}}}])),
        ["allow", "allow", "deny"]
    );
    assert_eq!(all("deny", json!([{"allow": {"references": ["**"]}}])), ["allow"; 3]);
    assert_eq!(all("deny", json!([])), ["deny"; 3]);
    let empty = index(&mut [], &json!({}));
    assert!(
        judged(&empty, "deny", &linux_only()).starts_with("deny no rule"),
        "nothing would be judged"
    );
}

#[test]
fn an_attestation_has_the_facts_of_its_image() {
    let config = keep(b"{}");
    let statement =
        json!({"mediaType": "application/vnd.in-toto+json", "digest": config, "size": 2});
    let manifest = |layers: Value| {
        let config = json!({"mediaType": OCI_CONFIG, "digest": config, "size": 2});
        json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers})
    };
    let reference = "docker.io/library/nginx:latest";
    let mut attestation = subject(OCI_MANIFEST, &manifest(json!([statement])), reference);
    let mut disguised = subject(OCI_MANIFEST, &manifest(json!([statement, layer(1)])), reference);
    for child in [&mut attestation, &mut disguised] {
        child.descriptor.platform = Some("unknown/unknown".parse().unwrap());
    }
    let old = json!([{"deny": {"olderThan": "1h"}}, {"allow": {"platforms": ["linux"]}}]);
    assert!(judged(&attestation, "deny", &old).starts_with("missing"), "alone it is an image");
    let top = index(&mut [&mut attestation, &mut disguised], &json!({}));
    for one in [&top, &attestation] {
        assert_eq!(judged(one, "deny", &old), "allow rule:2: its images decide, each for itself");
    }
    assert!(judged(&disguised, "deny", &old).starts_with("missing"), "what has files is an image");
}

#[test]
fn artifacts_have_no_labels_and_no_platform() {
    let config =
        json!({"mediaType": "application/vnd.oci.empty.v1+json", "digest": keep(b"{}"), "size": 2});
    let manifest =
        json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": []});
    let chart = subject(OCI_MANIFEST, &manifest, "r.example/chart:1");
    let fit = |condition: Value| judged(&chart, "allow", &json!([{"deny": condition}]));
    assert!(fit(json!({"lacksLabels": ["team"]})).starts_with("deny"));
    assert!(fit(json!({"platforms": ["**"]})).starts_with("allow"));
    assert!(fit(json!({"olderThan": "1h"})).starts_with("missing"));
}

#[test]
fn hostile_documents_are_faults() {
    let old = json!([{"deny": {"olderThan": "1h"}}]);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let config = |text: String| judged(&image_of(text.as_bytes(), &json!({})), "allow", &old);
    for text in [
        String::new(),
        "{".to_owned(),
        format!("{{\"created\": {deep}}}"),
        format!("{{\"config\": {deep}}}"),
        r#"{"created": 5}"#.to_owned(),
        r#"{"created": "2026-11-23T00:00:00Z", "created": "2020-01-01T00:00:00Z"}"#.to_owned(),
        r#"{"config": {"Labels": {"a": 1}}}"#.to_owned(),
    ] {
        let found = config(text.clone());
        assert!(found.starts_with("fault invalid: the config is not readable"), "{found}");
    }
    let mut broken = image(&linux());
    broken.bytes = deep.into_bytes();
    assert!(judged(&broken, "allow", &old).starts_with("fault invalid: the manifest"));
    let long = json!({"config": {"Labels": {"a": "x".repeat(5 * 1024)}}});
    let found = judged(&image(&long), "allow", &json!([{"deny": {"labels": {"a": "b"}}}]));
    assert_eq!(found, "fault invalid: the label `a` is longer than 4 KiB");
    let loud = json!({"config": {"Labels": {"a": format!("\u{1b}[2J\n{}", "é".repeat(500))}}});
    let found = judged(&image(&loud), "allow", &json!([{"deny": {"labels": {"a": "**"}}}]));
    assert!(!found.contains(char::is_control) && found.chars().count() < 260, "{found}");
}

#[test]
fn huge_lists_are_read_and_added_without_overflow() {
    let config = json!({"mediaType": OCI_CONFIG, "digest": keep(b"{}"), "size": u64::MAX});
    let layers = vec![layer(u64::MAX); 20_000];
    let manifest =
        json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers});
    let huge = subject(OCI_MANIFEST, &manifest, "r.example/huge:1");
    let found = judged(&huge, "allow", &json!([{"deny": {"largerThan": "2GiB"}}]));
    assert!(found.starts_with("deny larger than 2GiB: 17592186044416 MiB"), "{found}");
}

#[test]
fn a_date_to_come_is_young() {
    let subject = image(&json!({"created": "9999-12-31T00:00:00Z"}));
    let fit = |condition: Value| judged(&subject, "allow", &json!([{"deny": condition}]));
    assert!(fit(json!({"youngerThan": "72h"})).starts_with("deny younger"));
    assert!(fit(json!({"olderThan": "72h"})).starts_with("allow"));
}
