//! A signer that wants its key to sign for another image than the one that it is called for.

use super::chain::{BY_RELEASE, Chain};
use engine_tests::guest::component;
use engine_tests::world::Outcome;

/// Runs the guest over an image of two platforms on its way to production.
fn sign(chain: &Chain, act: &str) -> Outcome {
    let guest = component("signs-anything");
    chain.run(&format!(
        "keys:\n  release: {{file: keys/release.key}}\n\
         plugins:\n  guest: {{from: {}, grants: {{keys: [release]}}}}\n\
         sources:\n  app: {{from: build.example/team/app}}\n\
         transforms:\n  signed: {{inputs: [app], plugin: guest, with: {{act: {act}}}}}\n\
         sinks:\n  prod: {{inputs: [signed], to: \"registry.example/team/app:{{{{ item.tag }}}}\"}}",
        guest.display()
    ))
}

#[test]
fn signs_anything() {
    for (act, code) in [
        ("evil", "host::other-subject"),
        ("twice", "host::unknown-form"),
        ("folded", "host::unknown-form"),
        ("long-s", "host::unknown-form"),
        ("escaped", "host::unknown-form"),
        ("two-subjects", "host::unknown-form"),
        ("two-documents", "host::unknown-form"),
        ("trailing", "host::unknown-form"),
        ("wrapped", "host::unknown-form"),
        ("nested", "host::unknown-form"),
        ("free", "host::unknown-form"),
        ("bare", "host::unknown-form"),
        ("other-name", "host::other-subject"),
        ("other-tag", "host::other-subject"),
        ("no-name", "host::other-subject"),
        ("large", "host::unknown-form"),
    ] {
        let (chain, image) = Chain::with_image(1200);
        let outcome = sign(&chain, act);
        assert_eq!(outcome.code, 1, "{act}: {}", outcome.snapshot());
        let report = chain.report();
        assert_eq!(report["items"][0]["fault"]["code"], code, "{act}: {report}");
        // Nothing was signed, so nothing is told, and nothing has a name.
        assert!(!outcome.stderr.contains("is signed by"), "{act}: {}", outcome.stderr);
        assert!(chain.attached("team/app", &image.top.digest).is_none(), "{act}");
        assert!(chain.prod.store().tags("team/app").is_empty(), "{act}");
    }
}

/// The same guest, where it signs what it is called for: only what it asks for is refused.
#[test]
fn an_honest_text_of_the_same_signer_is_signed_and_verified() {
    let (chain, image) = Chain::with_image(1201);
    drop(sign(&chain, "honest").expect_success());
    assert!(chain.attached("team/app", &image.top.digest).is_some());
    drop(chain.verify(BY_RELEASE).expect_success());
}
