//! What others have signed is accepted. The signatures are those of `fixtures/signatures`, the image
//! is the quickstart's.

use super::chain::{Chain, fixtures, tag_of};
use engine_oci::{Digest, Manifest};
use std::fs;
use std::path::Path;

const IMAGE: &str = "sha256:a697b360e2cd8281179e79eac0b57cded43d296cdf7dc4800a738880a2d0962d";

/// The quickstart's image in production, as `team/app:1.0`, and what a tool attached to it.
fn with(folder: &str) -> Chain {
    let chain = Chain::new();
    let layout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/quickstart/images/blobs");
    let image: Digest = IMAGE.parse().unwrap();
    let mut store = chain.prod.store();
    for entry in fs::read_dir(layout.join("sha256")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        store.add_blob("team/app", &Digest::of(&bytes), bytes.clone().into());
        if let Ok(manifest) = Manifest::parse("", &bytes) {
            store.add_manifest("team/app", &manifest.media_type, bytes.into());
        }
    }
    store.tag("team/app", "1.0", &image);
    let folder = fixtures().join("signatures").join(folder);
    for entry in fs::read_dir(&folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        store.add_blob("team/app", &Digest::of(&bytes), bytes.into());
    }
    drop(store);
    chain.attach("team/app", &image, &fs::read(folder.join("manifest.json")).unwrap());
    chain
}

#[test]
fn signatures_of_cosign_and_skopeo_are_accepted_under_their_keys_alone() {
    for (folder, keys, others) in [
        ("cosign-3.1.1", &["cosign"][..], &["skopeo", "release"][..]),
        ("cosign-2.5.0", &["cosign"], &["skopeo"]),
        ("skopeo-1.22.0", &["skopeo"], &["cosign"]),
        ("two-signers", &["cosign", "skopeo"], &["release"]),
    ] {
        let chain = with(folder);
        for key in others {
            let outcome = chain.verify_of("team/app:1.0", &format!("verify: {{keys: [{key}]}}"));
            chain.assert_refused(outcome, &format!("made by another key than `{key}`"));
        }
        for key in keys {
            let words = format!("verify: {{keys: [{key}]}}, always: true");
            drop(chain.verify_of("team/app:1.0", &words).expect_success());
            let plan = chain.plan().to_string();
            assert!(plan.contains("signed as registry.example/team/app"), "{folder}\n{plan}");
        }
    }
}

#[test]
fn cosign_signs_without_a_tag_and_skopeo_with_it() {
    let exactly = |key| format!("verify: {{keys: [{key}], identity: {{type: matchExact}}}}");
    let chain = with("two-signers");
    let why = "signed as registry.example/team/app, without tag or digest";
    chain.assert_refused(chain.verify_of("team/app:1.0", &exactly("cosign")), why);
    drop(chain.verify_of("team/app:1.0", &exactly("skopeo")).expect_success());
}

#[test]
fn what_skopeo_signed_with_our_key_is_not_signed_again() {
    let chain = with("skopeo-1.22.0");
    let sign = |identity: &str| {
        chain.run(&format!(
            "keys:\n  skopeo: {{file: keys/skopeo.key, passphrase: {{env: PASSPHRASE}}}}\n\
             sources:\n  app: {{from: registry.example/team/app:1.0}}\n\
             transforms:\n  signed: {{inputs: [app], sign: {{key: skopeo, children: none{identity}}}}}\n\
             sinks:\n  prod: {{inputs: [signed], to: \"registry.example/team/app:1.0\"}}"
        ))
    };
    chain.prod.journal().clear();
    drop(sign("").expect_success());
    assert_eq!(chain.prod.journal().writes(), 0, "{}", chain.prod.journal().lines());
    drop(sign(", identity: registry.example/team/app").expect_success());
    let attached = chain.attached("team/app", &IMAGE.parse().unwrap()).unwrap();
    assert_eq!(attached["layers"].as_array().unwrap().len(), 2, "it is another identity");
    assert!(chain.prod.store().manifest("team/app", &tag_of(&IMAGE.parse().unwrap())).is_some());
}
