//! Bad days as a user meets them: the program, its exit code, its report, and the run after it.

use engine_tests::audit::Audited;
use engine_tests::fault::{Fault, Proxy, Rule};
use engine_tests::images::{Seed, Seeded};
use engine_tests::registry::{Access, Credential, Kind, Options, Registry, User};
use engine_tests::world;
use engine_tests::world::World;
use serde_json::Value;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";

/// How long anything here may take.
const LIMIT: Duration = Duration::from_mins(1);

/// The beginning of a spec: registries by name, with their settings.
fn spec(registries: &[(&str, String)], rest: &str) -> String {
    let mut text = "apiVersion: engine/v1\nrun: {attempts: 2, pause: 10ms, grace: 1s, \
        state: state.sqlite}\nregistries:\n"
        .to_owned();
    for (name, settings) in registries {
        writeln!(text, "  {name}: {{{settings}}}").unwrap();
    }
    text + rest
}

fn endpoint(url: &str) -> String {
    format!("endpoint: \"{url}\"")
}

fn filled(registry: &Registry, repository: &str, tags: u64) -> Vec<Seeded> {
    let images = (0..tags).map(|tag| {
        let image = Seed::new(100 + tag).image(&[3000, 500]);
        image.push_into(registry, repository, &format!("v{tag}"));
        image
    });
    images.collect()
}

/// Writes the report to `report.json` and reads it.
fn report(world: &World) -> Value {
    let text = std::fs::read(world.here().join("report.json")).expect("a report was written");
    serde_json::from_slice(&text).expect("a report is JSON")
}

const RUN: [&str; 4] = ["run", "sync.yaml", "--report", "report.json"];

/// The fault codes of the items and steps of a report.
fn codes(report: &Value) -> Vec<String> {
    let all = ["items", "faults"].map(|list| report[list].as_array().cloned().unwrap_or_default());
    let codes = all.iter().flatten().filter_map(|one| one["fault"]["code"].as_str());
    codes.map(str::to_owned).collect()
}

#[test]
fn a_wrong_password_fails_fast_and_others_go_on() {
    let user = || User::new("ann", "right");
    let bearer = Access::Bearer { user: user(), anonymous: false, requests_per_token: None };
    for access in [Access::Basic(user()), bearer] {
        let [source, good] = [(); 2].map(|()| Registry::open());
        let locked = Registry::start(Options { access, ..Options::default() });
        filled(&source, "app", 20);
        let world = world!();
        world.write("password", "wrong");
        let auth = "auth: {username: ann, password: {file: password}}";
        let registries = [
            ("source.test", endpoint(&source.url())),
            ("good.test", endpoint(&good.url())),
            ("locked.test", format!("{}, {auth}", endpoint(&locked.url()))),
        ];
        let rest = "sources:\n  app: {from: [source.test/app]}\nsinks:\n  \
            good: {inputs: [app], to: \"good.test/app:{{ item.tag }}\"}\n  \
            locked: {inputs: [app], to: \"locked.test/app:{{ item.tag }}\"}\n";
        world.write("sync.yaml", &spec(&registries, rest));
        let outcome = world.run(&RUN).expect_code(77);
        assert!(outcome.stderr.contains("locked.test"), "{outcome:?}");
        assert_eq!(good.store().tags("app").len(), 20, "the others go on");
        assert_eq!(locked.store().names(), [""; 0]);
        let asked = locked.journal().count(|_| true);
        assert!(asked <= 26, "a storm of {asked} requests:\n{}", locked.journal().lines());
        let with_password = locked.journal().count(|asked| asked.credential == Credential::Basic);
        assert!(with_password <= 2, "the wrong password was sent {with_password} times");
        assert!(!outcome.stderr.contains("wrong\""), "{outcome:?}");
    }
}

#[test]
fn all_sources_down_is_69_and_one_of_several_1() {
    let [source, copy] = [(); 2].map(|()| Registry::open());
    filled(&source, "app", 3);
    let registries = [
        ("down.test", endpoint(NOBODY)),
        ("source.test", endpoint(&source.url())),
        ("copy.test", endpoint(&copy.url())),
    ];
    let sink = "sinks:\n  copy: {inputs: [INPUTS], to: \"copy.test/{{ item.source.repo }}:{{ \
        item.tag }}\"}\n";
    let down = "  down: {from: [down.test/app]}\n";
    let world = world!();
    let rest = format!("sources:\n{down}{}", sink.replace("INPUTS", "down"));
    world.write("sync.yaml", &spec(&registries, &rest));
    let outcome = world.run(&RUN).expect_code(69);
    assert!(outcome.stderr.contains("`down`"), "{outcome:?}");

    let up = "  up: {from: [source.test/app]}\n";
    let rest = format!("sources:\n{down}{up}{}", sink.replace("INPUTS", "down, up"));
    world.write("sync.yaml", &spec(&registries, &rest));
    let outcome = world.run(&RUN).expect_code(1);
    assert!(outcome.stderr.contains("`down`"), "{outcome:?}");
    assert_eq!(copy.store().tags("app").len(), 3, "the other source was copied");
    assert_eq!(codes(&report(&world)), ["http::unreachable"]);
}

#[test]
fn two_images_for_one_destination_are_both_named() {
    let [source, copy] = [(); 2].map(|()| Registry::open());
    filled(&source, "app", 2);
    let registries =
        [("source.test", endpoint(&source.url())), ("copy.test", endpoint(&copy.url()))];
    let rest = "sources:\n  app: {from: [source.test/app]}\n  \
        other: {from: [\"source.test/app:v1\"]}\nsinks:\n  \
        same: {inputs: [app], to: \"copy.test/same:v1\"}\n  \
        own: {inputs: [other], to: \"copy.test/own:v1\"}\n";
    let world = world!();
    world.write("sync.yaml", &spec(&registries, rest));
    let outcome = world.run(&RUN).expect_code(4);
    for name in ["source.test/app:v0", "source.test/app:v1", "copy.test/same:v1"] {
        assert!(outcome.stderr.contains(name), "{name} is not named\n{outcome:?}");
    }
    assert_eq!(codes(&report(&world)), ["drive::conflict", "drive::conflict"]);
    assert_eq!(copy.store().names(), ["own"], "only those two are kept back");
}

#[test]
fn a_second_run_on_the_same_state_is_75() {
    let [source, copy] = [(); 2].map(|()| Registry::open());
    filled(&source, "app", 1);
    let hour = Fault::Delay(Duration::from_hours(1));
    let slow = Proxy::start(source.address(), vec![Rule::on("GET", "*", hour).always()]);
    let registries = [("source.test", endpoint(&slow.url())), ("copy.test", endpoint(&copy.url()))];
    let rest = "sources:\n  app: {from: [source.test/app]}\nsinks:\n  \
        copy: {inputs: [app], to: \"copy.test/app:{{ item.tag }}\"}\n";
    let world = world!();
    world.write("sync.yaml", &spec(&registries, rest));
    let first = world.start(&["run", "sync.yaml"]);
    until("the first run asks", || !slow.seen().is_empty());
    let second = world.run(&RUN).expect_code(75);
    assert!(second.stderr.contains("state::held"), "{second:?}");
    let killed = first.kill();
    assert_eq!(killed.code, 128 + 9);
    slow.clear();
    let third = world.run(&RUN).expect_success();
    assert_eq!(copy.store().tags("app").len(), 1, "{third:?}");
}

#[test]
fn a_full_disk_is_named_and_others_go_on() {
    let source = Registry::open();
    let large = Seed::new(120).image(&[3 << 20]);
    large.push_into(&source, "large", "v1");
    let small = Seed::new(121).image(&[2000]);
    small.push_into(&source, "small", "v1");
    // The largest file that the program may write is 1 MiB: dash counts in 512 bytes, others in
    // 1024. A full disk needs a file system of its own, and that the rights of an administrator.
    let script = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\"";
    let engine = env!("CARGO_BIN_EXE_engine-under-test");
    let world = World::of("/bin/sh");
    let rest = "sources:\n  all: {from: [source.test/large, source.test/small]}\nsinks:\n  \
        layout: {inputs: [all], to: \"oci:layout:{{ item.source.repo }}:{{ item.tag }}\"}\n";
    world.write("sync.yaml", &spec(&[("source.test", endpoint(&source.url()))], rest));
    let outcome = world.run(&[&["-c", script, engine], &RUN[..]].concat()).expect_code(1);
    assert!(outcome.stderr.contains("no space is left"), "{outcome:?}");
    assert_eq!(codes(&report(&world)), ["fs::full"]);
    let layout = world.here().join("layout");
    Audited::Layout(&layout).assert_sound();
    let index = std::fs::read_to_string(layout.join("index.json")).unwrap();
    assert!(index.contains("small:v1") && !index.contains("large:v1"), "{index}");

    let free = "exec \"$0\" \"$@\"";
    let again = world.run(&[&["-c", free, engine], &RUN[..]].concat()).expect_success();
    let index = std::fs::read_to_string(layout.join("index.json")).unwrap();
    assert!(index.contains("large:v1"), "{again:?}");
    Audited::Layout(&layout).assert_sound();
}

/// A world whose copy of the second of two images never ends, and that proxy.
fn stuck(source: &Registry, copy: &Registry) -> (World, Proxy) {
    filled(source, "app", 2);
    let hour = Fault::Delay(Duration::from_hours(1));
    let rule = Rule::on("PUT", "/v2/*/blobs/uploads/*", hour).nth(3).always();
    let proxy = Proxy::start(copy.address(), vec![rule]);
    let registries =
        [("source.test", endpoint(&source.url())), ("copy.test", endpoint(&proxy.url()))];
    let rest = "sources:\n  app: {from: [source.test/app]}\nsinks:\n  \
        copy: {inputs: [app], to: \"copy.test/app:{{ item.tag }}\"}\n";
    let world = world!();
    world.write("sync.yaml", &spec(&registries, rest));
    (world, proxy)
}

#[test]
fn ctrl_c_ends_in_good_order_and_the_next_run_completes() {
    let [source, copy] = [(); 2].map(|()| Registry::open());
    let (world, proxy) = stuck(&source, &copy);
    let process = world.start(&RUN);
    until("an upload is stuck", || !proxy.struck().is_empty());
    process.interrupt();
    let outcome = process.wait(LIMIT);
    assert_eq!(outcome.code, 130, "{outcome:?}");
    assert!(outcome.took < Duration::from_secs(20), "a grace of 1 s: {outcome:?}");
    let told = report(&world);
    assert_eq!(told["run"]["stoppedBy"], "SIGINT");
    assert_eq!(told["items"].as_array().map(Vec::len), Some(2));
    assert!(codes(&told).contains(&"drive::stopped".to_owned()), "{told}");
    Audited::Registry(&copy).assert_sound();
    proxy.clear();
    let again = world.run(&RUN).expect_success();
    assert_eq!(copy.store().tags("app").len(), 2, "{again:?}");
    Audited::Registry(&copy).assert_sound();
}

#[test]
fn the_second_ctrl_c_aborts() {
    let [source, copy] = [(); 2].map(|()| Registry::open());
    let (world, proxy) = stuck(&source, &copy);
    let text = std::fs::read_to_string(world.here().join("sync.yaml")).unwrap();
    world.write("sync.yaml", &text.replace("grace: 1s", "grace: 10m"));
    let mut process = world.start(&RUN);
    until("an upload is stuck", || !proxy.struck().is_empty());
    // Signals that are sent at once may be delivered as one.
    let begun = Instant::now();
    while !process.has_ended() && begun.elapsed() < LIMIT {
        process.interrupt();
        std::thread::sleep(Duration::from_millis(100));
    }
    let outcome = process.wait(LIMIT);
    assert_eq!(outcome.code, 130, "{outcome:?}");
    Audited::Registry(&copy).assert_sound();
    proxy.clear();
    let again = world.run(&RUN).expect_success();
    assert_eq!(copy.store().tags("app").len(), 2, "{again:?}");
}

#[test]
fn tokens_that_expire_midway_are_fetched_again() {
    let access = || Access::Bearer {
        user: User::new("ann", "right"),
        anonymous: false,
        requests_per_token: Some(25),
    };
    let [source, copy] =
        [(); 2].map(|()| Registry::start(Options { access: access(), ..Options::default() }));
    filled(&source, "app", 8);
    let world = world!();
    world.write("password", "right");
    let auth = "auth: {username: ann, password: {file: password}}";
    let registries = [("source.test", &source), ("copy.test", &copy)]
        .map(|(name, registry)| (name, format!("{}, {auth}", endpoint(&registry.url()))));
    let rest = "sources:\n  app: {from: [source.test/app]}\nsinks:\n  \
        copy: {inputs: [app], to: \"copy.test/app:{{ item.tag }}\"}\n";
    // One after the other: a token that ends amid an upload costs that item an attempt, and no
    // item is large enough to see two ends.
    let spec = spec(&registries, rest).replace("attempts: 2", "attempts: 2, concurrency: 1");
    world.write("sync.yaml", &spec);
    let outcome = world.run(&RUN).expect_success();
    assert_eq!(copy.store().tags("app").len(), 8, "{outcome:?}");
    Audited::Registry(&copy).assert_sound();
    let tokens = copy.journal().count(|asked| asked.kind == Kind::Token);
    assert!(tokens >= 4, "only {tokens} tokens: none ended midway");
}

fn until(what: &str, happened: impl Fn() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < LIMIT, "{what}: it never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}
