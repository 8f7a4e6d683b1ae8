//! What one pipeline signs, another accepts.

use super::chain::{BY_RELEASE, Chain, WITH_RELEASE, fixtures, tag_of};
use engine_oci::Digest;
use engine_oci::simple_signing::{MEDIA_TYPE, Payload, SIGNATURE};
use engine_tests::audit::Audited;
use serde_json::json;
use std::time::Duration;

#[test]
fn what_is_signed_on_its_way_is_accepted_on_the_next() {
    let (chain, image) = Chain::with_image(1000);
    drop(chain.sign(WITH_RELEASE).expect_success());
    Audited::Registry(&chain.prod).assert_sound();
    let (digests, store) =
        (image.manifests.iter().map(|sealed| &sealed.digest), chain.prod.store());
    for digest in digests {
        let (_, stored) = store.manifest("team/app", &tag_of(digest)).expect("each is signed");
        let manifest: serde_json::Value = serde_json::from_slice(&stored.bytes).unwrap();
        let [layer] = manifest["layers"].as_array().unwrap().as_slice() else { panic!("one") };
        assert_eq!(layer["mediaType"], MEDIA_TYPE);
        let text = store.blob("team/app", &layer["digest"].as_str().unwrap().parse().unwrap());
        let said = Payload::parse(&text.unwrap()).unwrap();
        let reference = "registry.example/team/app:v1".to_owned();
        assert_eq!(said, Payload { digest: digest.clone(), reference });
    }
    drop(store);

    drop(chain.verify(&format!("{BY_RELEASE}, always: true")).expect_success());
    Audited::Registry(&chain.edge).assert_sound();
    let there = chain.edge.store().manifest("copy", "v1").map(|(digest, _)| digest);
    assert_eq!(there.as_ref(), Some(&image.top.digest));
    let plan = chain.plan().to_string();
    let key = std::fs::read(chain.world.here().join("keys/release.pub")).unwrap();
    let fingerprint = engine::trust::Key::public(&key).unwrap().fingerprint();
    for part in [
        format!("key:{fingerprint}"),
        "signed as registry.example/team/app:v1".to_owned(),
        format!("named by the index {}", image.top.digest),
    ] {
        assert!(plan.contains(&part), "{part}\n{plan}");
    }
    drop(chain.again().expect_success());
    assert_eq!(chain.report()["summary"]["unchanged"], 1);
}

#[test]
fn each_child_can_be_held_to_a_signature_of_its_own() {
    let (chain, _) = Chain::with_image(1001);
    drop(chain.sign("sign: {key: release, children: none}").expect_success());
    let each = "verify: {keys: [release], children: each}";
    chain.assert_refused(chain.verify(each), "no signature was found for sha256:");
    // What is there already is signed further, and not copied again.
    drop(chain.sign(WITH_RELEASE).expect_success());
    assert_eq!(chain.prod.store().tags("team/app").len(), 4, "the image, and three signatures");
    drop(chain.verify(each).expect_success());
}

#[test]
fn an_image_is_signed_as_what_the_step_says() {
    let (chain, image) = Chain::with_image(1002);
    let words = "sign: {key: release, identity: \"public.example/{{ item.source.repo }}\"}";
    drop(chain.sign(words).expect_success());
    assert!(chain.attached("team/app", &image.top.digest).is_some());
    let this = "signed as public.example/team/app, this is registry.example/team/app";
    chain.assert_refused(chain.verify(BY_RELEASE), this);
    let identity = "{type: exactRepository, dockerRepository: public.example/team/app}";
    let words = format!("verify: {{keys: [release], identity: {identity}}}");
    drop(chain.verify(&words).expect_success());
}

#[test]
fn a_second_run_signs_nothing_and_other_signatures_stay() {
    let (chain, image) = Chain::with_image(1003);
    let digest = &image.top.digest;
    drop(chain.sign(WITH_RELEASE).expect_success());
    let first = chain.attached("team/app", digest).unwrap();
    chain.prod.journal().clear();
    drop(chain.again().expect_success());
    assert_eq!(chain.prod.journal().writes(), 0, "{}", chain.prod.journal().lines());

    // Somebody else's signature, before ours is made anew.
    let text = b"somebody's";
    let stranger = json!({"mediaType": MEDIA_TYPE, "digest": Digest::of(text), "size": text.len(),
        "annotations": {SIGNATURE: "c29tZWJvZHk="}});
    chain.prod.store().add_blob("team/app", &Digest::of(text), text.as_slice().into());
    let mut changed = first.clone();
    changed["layers"] = json!([stranger]);
    chain.attach("team/app", digest, changed.to_string().as_bytes());
    std::fs::remove_file(chain.world.here().join("state.sqlite")).unwrap();
    drop(chain.again().expect_success());
    let layers = chain.attached("team/app", digest).unwrap()["layers"].clone();
    assert_eq!(layers[0], stranger, "it stays, and stays first");
    assert_eq!(layers[1]["digest"], first["layers"][0]["digest"], "the same text as before");
    assert_eq!(layers.as_array().unwrap().len(), 2);
    drop(chain.verify(BY_RELEASE).expect_success());
}

#[test]
fn nothing_is_written_without_the_key() {
    let (chain, _) = Chain::with_image(1004);
    let spec = |key: &str| {
        format!(
            "keys:\n  release: {key}\n\
             sources:\n  app: {{from: build.example/team/app}}\n\
             transforms:\n  signed: {{inputs: [app], {WITH_RELEASE}}}\n\
             sinks:\n  prod: {{inputs: [signed], to: \"registry.example/team/app:{{{{ item.tag }}}}\"}}"
        )
    };
    chain.world.write("keys/broken.key", "-----BEGIN NOTHING-----\n");
    for (key, code) in [
        ("{file: keys/cosign.key, passphrase: {env: HOME}}", "trust::wrong-passphrase"),
        ("{file: keys/cosign.key}", "trust::no-passphrase"),
        ("{file: keys/lost.key}", "run::key-unreadable"),
        ("{file: keys/broken.key}", "trust::not-a-key"),
        ("{file: keys/release.pub}", "host::settings"),
    ] {
        let outcome = chain.run(&spec(key));
        assert!(![0, 101].contains(&outcome.code), "{key}\n{}", outcome.stderr);
        assert!(outcome.stderr.contains(code), "{code}\n{}", outcome.stderr);
        assert!(!outcome.stderr.contains("PRIVATE"), "{}", outcome.stderr);
        assert!(chain.prod.store().tags("team/app").is_empty(), "{code}");
        // Which of the two halves it is comes out when it is to sign.
        let journal = chain.prod.journal();
        assert!(
            journal.writes() == 0 || key.contains(".pub"),
            "{code}\n{}\n{}",
            journal.lines(),
            outcome.stderr
        );
    }
    let layout = spec("{file: keys/release.key}").replace("registry.example/team/app", "oci:out");
    let outcome = chain.run(&layout);
    assert!(outcome.code != 0 && outcome.stderr.contains("identity"), "{}", outcome.stderr);
    assert!(!chain.world.here().join("out").exists());
}

#[test]
fn two_signers_at_once_lose_no_signature() {
    let (chain, image) = Chain::with_image(1005);
    drop(chain.sign(WITH_RELEASE).expect_success());
    let digest = &image.top.digest;
    chain.prod.store().untag("team/app", &tag_of(digest));
    let text = std::fs::read_to_string(chain.world.here().join("sync.yaml")).unwrap();
    let text = text.replace("state.sqlite", "none");
    chain.world.write("one.yaml", &text);
    chain.world.write("two.yaml", &text.replace("release.key", "second.key"));
    chain.world.write(
        "keys/second.key",
        &std::fs::read_to_string(fixtures().join("keys/openssl-3.0/p256.parameters.key")).unwrap(),
    );
    let both = ["one.yaml", "two.yaml"].map(|spec| chain.world.start(&["run", spec]));
    for run in both {
        drop(run.wait(Duration::from_mins(1)).expect_success());
    }
    let layers = chain.attached("team/app", digest).unwrap()["layers"].clone();
    assert_eq!(layers.as_array().unwrap().len(), 2, "{layers}");
}
