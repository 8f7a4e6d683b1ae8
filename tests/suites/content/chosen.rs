//! Which images are copied: tags, repositories, lists, platforms, labels.

use super::pair::Pair;
use bytes::Bytes;
use engine_tests::images::{Dialect, Seed, Seeded};
use serde_json::{Value, json};

const TAGS: [&str; 9] =
    ["v1.2.0", "1.10.0", "1.9", "2.0.0-rc1", "2.0.0", "latest", "nightly", "1.2.0-alpine", "3.10"];

/// A pair with an image under each tag of `app`.
fn tagged() -> Pair {
    let pair = Pair::new();
    let mut seed = Seed::new(830);
    for tag in TAGS {
        pair.give(&seed.image(&[100]), "app", tag);
    }
    pair
}

#[test]
fn tags_are_chosen_in_the_order_of_the_specification() {
    for (tags, wanted) in [
        ("{include: '^v'}", &["v1.2.0"][..]),
        ("{include: ['^1', '^2'], exclude: [rc, alpine]}", &["1.10.0", "1.9", "2.0.0"]),
        ("{semver: '>=1.9 <3'}", &["1.10.0", "1.9", "2.0.0"]),
        ("{semver: '>=1', latest: 2}", &["2.0.0", "3.10"]),
        ("{semver: '>=2.0.0-rc1', latest: 9}", &["2.0.0", "2.0.0-rc1", "3.10"]),
        ("{semver: '1.x', always: [latest, absent]}", &["1.10.0", "1.9", "latest", "v1.2.0"]),
        ("{include: '^[a-z]+$', sort: alphabetical, latest: 1}", &["nightly"]),
        ("{key: '^(?<v>1\\.[0-9]+)', sort: semver, latest: 1}", &["1.10.0"]),
    ] {
        let pair = tagged();
        let spec = format!(
            "sources: {{app: {{from: SOURCE/app, tags: {tags}}}}}\n\
             sinks: {{mirror: {{inputs: [app], to: MIRROR/copy}}}}"
        );
        drop(pair.run(&spec).expect_success());
        let wanted: Vec<String> = wanted.iter().map(|tag| format!("copy:{tag}")).collect();
        assert_eq!(pair.names(), wanted, "{tags}");
    }
}

#[test]
fn globs_name_repositories_and_a_list_names_images() {
    let pair = Pair::new();
    let mut seed = Seed::new(831);
    for repository in ["team/a", "team/b", "team/sub/c", "other/d"] {
        pair.give(&seed.image(&[100]), repository, "v1");
    }
    let pinned = seed.image(&[100]);
    pair.give(&pinned, "other/d", "moving");
    let digest = &pinned.top.digest;
    let list = format!("# two\nSOURCE/team/a:v1\n\nSOURCE/other/d@{digest} # pinned\n")
        .replace("SOURCE", &pair.source.address().to_string());
    pair.world.write("list.txt", &list);
    let by_digest = format!("SOURCE/other/d:moving@{digest}");
    for (source, wanted) in [
        ("from: \"SOURCE/team/*\"", &["team/a:v1", "team/b:v1"][..]),
        ("from: \"SOURCE/team/**\"", &["team/a:v1", "team/b:v1", "team/sub/c:v1"]),
        ("from: [\"SOURCE/team/a\", \"SOURCE/*/sub/c\"]", &["team/a:v1", "team/sub/c:v1"]),
        ("file: list.txt", &["team/a:v1"]),
        (&format!("from: {by_digest}"), &["other/d:moving"]),
    ] {
        *pair.mirror.store() = engine_tests::registry::Store::default();
        let spec = format!(
            "sources: {{all: {{{source}}}}}\n\
             sinks: {{mirror: {{inputs: [all], to: \"MIRROR/{{{{ item.source.repo }}}}\"}}}}"
        );
        drop(pair.run(&spec).expect_success());
        assert_eq!(pair.names(), wanted, "{source}");
        let by_digest = pair.mirror.store().manifest("other/d", digest.as_str());
        assert_eq!(
            by_digest.is_some(),
            source.contains("list") || source.contains('@'),
            "{source}"
        );
    }
}

#[test]
fn names_of_a_catalog_that_are_no_repositories_are_left_out_with_a_reason() {
    let pair = Pair::new();
    let mut seed = Seed::new(835);
    for repository in ["team/a", "Team/B", "team/d e", "other/e"] {
        pair.give(&seed.image(&[100]), repository, "v1");
    }
    let spec = |glob: &str| {
        format!(
            "sources: {{all: {{from: \"SOURCE/{glob}\"}}}}\n\
             sinks: {{mirror: {{inputs: [all], to: \"MIRROR/{{{{ item.source.repo }}}}\"}}}}"
        )
    };
    drop(pair.run(&spec("**")).expect_success());
    assert_eq!(pair.names(), ["other/e:v1", "team/a:v1"]);
    let left_out = |report: &Value| -> Vec<String> {
        let skips = report["skips"].as_array().unwrap().iter();
        skips.map(|skip| skip["image"].as_str().unwrap().to_owned()).collect()
    };
    let at = pair.source.address();
    assert_eq!(left_out(&pair.report()), [format!("{at}/Team/B"), format!("{at}/team/d e")]);
    let why = pair.world.run(&["explain", "sync.yaml", &format!("{at}/Team/B")]).expect_success();
    let reason = "left out by `all`: no repository can be called so";
    assert!(why.stdout.contains(reason), "{}", why.snapshot());
    drop(pair.run(&spec("other/*")).expect_success());
    assert_eq!(left_out(&pair.report()), [""; 0], "nobody asked for these");
}

#[test]
fn why_a_number_is_no_version_is_explained() {
    let pair = Pair::new();
    let mut seed = Seed::new(836);
    for tag in ["1.2", "03549270"] {
        pair.give(&seed.image(&[100]), "app", tag);
    }
    pair.spec(
        "sources: {app: {from: SOURCE/app, tags: {semver: '>=1', latest: 3}}}\n\
         sinks: {mirror: {inputs: [app], to: MIRROR/copy}}",
    );
    let app = format!("{}/app:03549270", pair.source.address());
    let why = pair.world.run(&["explain", "sync.yaml", &app]).expect_success();
    assert!(why.stdout.contains("a number alone is one only with"), "{}", why.snapshot());
}

#[test]
fn an_image_without_a_tag_is_refused_where_its_tag_is_filled_in() {
    let pair = Pair::new();
    let image = Seed::new(837).image(&[100]);
    pair.give(&image, "app", "v1");
    let spec = |to: &str| {
        format!(
            "sources: {{app: {{from: \"SOURCE/app@{}\"}}}}\n\
             sinks: {{mirror: {{inputs: [app], to: \"MIRROR/copy{to}\"}}}}",
            image.top.digest
        )
    };
    pair.spec(&spec(":{{ item.tag }}"));
    let refused = pair.world.run(&["check", "sync.yaml"]).expect_code(65);
    assert!(refused.stderr.contains("[graph::no-tag]"), "{}", refused.snapshot());
    drop(pair.run(&spec("")).expect_success());
    assert!(pair.mirror.store().manifest("copy", image.top.digest.as_str()).is_some());
}

/// The label that each seeded config has.
fn label(image: &Seeded) -> String {
    let configs =
        image.blobs.values().filter_map(|blob| serde_json::from_slice::<Value>(blob).ok());
    let mut labels = configs
        .filter_map(|config| config["config"]["Labels"]["seeded"].as_str().map(str::to_owned));
    labels.next().unwrap()
}

#[test]
fn filters_look_at_platforms_and_labels() {
    let pair = Pair::new();
    let mut seed = Seed::new(832);
    let one = seed.image(&[100]);
    let both = seed.index(Dialect::Oci, &["linux/amd64", "linux/arm64"], &[100]);
    pair.give(&one, "app", "one");
    pair.give(&both, "app", "both");
    pair.give(&seed.artifact(), "app", "chart");
    let (label_of_one, label_of_child) = (label(&one), label(&both));
    for (filter, wanted) in [
        ("platforms: [linux/amd64]".to_owned(), &["copy:both", "copy:one"][..]),
        ("platforms: [linux/amd64, linux/arm64]".to_owned(), &["copy:both"]),
        (format!("labels: {{include: {{seeded: '^{label_of_one}$'}}}}"), &["copy:one"]),
        (format!("labels: {{include: {{seeded: '^{label_of_child}$'}}}}"), &[]),
        ("labels: {include: {seeded: '.'}}".to_owned(), &["copy:both", "copy:one"]),
        (
            format!("labels: {{exclude: {{seeded: '^{label_of_one}$'}}}}"),
            &["copy:both", "copy:chart"],
        ),
        ("tags: {exclude: o}".to_owned(), &["copy:chart"]),
    ] {
        *pair.mirror.store() = engine_tests::registry::Store::default();
        let spec = format!(
            "sources: {{app: {{from: SOURCE/app}}}}\n\
             filters: {{some: {{inputs: [app], {filter}}}}}\n\
             sinks: {{mirror: {{inputs: [some], to: MIRROR/copy}}}}"
        );
        drop(pair.run(&spec).expect_success());
        assert_eq!(pair.names(), wanted, "{filter}");
    }
}

#[test]
fn a_plan_says_how_much_moves_where_the_manifests_were_read_anyway() {
    let pair = Pair::new();
    let mut seed = Seed::new(834);
    let layers = seed.layers(&[3000, 500]);
    let index = seed.index_of(Dialect::Oci, &["linux/amd64", "linux/arm64"], &layers);
    let image = seed.image_of(Dialect::Oci, "linux/amd64", &layers);
    pair.give(&index, "app", "v1");
    pair.give(&image, "app", "v2");
    let both = index.with(image);
    let bytes: usize = both.blobs.values().map(Bytes::len).sum();
    let forecast = |blocks: &str| {
        pair.spec(blocks);
        let text = pair.world.run(&["plan", "sync.yaml", "--out", "plan.json"]).expect_success();
        let plan = std::fs::read(pair.world.here().join("plan.json")).unwrap();
        let plan: Value = serde_json::from_slice(&plan).unwrap();
        (plan["forecast"].clone(), text.stdout.contains(" At most "))
    };
    let sink = "sinks: {mirror: {inputs: [INPUT], to: MIRROR/copy}}";
    let filtered = "sources: {app: {from: SOURCE/app}}\n\
        filters: {labelled: {inputs: [app], labels: {include: {seeded: .}}}}\n";
    let known = forecast(&format!("{filtered}{}", sink.replace("INPUT", "labelled")));
    assert_eq!(known, (json!({"bytes": bytes, "unknown": 0}), true));
    let plain = forecast(&format!(
        "sources: {{app: {{from: SOURCE/app}}}}\n{}",
        sink.replace("INPUT", "app")
    ));
    assert_eq!(plain, (json!({"bytes": 0, "unknown": 2}), false), "nothing is asked for it");
}
