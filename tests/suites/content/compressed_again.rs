//! What a second run costs where layers are compressed anew: the three cases of design 7.

use super::compressed::{spec, with_state};
use super::pair::Pair;
use engine_tests::images::{Dialect, Seed, Seeded};
use engine_tests::registry::{Journal, Kind};
use hyper::Method;

const TAGS: usize = 5;

/// What a run asked, by kind.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    heads: usize,
    manifests: usize,
    lists: usize,
    blobs: usize,
    writes: usize,
}

impl Cost {
    fn of(journal: &Journal) -> Self {
        let of = |method: Method, kind| journal.count_of(&method, kind);
        Self {
            heads: of(Method::HEAD, Kind::Manifest),
            manifests: of(Method::GET, Kind::Manifest),
            lists: of(Method::GET, Kind::Tags),
            blobs: of(Method::GET, Kind::Blob) + of(Method::HEAD, Kind::Blob),
            writes: journal.writes(),
        }
    }
}

fn tags(image: impl Fn(&mut Seed) -> Seeded) -> Pair {
    let pair = Pair::new();
    let mut seed = Seed::new(1110);
    for tag in 0..TAGS {
        pair.give(&image(&mut seed), "app", &format!("v{tag}"));
    }
    pair
}

/// Runs twice, and gives what the second run asked the source and the mirror.
fn second_run(pair: &Pair, blocks: &str) -> (Cost, Cost) {
    drop(pair.run(blocks).expect_success());
    let before: Vec<_> = pair.names().iter().map(|name| named(pair, name)).collect();
    pair.source.journal().clear();
    pair.mirror.journal().clear();
    drop(pair.again().expect_success());
    assert_eq!(pair.report()["summary"]["unchanged"], TAGS, "{}", pair.report());
    let after: Vec<_> = pair.names().iter().map(|name| named(pair, name)).collect();
    assert_eq!(before, after, "each name points to what it pointed to");
    let costs = (Cost::of(pair.source.journal()), Cost::of(pair.mirror.journal()));
    eprintln!("{TAGS} tags compressed again: source {:?}, mirror {:?}", costs.0, costs.1);
    costs
}

fn named(pair: &Pair, name: &str) -> Option<engine_oci::Digest> {
    let (repository, tag) = name.split_once(':').unwrap();
    pair.mirrored(repository, tag)
}

fn only_heads(lists: usize) -> Cost {
    Cost { heads: TAGS, manifests: 0, lists, blobs: 0, writes: 0 }
}

#[test]
fn with_state_a_second_run_reads_no_blob_and_writes_nothing() {
    let platforms = ["linux/amd64", "linux/arm64"];
    let index = |seed: &mut Seed| seed.index(Dialect::Oci, &platforms, &[20_000, 9000]);
    let docker = |seed: &mut Seed| seed.docker_image(&[20_000]);
    for pair in [tags(index), tags(docker)] {
        let blocks = with_state("codec: gzip, level: 9, force: true", "state.sqlite");
        let (source, mirror) = second_run(&pair, &blocks);
        assert_eq!((source, mirror), (only_heads(1), only_heads(0)));
    }
}

#[test]
fn without_state_a_second_run_knows_oci_results_by_one_get() {
    let platforms = ["linux/amd64", "linux/arm64"];
    let index = |seed: &mut Seed| seed.index(Dialect::Oci, &platforms, &[20_000, 9000]);
    let image = |seed: &mut Seed| seed.image(&[20_000]);
    for pair in [tags(index), tags(image)] {
        let (source, mirror) = second_run(&pair, &spec("codec: zstd"));
        assert_eq!(source, only_heads(1));
        assert_eq!(mirror, Cost { manifests: TAGS, ..only_heads(0) });
    }
}

#[test]
fn without_state_docker_results_are_made_again_and_the_plan_says_so() {
    let pair = tags(|seed| seed.docker_image(&[20_000]));
    let blocks = spec("codec: gzip, level: 9, force: true");
    drop(pair.run(&blocks).expect_success());
    let plan = pair.world.run(&["plan", "sync.yaml"]).expect_success();
    let said = plan.stdout.matches("made again: whether").count();
    assert_eq!(said, TAGS, "{}", plan.stdout);
    assert_eq!(plan.stdout.matches("known only after it is done: layers compressed").count(), TAGS);
    let (source, mirror) = second_run(&pair, &blocks);
    assert_eq!(source.blobs, 2 * TAGS, "a layer and a config");
    assert!(mirror.writes > 0, "{mirror:?}");
}

#[test]
fn another_level_or_another_image_is_made_anew() {
    let pair = tags(|seed| seed.image(&[20_000]));
    drop(pair.run(&spec("codec: zstd")).expect_success());
    let before = pair.mirrored("app", "v1");
    drop(pair.run(&spec("codec: zstd, level: 19")).expect_success());
    assert_eq!(pair.report()["summary"]["moved"], TAGS);
    assert_ne!(pair.mirrored("app", "v1"), before);
    pair.give(&Seed::new(1111).image(&[30_000]), "app", "v1");
    drop(pair.again().expect_success());
    let summary = &pair.report()["summary"];
    assert_eq!((&summary["moved"], &summary["unchanged"]), (&1.into(), &(TAGS - 1).into()));
}

#[test]
fn a_saved_plan_says_what_is_known_and_what_is_not() {
    let pair = tags(|seed| seed.image(&[20_000]));
    let json = |pair: &Pair| -> serde_json::Value {
        let plan = pair.world.run(&["plan", "sync.yaml", "--output", "json"]).expect_success();
        serde_json::from_str(&plan.stdout).unwrap()
    };
    pair.spec(&with_state("codec: zstd", "state.sqlite"));
    let plan = json(&pair);
    let expected = serde_json::json!({"after": {"codec": "zstd", "level": 3, "force": false}});
    assert_eq!(plan["items"][0]["expected"], expected, "{plan}");
    drop(pair.again().expect_success());
    let digest = pair.mirrored("app", "v0").unwrap();
    pair.mirror.store().untag("app", "v0");
    let plan = json(&pair);
    let items = plan["items"].as_array().unwrap();
    let remembered = serde_json::json!({"remembered": digest});
    assert_eq!((&items[0]["action"], &items[0]["expected"]), (&"copy".into(), &remembered));
    assert_eq!(items[1]["action"], "unchanged");
    drop(pair.again().expect_success());
    assert_eq!(pair.mirrored("app", "v0"), Some(digest), "it came out as it is remembered");
}
