//! A registry that counts pulls and says how many are left.

use engine_tests::images::Seed;
use engine_tests::registry::{Kind, Options, RateLimit, Registry};
use engine_tests::world;
use engine_tests::world::World;
use hyper::Method;
use serde_json::Value;
use std::time::Duration;

/// A registry with four images that allows so many pulls in six hours.
fn counting(limit: u32) -> Registry {
    filled(RateLimit { limit, window: Duration::from_hours(6), answers_all: false })
}

/// A registry with four images that counts like this.
fn filled(rate_limit: RateLimit) -> Registry {
    let rate_limit = Some(rate_limit);
    let registry = Registry::start(Options { rate_limit, ..Options::default() });
    for tag in 0..4 {
        let image = Seed::new(840 + tag).image(&[300]);
        image.push_into(&registry, "app", &format!("v{tag}"));
    }
    registry
}

fn spec(world: &World, [source, mirror]: [&Registry; 2], reserve: &str, filters: &str) {
    let (from, to) = (source.address(), mirror.address());
    let input = if filters.is_empty() { "app" } else { "some" };
    let text = format!(
        "apiVersion: engine/v1\nregistries:\n  \
         \"{from}\": {{endpoint: \"http://{from}\"{reserve}}}\n  \
         \"{to}\": {{endpoint: \"http://{to}\"}}\n\
         sources: {{app: {{from: \"{from}/app\"}}}}\n{filters}\
         sinks: {{mirror: {{inputs: [{input}], to: \"{to}/app\"}}}}\n"
    );
    world.write("sync.yaml", &text);
}

/// Runs the spec, which must end with 75. Gives the report.
fn incomplete(world: &World) -> Value {
    drop(world.run(&["run", "sync.yaml", "--report", "report.json"]).expect_code(75));
    let text = std::fs::read(world.here().join("report.json")).expect("a report was written");
    let report: Value = serde_json::from_slice(&text).expect("a report is JSON");
    for item in report["items"].as_array().unwrap() {
        match item["status"].as_str().unwrap() {
            "deferred" => assert_eq!(item["fault"]["code"], "http::quota", "{item}"),
            status => assert!(["copied", "unchanged"].contains(&status), "{item}"),
        }
    }
    assert_eq!(report["faults"], serde_json::json!([]), "the registry is not down");
    report
}

#[test]
fn pulls_end_at_the_reserve_and_the_rest_waits() {
    let (source, mirror, world) = (counting(3), Registry::open(), world!());
    let pulls = || source.journal().count_of(&Method::GET, Kind::Manifest);
    spec(&world, [&source, &mirror], ", limits: {reserve: 1}", "");
    let report = incomplete(&world);
    assert_eq!((pulls(), mirror.store().tags("app").len()), (2, 2));
    assert_eq!(report["summary"]["deferred"], 2);
    let requests = &report["summary"]["requests"][source.address().to_string()];
    assert_eq!(requests["pullsLeft"], 1, "{requests}");
    assert_eq!(requests["http429"], 0, "nothing is sent in vain");

    spec(&world, [&source, &mirror], "", "");
    assert_eq!(incomplete(&world)["summary"]["deferred"], 1);
    assert_eq!((pulls(), mirror.store().tags("app").len()), (3, 3), "the reserved one");
    assert_eq!(incomplete(&world)["summary"]["unchanged"], 3);
    assert_eq!(pulls(), 3, "none is left, as HEAD says");
}

#[test]
fn what_a_filter_cannot_read_waits_too() {
    let (source, mirror, world) = (counting(0), Registry::open(), world!());
    let filter = "filters: {some: {inputs: [app], platforms: [linux/amd64]}}\n";
    spec(&world, [&source, &mirror], "", filter);
    assert_eq!(incomplete(&world)["summary"]["deferred"], 4);
    assert!(mirror.store().names().is_empty());
}

#[test]
fn a_window_of_a_second_is_waited_for() {
    let window = Duration::from_secs(1);
    let source = filled(RateLimit { limit: 0, window, answers_all: true });
    let (mirror, world) = (Registry::open(), world!());
    spec(&world, [&source, &mirror], "", "");
    drop(world.run(&["run", "sync.yaml"]).expect_success());
    assert_eq!(mirror.store().tags("app").len(), 4);
}
