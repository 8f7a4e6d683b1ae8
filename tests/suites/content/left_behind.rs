//! What is no part of an image cannot stop its copy: it is left behind with a warning, and the next run
//! looks for it again.

use super::pair::Pair;
use engine_tests::fault::{Fault, Proxy, Rule};
use engine_tests::images::{Seed, Seeded};
use engine_tests::registry::Registry;
use serde_json::{Value, json};

const COPY: &str = "run: {attempts: 2, pause: 1ms, state: state.sqlite}\n\
    sources: {app: {from: \"SOURCE/app:v1\"}}\n\
    sinks: {mirror: {inputs: [app], to: \"MIRROR/copy/app\"}}";

/// Writes a spec whose source is reached by a proxy, which answers like this to each such GET.
fn behind(pair: &Pair, blocks: &str, path: &str, status: u16) -> Proxy {
    proxied(pair, &pair.source, blocks, (path, status))
}

fn proxied(pair: &Pair, to: &Registry, blocks: &str, (path, status): (&str, u16)) -> Proxy {
    let rule = Rule::on("GET", path, Fault::ServerFault { status }).always();
    let proxy = Proxy::start(to.address(), vec![rule]);
    pair.spec(blocks);
    let spec = std::fs::read_to_string(pair.world.here().join("sync.yaml")).unwrap();
    pair.world.write("sync.yaml", &spec.replace(&to.url(), &proxy.url()));
    proxy
}

/// The item of `v1` in the report of the last run.
fn item(pair: &Pair) -> Value {
    let report = pair.report();
    let items = report["items"].as_array().unwrap();
    let of_v1 = |item: &&Value| item["source"]["ref"].as_str().unwrap().ends_with("app:v1");
    items.iter().find(of_v1).unwrap().clone()
}

/// Runs, and holds that the image is copied and something is left behind.
#[track_caller]
fn leaves(pair: &Pair, proxy: &Proxy, image: &Seeded) {
    drop(pair.again().expect_success());
    assert!(!proxy.struck().is_empty(), "nothing was refused: {:?}", proxy.seen());
    pair.assert_same(image, "copy/app", "v1");
    let report = pair.report();
    assert_eq!(report["warnings"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["warnings"][0]["code"], "transfer::companions-unread", "{report}");
    assert_eq!(
        (&item(pair)["incomplete"], &report["summary"]["incomplete"]),
        (&json!(true), &json!(1))
    );
}

/// Runs without faults, and holds that what was left behind is brought, and that nothing is asked then.
#[track_caller]
fn completes(pair: &Pair, proxy: &Proxy, brought: u64) {
    proxy.clear();
    drop(pair.again().expect_success());
    let report = pair.report();
    assert_eq!((&report["warnings"], &report["summary"]["incomplete"]), (&json!([]), &json!(0)));
    let item = item(pair);
    assert_eq!(
        (&item["status"], &item["referrers"]),
        (&json!("copied"), &json!(brought)),
        "{item}"
    );
    for registry in [&pair.source, &pair.mirror] {
        registry.journal().clear();
    }
    drop(pair.again().expect_success());
    assert_eq!(pair.report()["summary"]["unchanged"], 1);
    for registry in [&pair.source, &pair.mirror] {
        let asked = registry.journal().lines();
        assert!(!asked.contains("tags/list") && !asked.contains("referrers"), "{asked}");
        assert_eq!(registry.journal().writes(), 0, "{asked}");
    }
}

#[test]
fn an_image_is_copied_where_its_tags_may_not_be_listed() {
    for status in [401, 403, 500] {
        let pair = Pair::new();
        let mut seed = Seed::new(860);
        let image = seed.image(&[400]);
        pair.give(&image, "app", "v1");
        let signed = Seeded { tags: Vec::new(), ..seed.cosign(&image) };
        let tag = format!("{}.sig", image.top.digest.to_string().replace(':', "-"));
        pair.give(&signed, "app", &tag);
        let proxy = behind(&pair, COPY, "/v2/app/tags/list", status);
        leaves(&pair, &proxy, &image);
        assert_eq!(pair.mirrored("copy/app", &tag), None);
        completes(&pair, &proxy, 1);
        assert_eq!(pair.mirrored("copy/app", &tag), Some(signed.top.digest));
    }
}

#[test]
fn a_tag_that_never_moves_is_looked_at_again_too() {
    let pair = Pair::new();
    let mut seed = Seed::new(861);
    let image = seed.image(&[400]);
    pair.give(&image, "app", "v1");
    let bill = seed.referrer(&image, "application/spdx+json");
    bill.push_into(&pair.source, "app", "bill");
    let immutable =
        COPY.replace("SOURCE/app:v1\"", "SOURCE/app\", tags: {include: ^v}, mutableTags: []");
    let proxy = behind(&pair, &immutable, "/v2/app/referrers/*", 403);
    leaves(&pair, &proxy, &image);
    proxy.clear();
    drop(pair.again().expect_success());
    assert_eq!(item(&pair)["reason"]["kind"], "present", "it was looked at");
    assert!(pair.mirror.store().manifest("copy/app", bill.top.digest.as_str()).is_some());
    drop(pair.again().expect_success());
    assert_eq!(item(&pair)["reason"]["kind"], "immutable-known", "and is complete now");
}

#[test]
fn a_referrer_that_is_gone_is_left_behind_and_the_others_are_copied() {
    for gone in ["manifests", "blobs"] {
        let pair = Pair::new();
        let mut seed = Seed::new(862);
        let image = seed.image(&[400]);
        pair.give(&image, "app", "v1");
        let [lost, other] = ["application/spdx+json", "application/x-signature"]
            .map(|kind| seed.referrer(&image, kind));
        for (referrer, tag) in [(&lost, "lost"), (&other, "other")] {
            referrer.push_into(&pair.source, "app", tag);
        }
        let largest = lost.blobs.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap().0;
        let digest = if gone == "blobs" { largest } else { &lost.top.digest };
        let proxy = behind(&pair, COPY, &format!("/v2/app/{gone}/{digest}"), 404);
        leaves(&pair, &proxy, &image);
        assert_eq!(item(&pair)["referrers"], 1, "{gone}");
        let has = |referrer: &Seeded| {
            let digest = referrer.top.digest.as_str();
            pair.mirror.store().manifest("copy/app", digest).is_some()
        };
        assert!(has(&other) && !has(&lost), "{gone}");
        completes(&pair, &proxy, 1);
        assert!(has(&lost), "{gone}");
    }
}

#[test]
fn a_destination_whose_tags_may_not_be_listed_gets_what_is_missing() {
    let pair = Pair::new();
    let mut seed = Seed::new(863);
    let image = seed.image(&[400]);
    pair.give(&image, "app", "v1");
    let all = COPY.replace("SOURCE/app:v1\"", "SOURCE/app\", tags: {include: ^v}");
    let proxy = proxied(&pair, &pair.mirror, &all, ("/v2/copy/app/tags/list", 403));
    drop(pair.again().expect_success());
    pair.assert_same(&image, "copy/app", "v1");
    let signed = Seeded { tags: Vec::new(), ..seed.cosign(&image) };
    let tag = format!("{}.sig", image.top.digest.to_string().replace(':', "-"));
    pair.give(&signed, "app", &tag);
    for _ in 0..2 {
        drop(pair.again().expect_success());
        assert_eq!(pair.mirrored("copy/app", &tag), Some(signed.top.digest.clone()));
    }
    assert!(!proxy.struck().is_empty());
    assert_eq!(pair.report()["summary"]["unchanged"], 2, "{}", pair.report());
}
