//! Layers that are compressed anew: what comes of them, and what is left alone.

use super::pair::Pair;
use bytes::Bytes;
use engine::stream::{Body, UnpackBounds};
use engine_oci::{Codec, Digest, media_type};
use engine_tests::audit::Audited;
use engine_tests::images::{Dialect, Seed, Seeded};
use engine_tests::registry::Kind;
use hyper::Method;
use serde_json::Value;

const OCI_TAR: &str = "application/vnd.oci.image.layer.v1.tar";

/// A spec that compresses all tags of `app` on their way, without state.
pub(super) fn spec(compress: &str) -> String {
    with_state(compress, "none")
}

pub(super) fn with_state(compress: &str, state: &str) -> String {
    format!(
        "run: {{state: {state}, attempts: 2, pause: 10ms}}\n\
         sources: {{app: {{from: SOURCE/app}}}}\n\
         transforms: {{packed: {{inputs: [app], compress: {{{compress}}}}}}}\n\
         sinks: {{mirror: {{inputs: [packed], to: MIRROR/app}}}}"
    )
}

fn unpacked(codec: Codec, bytes: Bytes) -> Bytes {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let body = Body::from_bytes(bytes).decompressed(codec, UnpackBounds::default());
    runtime.block_on(body.read_all(1 << 30)).unwrap()
}

/// The images of what a tag of the mirror names: itself, or the children that are images.
fn images(pair: &Pair, tag: &str) -> Vec<Value> {
    let top = pair.manifest("app", tag);
    let Some(children) = top["manifests"].as_array() else { return vec![top] };
    let is_image = |child: &&Value| child["platform"]["os"] != "unknown";
    let digests = children.iter().filter(is_image).map(|child| child["digest"].as_str().unwrap());
    digests.map(|digest| pair.manifest("app", digest)).collect()
}

/// Panics unless each layer of an image has this type, is of this codec, and unpacks to what the
/// config says.
#[track_caller]
fn assert_packed(pair: &Pair, image: &Value, kind: &str, codec: Codec) {
    let blob = |descriptor: &Value| {
        let digest: Digest = descriptor["digest"].as_str().unwrap().parse().unwrap();
        let bytes = pair.mirror.store().blob("app", &digest).expect("it is there");
        assert_eq!(descriptor["size"], bytes.len());
        bytes
    };
    let config: Value = serde_json::from_slice(&blob(&image["config"])).unwrap();
    let layers = image["layers"].as_array().unwrap();
    assert!(!layers.is_empty());
    for (layer, diff_id) in layers.iter().zip(config["rootfs"]["diff_ids"].as_array().unwrap()) {
        assert_eq!(layer["mediaType"], kind);
        let plain = unpacked(codec, blob(layer));
        assert_eq!(Digest::of(&plain).as_str(), diff_id.as_str().unwrap());
    }
}

#[test]
fn gzip_becomes_zstd_in_images_and_indexes() {
    let pair = Pair::new();
    let mut seed = Seed::new(1100);
    let platforms = ["linux/amd64", "linux/arm64"];
    let attested = seed.attested(&platforms, &[2_500_000, 300]);
    pair.give(&seed.image(&[3000, 1_200_000]), "app", "v1");
    pair.give(&attested, "app", "v2");
    drop(pair.run(&spec("codec: zstd")).expect_success());
    Audited::Registry(&pair.mirror).assert_sound();
    for (tag, count) in [("v1", 1), ("v2", 2)] {
        let images = images(&pair, tag);
        assert_eq!(images.len(), count);
        for image in images {
            assert_packed(&pair, &image, &format!("{OCI_TAR}+zstd"), Codec::Zstd);
        }
    }
    let index = pair.manifest("app", "v2");
    let children = index["manifests"].as_array().unwrap();
    for (at, platform) in [(0, "amd64"), (1, "arm64")] {
        assert_eq!(children[at]["platform"]["architecture"], platform);
        let speaks_of = &children[at + 2]["annotations"]["vnd.docker.reference.digest"];
        assert_eq!(speaks_of, &children[at]["digest"], "an attestation names the new image");
        let before: Value = serde_json::from_slice(attested.top_bytes()).unwrap();
        assert_eq!(children[at + 2]["digest"], before["manifests"][at + 2]["digest"]);
    }
}

#[test]
fn what_has_the_codec_stays_to_the_last_byte_unless_it_is_forced() {
    let pair = Pair::new();
    let mut seed = Seed::new(1101);
    let images = [
        ("image", seed.image(&[300_000])),
        ("docker", seed.docker_image(&[200_000])),
        ("index", seed.index(Dialect::Docker, &["linux/amd64"], &[90_000])),
    ];
    for (tag, image) in &images {
        pair.give(image, "app", tag);
    }
    drop(pair.run(&spec("codec: gzip")).expect_success());
    for (tag, image) in &images {
        pair.assert_same(image, "app", tag);
    }
    assert_eq!(pair.again().expect_success().code, 0);
    assert_eq!(pair.report()["summary"]["unchanged"], 3, "that is known before it is written");
    drop(pair.run(&spec("codec: gzip, level: 9, force: true")).expect_success());
    Audited::Registry(&pair.mirror).assert_sound();
    for (tag, image) in &images {
        assert_ne!(pair.mirrored("app", tag).as_ref(), Some(&image.top.digest));
        for image in self::images(&pair, tag) {
            let docker = image["mediaType"] == media_type::DOCKER_MANIFEST;
            let docker_type = "application/vnd.docker.image.rootfs.diff.tar.gzip";
            let kind = if docker { docker_type } else { &format!("{OCI_TAR}+gzip") };
            assert_packed(&pair, &image, kind, Codec::Gzip);
        }
    }
}

#[test]
fn what_is_no_layer_of_an_image_stays() {
    let pair = Pair::new();
    let mut seed = Seed::new(1102);
    let chart = seed.artifact();
    pair.give(&chart, "app", "chart");
    pair.give(&seed.foreign(Dialect::Oci, &[70_000]), "app", "foreign");
    drop(pair.run(&spec("codec: zstd")).expect_success());
    pair.assert_same(&chart, "app", "chart");
    let foreign = pair.manifest("app", "foreign");
    assert_eq!(foreign["layers"][0]["mediaType"], Dialect::Oci.foreign_layer());
    assert_eq!(foreign["layers"][0]["urls"][0], "https://layers.invalid/absent");
    assert_eq!(foreign["layers"][1]["mediaType"], format!("{OCI_TAR}+zstd"));
}

#[test]
fn zstd_in_a_docker_manifest_is_a_fault_of_the_plan() {
    let pair = Pair::new();
    let mut seed = Seed::new(1103);
    pair.give(&seed.docker_image(&[9000]), "app", "image");
    pair.give(&seed.index(Dialect::Docker, &["linux/amd64"], &[9000]), "app", "list");
    pair.give(&seed.image(&[9000]), "app", "oci");
    pair.spec(&spec("codec: zstd"));
    let plan = pair.world.run(&["plan", "sync.yaml"]);
    assert_eq!(plan.stdout.matches("cannot name a layer that is zstd").count(), 2, "{plan:?}");
    assert_eq!(pair.source.journal().count_of(&Method::GET, Kind::Blob), 0);
    drop(pair.again().expect_code(1));
    assert_eq!(pair.names(), ["app:oci"], "the others go on");
}

#[test]
fn a_layer_that_two_tags_and_two_sinks_share_is_made_once() {
    let pair = Pair::new();
    let mut seed = Seed::new(1104);
    let shared = seed.layers(&[400_000]);
    for tag in ["v1", "v2", "v3"] {
        pair.give(&seed.image_of(Dialect::Oci, "linux/amd64", &shared), "app", tag);
    }
    let sinks = "\n  layout: {inputs: [packed], to: \"oci:out:{{ item.tag }}\"}\n  \
        other: {inputs: [packed], to: MIRROR/other}";
    let blocks = spec("codec: zstd, level: 1").replace(
        "sinks: {mirror: {inputs: [packed], to: MIRROR/app}}",
        &format!("sinks:\n  mirror: {{inputs: [packed], to: MIRROR/app}}{sinks}"),
    );
    drop(pair.run(&blocks).expect_success());
    Audited::Registry(&pair.mirror).assert_sound();
    Audited::Layout(&pair.world.here().join("out")).assert_sound();
    let digest = shared[0].digest.to_string();
    let read = |asked: &engine_tests::registry::Asked| {
        asked.method == Method::GET && asked.path.contains(&digest)
    };
    let reads = pair.source.journal().count(read);
    assert!(reads <= 2, "{reads} reads for nine items\n{}", pair.source.journal().lines());
    assert_eq!(pair.mirrored("app", "v2"), pair.mirrored("other", "v2"));
}

#[test]
fn two_results_for_one_name_are_a_conflict_unless_they_are_made_alike() {
    let pair = Pair::new();
    let mut seed = Seed::new(1105);
    let same = seed.image(&[5000]);
    for repository in ["one", "two"] {
        pair.give(&same, repository, "same");
        pair.give(&seed.image(&[5000]), repository, "other");
    }
    let blocks = |second: &str| {
        format!(
            "run: {{state: none}}\nsources: {{one: {{from: SOURCE/one}}, two: {{from: SOURCE/two}}}}\n\
             transforms:\n  a: {{inputs: [one], compress: {{codec: zstd}}}}\n  \
             b: {{inputs: [two], compress: {{codec: zstd{second}}}}}\n\
             sinks: {{mirror: {{inputs: [a, b], to: MIRROR/app}}}}"
        )
    };
    drop(pair.run(&blocks("")).expect_code(4));
    assert_eq!(pair.names(), ["app:same"], "the same digest by the same recipe");
    let pair = Pair { mirror: engine_tests::registry::Registry::open(), ..pair };
    drop(pair.run(&blocks(", level: 9")).expect_code(4));
    assert!(pair.names().is_empty(), "{:?}", pair.names());
}

/// An image whose one layer is `bytes`, and whose config says that it unpacks to `diff_id`.
fn odd(seed: &mut Seed, bytes: Bytes, diff_id: &Digest) -> Seeded {
    let mut layer = seed.layer(100);
    (layer.digest, layer.diff_id, layer.bytes) = (Digest::of(&bytes), diff_id.clone(), bytes);
    seed.image_of(Dialect::Oci, "linux/amd64", &[layer])
}

#[test]
fn a_layer_that_is_not_what_it_says_is_a_fault_of_its_source() {
    let mut seed = Seed::new(1106);
    let good = seed.layer(100_000);
    let other = Digest::of(b"something else");
    let zeros = Bytes::from(vec![0; 5000]);
    let cut = good.bytes.slice(..good.bytes.len() / 2);
    let longer = Bytes::from([good.bytes.to_vec(), b"more".to_vec()].concat());
    for (bytes, diff_id, code) in [
        (good.bytes.clone(), &other, "transfer::layer-content"),
        (zeros, &other, "stream::compression-corrupt"),
        (cut, &good.diff_id, "stream::compression-truncated"),
        (longer, &good.diff_id, "stream::compression-trailing"),
    ] {
        let pair = Pair::new();
        pair.give(&odd(&mut seed, bytes, diff_id), "app", "odd");
        pair.give(&seed.image(&[5000]), "app", "good");
        drop(pair.run(&spec("codec: zstd")).expect_code(1));
        assert_eq!(pair.names(), ["app:good"], "{code}");
        let report = pair.report();
        let items = report["items"].as_array().unwrap();
        let failed = items.iter().find(|item| item["status"] == "failed").unwrap();
        assert_eq!(failed["fault"]["code"], code, "{failed}");
        assert_eq!(
            (&failed["fault"]["origin"], &failed["attempts"]),
            (&"source".into(), &1.into())
        );
        Audited::Registry(&pair.mirror).assert_sound();
    }
}
