//! What refers to an image travels with it: by the API, by fallback tags, by cosign's tags.

use super::pair::Pair;
use bytes::Bytes;
use engine_oci::{Descriptor, Digest, media_type};
use engine_tests::images::{Sealed, Seed, Seeded};
use engine_tests::registry::{Kind, Options, Registry};
use hyper::Method;
use serde_json::json;

const COPY: &str = "sources: {app: {from: \"SOURCE/app\", tags: {include: ^v}}}\n\
    sinks: {mirror: {inputs: [app], to: \"MIRROR/copy/app\"}}";

/// An image, a bill of materials of it, and a signature of that.
fn family(seed: &mut Seed) -> [Seeded; 3] {
    let image = seed.image(&[400]);
    let bill = seed.referrer(&image, "application/spdx+json");
    let signature = seed.referrer(&bill, "application/x-signature");
    [image, bill, signature]
}

/// Puts referrers at a registry without the API, as its clients do: an index under a tag.
fn give_by_tag(registry: &Registry, repository: &str, subject: &Seeded, referrer: &Seeded) {
    let mut descriptor = referrer.descriptor();
    descriptor["artifactType"] = json!("application/spdx+json");
    let index = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": [descriptor],
    });
    let bytes = Bytes::from(index.to_string());
    let top = Descriptor::of_manifest(media_type::OCI_INDEX, &bytes);
    let sealed = Sealed { media_type: top.media_type.clone(), digest: top.digest.clone(), bytes };
    let index = Seeded { manifests: vec![sealed], blobs: [].into(), top, tags: Vec::new() };
    let all = index.with(referrer.clone());
    all.push_into(registry, repository, &fallback(subject));
}

fn fallback(subject: &Seeded) -> String {
    subject.top.digest.to_string().replace(':', "-")
}

#[test]
fn referrers_travel_recursively_whatever_the_two_registries_can() {
    for (api_there, api_here) in [(true, true), (true, false), (false, true), (false, false)] {
        let options = |referrers| Options { referrers, ..Options::default() };
        let pair = Pair::of(options(api_there), options(api_here));
        let [image, bill, signature] = family(&mut Seed::new(810));
        pair.give(&image, "app", "v1");
        if api_there {
            let all = bill.clone().with(signature.clone());
            all.push_into(&pair.source, "app", "unrelated");
        } else {
            give_by_tag(&pair.source, "app", &image, &bill);
            give_by_tag(&pair.source, "app", &bill, &signature);
        }
        drop(pair.run(COPY).expect_success());
        pair.assert_same(&image, "copy/app", "v1");
        let store = pair.mirror.store();
        for (subject, referrer) in [(&image, &bill), (&bill, &signature)] {
            let why = format!("source {api_there}, mirror {api_here}");
            let digest = referrer.top.digest.as_str();
            let (_, found) = store.manifest("copy/app", digest).expect(&why);
            assert_eq!(found.bytes, *referrer.top_bytes(), "{why}");
            for blob in referrer.blobs.keys() {
                assert!(store.blob("copy/app", blob).is_some(), "{why}");
            }
            let list = store.manifest("copy/app", &fallback(subject));
            assert_eq!(list.is_some(), !api_here, "{why}");
            if let Some((_, list)) = list {
                let list = String::from_utf8(list.bytes.to_vec()).unwrap();
                assert!(list.contains(digest) && list.contains("artifactType"), "{why}: {list}");
            }
        }
        drop(store);
        pair.mirror.journal().clear();
        drop(pair.again().expect_success());
        assert_eq!(pair.mirror.journal().writes(), 0, "{}", pair.mirror.journal().lines());
    }
}

#[test]
fn a_fallback_tag_at_the_destination_keeps_what_others_put_there() {
    let options = |referrers| Options { referrers, ..Options::default() };
    let pair = Pair::of(options(true), options(false));
    let mut seed = Seed::new(811);
    let [image, bill, _] = family(&mut seed);
    let theirs = seed.referrer(&image, "application/x-theirs");
    pair.give(&image, "app", "v1");
    pair.give(&bill, "app", "bill");
    give_by_tag(&pair.mirror, "copy/app", &image, &theirs);
    drop(pair.run(COPY).expect_success());
    let list = pair.manifest("copy/app", &fallback(&image));
    let listed: Vec<&str> = list["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["digest"].as_str())
        .collect();
    assert_eq!(listed, [theirs.top.digest.as_str(), bill.top.digest.as_str()]);
}

#[test]
fn cosigns_tags_travel_with_the_image_that_they_name() {
    let pair = Pair::new();
    let mut seed = Seed::new(812);
    let (image, other) = (seed.image(&[400]), seed.image(&[400]));
    let mut tags = Vec::new();
    for ending in ["sig", "att", "sbom"] {
        let signed = seed.cosign(&image);
        let tag = format!("{}.{ending}", fallback(&image));
        pair.give(&Seeded { tags: Vec::new(), ..signed.clone() }, "app", &tag);
        tags.push((tag, signed));
    }
    let stray = seed.cosign(&other);
    pair.give(&image, "app", "v1");
    pair.give(&stray, "app", "not-a-version");
    drop(pair.run(COPY).expect_success());
    pair.assert_same(&image, "copy/app", "v1");
    for (tag, signed) in &tags {
        pair.assert_same(&Seeded { tags: Vec::new(), ..signed.clone() }, "copy/app", tag);
    }
    assert_eq!(pair.names().len(), 4, "{:?}", pair.names());
}

#[test]
fn signatures_of_both_sides_stay() {
    let pair = Pair::new();
    let mut seed = Seed::new(814);
    let image = seed.image(&[400]);
    pair.give(&image, "app", "v1");
    let mut kept = Vec::new();
    for ending in ["sig", "att"] {
        let tag = format!("{}.{ending}", fallback(&image));
        let [ours, theirs] = [seed.cosign(&image), seed.cosign(&image)]
            .map(|signed| Seeded { tags: Vec::new(), ..signed });
        pair.give(&ours, "app", &tag);
        theirs.push_into(&pair.mirror, "copy/app", &tag);
        let layer = |signed: &Seeded| -> serde_json::Value {
            let manifest: serde_json::Value = serde_json::from_slice(signed.top_bytes()).unwrap();
            manifest["layers"][0].clone()
        };
        kept.push((tag, json!([layer(&theirs), layer(&ours)])));
    }
    drop(pair.run(COPY).expect_success());
    pair.assert_same(&image, "copy/app", "v1");
    for (tag, layers) in &kept {
        let merged = pair.manifest("copy/app", tag);
        assert_eq!(merged["layers"], *layers, "{tag}");
        let config: Digest = merged["config"]["digest"].as_str().unwrap().parse().unwrap();
        let config = pair.mirror.store().blob("copy/app", &config).expect("its config");
        let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"].as_array().unwrap().len(), 2);
    }
    assert_eq!(pair.report()["warnings"], json!([]), "nothing was replaced");
    pair.mirror.journal().clear();
    drop(pair.again().expect_success());
    assert_eq!(pair.mirror.journal().writes(), 0, "{}", pair.mirror.journal().lines());
    pair.mirror.store().untag("copy/app", "v1");
    drop(pair.again().expect_success());
    for (tag, layers) in &kept {
        assert_eq!(pair.manifest("copy/app", tag)["layers"], *layers, "{tag}: nothing twice");
    }
}

#[test]
fn new_referrers_of_an_unchanged_image_are_copied_where_the_source_says_always() {
    for (follow, api) in [("copies", true), ("always", true), ("always", false)] {
        let pair = Pair::of(Options::default(), Options { referrers: api, ..Options::default() });
        let mut seed = Seed::new(815);
        let index = seed.index(engine_tests::images::Dialect::Oci, &["linux/amd64"], &[300]);
        let child =
            Descriptor::of_manifest(&index.manifests[0].media_type, &index.manifests[0].bytes);
        let child = Seeded { top: child, ..index.clone() };
        let known = seed.referrer(&index, "application/spdx+json");
        pair.give(&index, "app", "v1");
        pair.give(&known, "app", "known");
        let spec = COPY.replace("tags:", &format!("referrers: {{follow: {follow}}}, tags:"));
        drop(pair.run(&spec).expect_success());
        for new in [seed.referrer(&known, "application/x-signature"), seed.referrer(&child, "x/y")]
        {
            pair.give(&new, "app", "new");
            pair.source.journal().clear();
            pair.mirror.journal().clear();
            drop(pair.again().expect_success());
            let there = pair.mirror.store().manifest("copy/app", new.top.digest.as_str()).is_some();
            let report = pair.report();
            let item = &report["items"][0];
            let said = (&item["status"], &item["referrers"], &item["reason"]["kind"]);
            if follow == "always" {
                assert!(there, "{api}: {item}");
                assert_eq!(said, (&"copied".into(), &1.into(), &"present".into()));
                let pulls = pair.source.journal().count_of(&Method::GET, Kind::Manifest);
                assert_eq!(pulls, 1, "only what is new: {}", pair.source.journal().lines());
            } else {
                assert!(!there, "{item}");
                assert_eq!(said, (&"unchanged".into(), &0.into(), &"present".into()));
                assert_eq!(pair.mirror.journal().writes(), 0);
            }
        }
        let signed = seed.cosign(&index);
        let tag = format!("{}.sig", fallback(&index));
        pair.give(&Seeded { tags: Vec::new(), ..signed.clone() }, "app", &tag);
        drop(pair.again().expect_success());
        assert_eq!(pair.mirrored("copy/app", &tag), Some(signed.top.digest), "in both cases");
        pair.mirror.journal().clear();
        pair.source.journal().clear();
        drop(pair.again().expect_success());
        assert_eq!(pair.mirror.journal().writes(), 0, "{}", pair.mirror.journal().lines());
        assert_eq!(pair.source.journal().count_of(&Method::GET, Kind::Manifest), 0, "no pull");
        let status = &pair.report()["items"][0]["status"];
        assert_eq!(*status, "unchanged", "{follow} {api}");
    }
}

#[test]
fn referrers_of_a_child_travel_too_and_a_layout_keeps_them() {
    let pair = Pair::new();
    let mut seed = Seed::new(813);
    let index = seed.index(engine_tests::images::Dialect::Oci, &["linux/amd64"], &[300]);
    let child = Seeded {
        top: Descriptor::of_manifest(&index.manifests[0].media_type, &index.manifests[0].bytes),
        ..index.clone()
    };
    let bill = seed.referrer(&child, "application/spdx+json");
    pair.give(&index, "app", "v1");
    pair.give(&bill, "app", "bill");
    let spec = format!("{COPY}\n")
        .replace("sinks: {", "sinks: {disk: {inputs: [app], to: \"oci:out:{{ item.tag }}\"}, ");
    drop(pair.run(&spec).expect_success());
    assert!(pair.mirror.store().manifest("copy/app", bill.top.digest.as_str()).is_some());
    let blob = pair.world.here().join("out/blobs/sha256").join(bill.top.digest.hex());
    assert!(blob.exists(), "the layout has it as well");
}

#[test]
fn referrers_that_cannot_be_read_do_not_stop_the_copy() {
    let no_api = Options { referrers: false, ..Options::default() };
    let unreadable = Options { unreadable_referrers: true, ..Options::default() };
    for (options, cause) in
        [(no_api, "companion::referrers-unreadable"), (unreadable, "transport::protocol")]
    {
        let pair = Pair::of(options, Options::default());
        let image = Seed::new(816).image(&[400]);
        pair.give(&image, "app", "v1");
        {
            let mut store = pair.source.store();
            let garbage = Bytes::from_static(b"garbage");
            let digest = store.add_manifest("app", media_type::OCI_INDEX, garbage);
            store.tag("app", &fallback(&image), &digest);
        }
        drop(pair.run(&format!("run: {{attempts: 2, pause: 1ms}}\n{COPY}")).expect_success());
        pair.assert_same(&image, "copy/app", "v1");
        let report = pair.report();
        let warnings = report["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), 1, "{report}");
        assert_eq!(warnings[0]["code"], "transfer::companions-unread", "{report}");
        assert!(warnings[0].to_string().contains(cause), "{report}");
        assert_eq!(report["items"][0]["status"], "copied");
    }
}

#[test]
fn a_signature_that_cannot_be_read_does_not_stop_the_copy() {
    let pair = Pair::new();
    let mut seed = Seed::new(817);
    let (image, other) = (seed.image(&[400]), seed.image(&[500]));
    pair.give(&image, "app", "v1");
    pair.give(&other, "app", "v2");
    let signed = seed.cosign(&other);
    pair.give(&Seeded { tags: Vec::new(), ..signed }, "app", &format!("{}.sig", fallback(&other)));
    {
        let mut store = pair.source.store();
        let digest =
            store.add_manifest("app", media_type::OCI_MANIFEST, Bytes::from_static(b"garbage"));
        store.tag("app", &format!("{}.sig", fallback(&image)), &digest);
    }
    drop(pair.run(COPY).expect_success());
    pair.assert_same(&image, "copy/app", "v1");
    let report = pair.report();
    assert_eq!(report["warnings"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["warnings"][0]["code"], "transfer::companions-unread", "{report}");
    assert_eq!(pair.names().len(), 3, "two images and one signature: {:?}", pair.names());
}
