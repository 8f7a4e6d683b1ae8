//! One read that feeds many: no destination keeps another waiting for ever, and no blob is read
//! twice where one read is enough.

use engine::event::Status;
use engine::report::Report;
use engine_tests::audit::Audited;
use engine_tests::fault::{Fault, Line, Proxy, Rule};
use engine_tests::images::{Seed, Seeded};
use engine_tests::registry::{Kind, Registry};
use engine_tests::walk::Walk;
use reqwest::Method;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// More than what waits for one destination at most, so that the slowest sets the pace.
const LAYER_BYTES: usize = 3 << 20;

fn originals(registry: &Registry) -> [Seeded; 2] {
    let mut seed = Seed::new(80);
    let images = [seed.image(&[LAYER_BYTES, 2000]), seed.image(&[LAYER_BYTES, 1000])];
    images[0].push_into(registry, "a", "v1");
    images[1].push_into(registry, "b", "v1");
    images
}

/// A spec that copies `a` and `b` to each of the named registries, `b` in the opposite order.
fn spec(source: &str, registries: &[(&str, String)], sinks: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: engine/v1\nrun: {{attempts: 2, pause: 10ms, state: none}}\nregistries:\n  \
        source.test: {{endpoint: \"{source}\"}}\n"
    );
    for (name, settings) in registries {
        writeln!(text, "  {name}: {{{settings}}}").unwrap();
    }
    text += "sources:\n  a: {from: [\"source.test/a:v1\"]}\n  b: {from: [\"source.test/b:v1\"]}\n";
    text += "sinks:\n";
    let to = |input: &str, sink: &str| {
        let id = sink.split(['.', '/']).next().unwrap_or(sink);
        format!("  {input}-{id}: {{inputs: [{input}], to: \"{sink}/copy-of-{input}:v1\"}}\n")
    };
    text.extend(sinks.iter().map(|sink| to("a", sink)));
    text.extend(sinks.iter().rev().map(|sink| to("b", sink)));
    text
}

/// How each item ended, by its sink: `copied`, or the code of its fault.
fn ends(report: &Report) -> BTreeMap<String, String> {
    let items = report.items.iter().map(|item| {
        let end = match (&item.fault, item.status) {
            (Some(fault), _) => fault.code.to_string(),
            (None, Status::Copied) => "copied".to_owned(),
            (None, status) => format!("{status:?}"),
        };
        (item.sink.clone(), end)
    });
    items.collect()
}

/// How often each blob was read from a registry.
fn reads(registry: &Registry) -> BTreeMap<String, usize> {
    let mut reads = BTreeMap::new();
    for asked in registry.journal().all() {
        if asked.method == Method::GET && asked.kind == Kind::Blob {
            *reads.entry(asked.path).or_default() += 1;
        }
    }
    reads
}

#[test]
fn opposite_orders_do_not_deadlock_and_read_once() {
    let [source, slow, one] = [(); 3].map(|()| Registry::open());
    let images = originals(&source);
    let line = Line::start(slow.address(), Duration::from_millis(20));
    let registries = [
        ("slow.test", format!("endpoint: \"{}\"", line.url())),
        ("one.test", format!("endpoint: \"{}\", limits: {{concurrent: 1}}", one.url())),
    ];
    let mut walk = Walk::new(&spec(&source.url(), &registries, &["slow.test", "one.test"]));
    // Whoever waits for its turn at the one is not let go, as that would cost a second read.
    walk.bounds.copies.leg_idle = Duration::from_secs(20);
    let report = walk.run();
    let ends = ends(&report);
    assert!(ends.len() == 4 && ends.values().all(|end| end == "copied"), "{ends:?}");
    let reads = reads(&source);
    assert_eq!(reads.len(), images.iter().map(|image| image.blobs.len()).sum::<usize>());
    assert!(reads.values().all(|times| *times == 1), "{reads:?}");
    assert_eq!(one.journal().most_at_once(), 1, "{}", one.journal().lines());
    for registry in [&slow, &one] {
        Audited::Registry(registry).assert_sound();
        assert_eq!(registry.store().names(), ["copy-of-a", "copy-of-b"]);
    }
}

#[test]
fn one_stalled_one_refused_and_one_that_mounts_at_once() {
    let [source, slow, one, stalled, refused] = [(); 5].map(|()| Registry::open());
    originals(&source);
    let line = Line::start(slow.address(), Duration::from_millis(20));
    let always = |method: &str, path: &str, fault| vec![Rule::on(method, path, fault).always()];
    // A request that never arrives. An answer that never does would not do: the blob is there then,
    // which the next attempt finds out.
    let never = always("PUT", "/v2/*/blobs/uploads/*", Fault::Delay(Duration::from_hours(1)));
    let never = Proxy::start(stalled.address(), never);
    let no = always("POST", "*", Fault::ServerFault { status: 403 });
    let no = Proxy::start(refused.address(), no);
    let registries = [
        ("slow.test", format!("endpoint: \"{}\"", line.url())),
        ("one.test", format!("endpoint: \"{}\", limits: {{concurrent: 1}}", one.url())),
        ("stalled.test", format!("endpoint: \"{}\"", never.url())),
        ("refused.test", format!("endpoint: \"{}\"", no.url())),
    ];
    // The last is the source itself, which has every blob in another repository.
    let sinks = ["slow.test", "one.test", "stalled.test", "refused.test", "source.test/mirror"];
    let walk = Walk::new(&spec(&source.url(), &registries, &sinks));
    let ends = ends(&walk.run());
    let expected = [
        ("one", "copied"),
        ("refused", "transport::denied"),
        ("slow", "copied"),
        ("source", "copied"),
        ("stalled", "http::timeout"),
    ];
    let expected = ["a", "b"].iter().flat_map(|input| {
        expected.iter().map(move |(id, end)| (format!("{input}-{id}"), (*end).to_owned()))
    });
    assert_eq!(ends, expected.collect());
    let mounts = source.journal().count(|asked| asked.query.contains("mount="));
    assert!(mounts >= 4, "{mounts} mounts");
    assert_eq!(source.journal().count_of(&Method::PUT, Kind::Upload), 0, "nothing was sent back");
    for registry in [&source, &slow, &one, &stalled, &refused] {
        Audited::Registry(registry).assert_sound();
    }
    for registry in [&stalled, &refused] {
        let store = registry.store();
        assert!(store.names().iter().all(|name| store.tags(name).is_empty()), "no tag there");
    }
}
