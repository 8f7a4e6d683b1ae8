//! What signing and verifying cost a registry when nothing changed.

use super::chain::{BY_RELEASE, Chain, WITH_RELEASE, tag_of};
use engine_tests::images::Seed;
use engine_tests::registry::{Asked, Kind};

const TAGS: usize = 20;

/// With images of one platform, and this memory.
fn with_tags(state: &'static str) -> Chain {
    let chain = Chain { state, ..Chain::new() };
    let mut seed = Seed::new(1200);
    for tag in 0..TAGS {
        seed.image(&[50]).push_into(&chain.build, "team/app", &format!("v{tag}"));
    }
    chain
}

/// Requests of a second run at all three registries, but for the lists of tags.
fn second(chain: &Chain) -> Vec<Asked> {
    let registries = [&chain.build, &chain.prod, &chain.edge];
    for registry in registries {
        registry.journal().clear();
    }
    drop(chain.again().expect_success());
    let all = registries.into_iter().flat_map(|registry| registry.journal().all());
    all.filter(|asked| !matches!(asked.kind, Kind::Tags | Kind::Ping)).collect()
}

fn shown(asked: &[Asked]) -> String {
    let line = |asked: &Asked| format!("{} {} {}\n", asked.status, asked.method, asked.path);
    asked.iter().map(line).collect()
}

#[test]
fn an_unchanged_signed_tag_costs_three_requests_and_two_with_a_memory() {
    for (state, requests) in [("none", 3 * TAGS), ("state.sqlite", 2 * TAGS)] {
        let chain = with_tags(state);
        drop(chain.sign(WITH_RELEASE).expect_success());
        let asked = second(&chain);
        assert!(asked.len() <= requests, "{state}: {}\n{}", asked.len(), shown(&asked));
        assert_eq!(asked.iter().filter(|asked| asked.is_write()).count(), 0);
    }
}

#[test]
fn an_unchanged_verified_tag_costs_two_requests() {
    let chain = with_tags("none");
    drop(chain.sign(WITH_RELEASE).expect_success());
    let images = "team/app, tags: {include: \"^v\"}";
    drop(chain.verify_of(images, BY_RELEASE).expect_success());
    let asked = second(&chain);
    assert!(asked.len() <= 2 * TAGS, "{}\n{}", asked.len(), shown(&asked));
    assert_eq!(asked.iter().filter(|asked| asked.is_write()).count(), 0);
}

/// What speaks of an image is no image: it is neither judged nor signed when it comes later.
#[test]
fn a_signature_that_comes_late_follows_its_image_past_the_policy() {
    let (chain, image) = Chain::with_image(1009);
    image.push_into(&chain.prod, "team/app", "v1");
    let images = "team/app, tags: {include: \"^v\"}";
    let lenient = format!("{BY_RELEASE}, on: {{missing: warn}}");
    drop(chain.verify_of(images, &lenient).expect_success());
    let in_place = format!(
        "keys:\n  release: {{file: keys/release.key}}\n\
         sources:\n  app: {{from: registry.example/team/app:v1}}\n\
         transforms:\n  signed: {{inputs: [app], {WITH_RELEASE}}}\n\
         sinks:\n  prod: {{inputs: [signed], to: registry.example/team/app:v1}}"
    );
    drop(chain.run(&in_place).expect_success());
    drop(chain.verify_of(images, BY_RELEASE).expect_success());
    let there = chain.edge.store().tags("copy");
    assert!(there.iter().any(|(tag, _)| *tag == tag_of(&image.top.digest)), "{there:?}");
    drop(chain.again().expect_success());
}
