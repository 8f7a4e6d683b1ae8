//! What nobody trusted has signed is refused, and nothing of it is written.

use super::chain::{BY_RELEASE, Chain, WITH_RELEASE};
use engine_oci::simple_signing::{MEDIA_TYPE, SIGNATURE, decode, encode};
use engine_tests::images::{Dialect, Seed, Seeded};
use serde_json::{Value, json};

/// An image in production, signed.
fn signed(seed: u64) -> (Chain, Seeded, Value) {
    let (chain, image) = Chain::with_image(seed);
    drop(chain.sign(WITH_RELEASE).expect_success());
    let attached = chain.attached("team/app", &image.top.digest).unwrap();
    (chain, image, attached)
}

#[test]
fn a_signature_with_another_byte() {
    let (chain, image, attached) = signed(1100);
    let written = &attached["layers"][0]["annotations"][SIGNATURE];
    let signature = decode(written.as_str().unwrap()).unwrap();
    for at in [0, 4, signature.len() / 2, signature.len() - 1] {
        let (mut changed, mut other) = (signature.clone(), attached.clone());
        changed[at] ^= 1;
        other["layers"][0]["annotations"][SIGNATURE] = json!(encode(&changed));
        chain.attach("team/app", &image.top.digest, other.to_string().as_bytes());
        let outcome = chain.verify(BY_RELEASE);
        let why = "signature 1: made by another key than `release`, or damaged";
        chain.assert_refused(outcome, why);
    }
    chain.attach("team/app", &image.top.digest, attached.to_string().as_bytes());
    drop(chain.verify(BY_RELEASE).expect_success());
}

#[test]
fn a_signature_by_another_key() {
    let (chain, ..) = signed(1101);
    let why = "made by another key than `skopeo` or `cosign`";
    chain.assert_refused(chain.verify("verify: {keys: [skopeo, cosign]}"), why);
    drop(chain.verify("verify: {keys: [skopeo, release]}").expect_success());
}

#[test]
fn a_signature_of_another_image() {
    let (chain, image, attached) = signed(1102);
    let other = Seed::new(1103).index(Dialect::Oci, &["linux/amd64"], &[100]);
    other.push_into(&chain.prod, "team/app", "v2");
    chain.attach("team/app", &other.top.digest, attached.to_string().as_bytes());
    let why = format!("signs {}, not this image", image.top.digest);
    chain.assert_refused(chain.verify_of("team/app:v2", BY_RELEASE), &why);
}

#[test]
fn a_signature_for_another_name() {
    let (chain, image, attached) = signed(1104);
    image.push_into(&chain.prod, "team/other", "v1");
    let mut store = chain.prod.store();
    for blob in store.blobs("team/app") {
        let bytes = store.blob("team/app", &blob).unwrap();
        store.add_blob("team/other", &blob, bytes);
    }
    drop(store);
    chain.attach("team/other", &image.top.digest, attached.to_string().as_bytes());
    let why = "signed as registry.example/team/app:v1, this is registry.example/team/other";
    chain.assert_refused(chain.verify_of("team/other:v1", BY_RELEASE), why);

    image.push_into(&chain.prod, "team/app", "v2");
    let exactly = "verify: {keys: [release], identity: {type: matchExact}}";
    let why = "signed as registry.example/team/app:v1, this is registry.example/team/app:v2";
    chain.assert_refused(chain.verify_of("team/app:v2", exactly), why);
    drop(chain.verify(exactly).expect_success());
}

#[test]
fn garbage_where_signatures_are() {
    let (chain, image, attached) = signed(1105);
    let lost = "sha256:".to_owned() + &"0".repeat(64);
    let with = |path: &str, value: Value| {
        let mut changed = attached.clone();
        *changed.pointer_mut(path).unwrap() = value;
        changed.to_string().into_bytes()
    };
    let many = vec![attached["layers"][0].clone(); 129];
    for (garbage, why) in [
        (b"no JSON".to_vec(), "cannot be read"),
        (b"{}".to_vec(), "cannot be read"),
        (image.top_bytes().to_vec(), "what stands there is no image"),
        (with("/layers", json!([])), "no signature was found"),
        (with("/layers", json!(many)), "more than 128 signatures"),
        (with("/layers/0/size", json!(5 << 20)), "more than 4194304 bytes"),
        (with("/layers/0/size", json!(3)), "digest"),
        (with("/layers/0/digest", json!(lost)), "its signature cannot be read: "),
        (with("/layers/0/digest", json!("../../etc")), "cannot be read"),
        (with("/layers/0/annotations", json!({})), "its layer has no signature"),
        (with("/layers/0/mediaType", json!("text/plain")), "are no signatures"),
    ] {
        chain.attach("team/app", &image.top.digest, &garbage);
        chain.assert_refused(chain.verify(BY_RELEASE), why);
    }
    // One good signature is enough, whatever stands beside it.
    let good = attached["layers"][0].clone();
    let junk = json!({"mediaType": MEDIA_TYPE, "digest": good["digest"], "size": good["size"],
        "annotations": {SIGNATURE: "!"}});
    let mixed = with("/layers", json!([junk, good]));
    chain.attach("team/app", &image.top.digest, &mixed);
    drop(chain.verify(BY_RELEASE).expect_success());
}

#[test]
fn an_image_without_signatures_unless_the_step_says_otherwise() {
    let (chain, image) = Chain::with_image(1106);
    image.push_into(&chain.prod, "team/app", "v1");
    let why = format!("no signature was found for {}", image.top.digest);
    chain.assert_refused(chain.verify(BY_RELEASE), &why);
    drop(chain.verify("verify: {keys: [release]}, on: {missing: skip}").expect_success());
    assert_eq!(chain.edge.journal().writes(), 0);
    // A key that cannot be read is an error, and whatever is to become of the others, it is no yes.
    chain.world.write("keys/release.pub", "-----BEGIN NOTHING-----\n");
    let words = "verify: {keys: [release]}, on: {missing: warn, violation: warn}";
    chain.assert_refused(chain.verify(words), "trust::not-a-key");
}
