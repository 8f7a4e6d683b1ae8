//! What a run costs the registries: never more at once than they were promised, and next to
//! nothing when nothing changed.

use engine_tests::images::{Dialect, Seed};
use engine_tests::registry::{Asked, Kind, Options, Registry};
use engine_tests::walk::Walk;
use reqwest::Method;
use std::fmt::Write as _;
use std::time::Duration;

const PLATFORMS: [&str; 3] = ["linux/amd64", "linux/arm64", "linux/s390x"];
const TAGS: usize = 50;

/// Source, destinations, and a spec between them that is run again and again.
struct Mirror {
    source: Registry,
    copies: Vec<Registry>,
    walk: Walk,
}

/// What differs between the specs.
#[derive(Default)]
struct Wanted<'a> {
    /// Destinations.
    copies: usize,
    /// Members of the source.
    source: &'a str,
    /// The filter, as a line of YAML.
    filter: Option<&'a str>,
    /// The transform, as a line of YAML.
    transform: Option<&'a str>,
    /// `run.state`.
    state: &'a str,
    /// Settings of the registries beside their endpoint.
    limits: &'a str,
    /// How long the registries think about each request.
    pause: Duration,
}

impl Mirror {
    fn new(wanted: &Wanted<'_>) -> Self {
        let start = || Registry::start(Options { pause: wanted.pause, ..Options::default() });
        let source = start();
        let copies: Vec<Registry> = (0..wanted.copies).map(|_| start()).collect();
        let mut spec = format!(
            "apiVersion: engine/v1\nrun: {{pause: 10ms, state: {}}}\nregistries:\n  source.test: \
            {{endpoint: \"{}\"{}}}\n",
            wanted.state,
            source.url(),
            wanted.limits
        );
        for (at, copy) in copies.iter().enumerate() {
            let (url, limits) = (copy.url(), wanted.limits);
            writeln!(spec, "  copy-{at}.test: {{endpoint: \"{url}\"{limits}}}").unwrap();
        }
        writeln!(spec, "sources:\n  team: {{from: [source.test/app]{}}}", wanted.source).unwrap();
        let mut input = "team";
        if let Some(filter) = wanted.filter {
            writeln!(spec, "filters:\n  kept: {{inputs: [{input}], {filter}}}").unwrap();
            input = "kept";
        }
        if let Some(transform) = wanted.transform {
            writeln!(spec, "transforms:\n  changed: {{inputs: [{input}], {transform}}}").unwrap();
            input = "changed";
        }
        spec += "sinks:\n";
        for at in 0..wanted.copies {
            let to = format!("copy-{at}.test/app:{{{{ item.tag }}}}");
            writeln!(spec, "  copy-{at}: {{inputs: [{input}], to: \"{to}\"}}").unwrap();
        }
        Self { source, copies, walk: Walk::new(&spec) }
    }

    /// Many tags of multi-platform images that share a layer.
    fn with_tags(wanted: &Wanted<'_>) -> Self {
        let mirror = Self::new(wanted);
        let mut seed = Seed::new(60);
        let layers = seed.layers(&[500]);
        for tag in 0..TAGS {
            let image = seed.index_of(Dialect::Oci, &PLATFORMS, &layers);
            image.push_into(&mirror.source, "app", &format!("v{tag}"));
        }
        mirror
    }

    /// Runs once to fill the destinations, and once more. Gives what the second run asked.
    fn second_run(&self) -> Vec<Asked> {
        let first = self.walk.run();
        assert_eq!(first.run.exit_code, 0, "{:?}", first.summary);
        self.registries().for_each(|registry| registry.journal().clear());
        let second = self.walk.run();
        let items = (TAGS * self.copies.len()) as u64;
        assert_eq!((second.run.exit_code, second.summary.unchanged), (0, items));
        self.registries().flat_map(|registry| registry.journal().all()).collect()
    }

    fn registries(&self) -> impl Iterator<Item = &Registry> {
        std::iter::once(&self.source).chain(&self.copies)
    }
}

/// The second run writes nothing, and stays within its budget.
fn assert_cheap(what: &str, asked: &[Asked], budget: usize) {
    let of = |method: Method, kind| {
        asked.iter().filter(|asked| asked.method == method && asked.kind == kind).count()
    };
    let writes = asked.iter().filter(|asked| asked.is_write()).count();
    let gets = of(Method::GET, Kind::Manifest);
    eprintln!(
        "unchanged, {what}: {} requests of {budget} for {TAGS} tags: {} HEADs, {gets} manifest \
        GETs, {} lists, {writes} writes",
        asked.len(),
        of(Method::HEAD, Kind::Manifest),
        of(Method::GET, Kind::Tags),
    );
    assert_eq!(writes, 0);
    assert!(asked.len() <= budget, "{} requests, and {budget} are allowed", asked.len());
}

#[test]
fn an_unchanged_tag_costs_two_requests() {
    let mirror = Mirror::with_tags(&Wanted { copies: 1, state: "none", ..Wanted::default() });
    let asked = mirror.second_run();
    assert_cheap("one sink", &asked, 2 * TAGS + 6);
    let gets = |asked: &&Asked| asked.method == Method::GET && asked.kind == Kind::Manifest;
    assert_eq!(asked.iter().filter(gets).count(), 0, "no manifest is read");
}

#[test]
fn two_sinks_cost_three() {
    let wanted = Wanted { copies: 2, state: "none", ..Wanted::default() };
    assert_cheap("two sinks", &Mirror::with_tags(&wanted).second_run(), 3 * TAGS + 6);
}

#[test]
fn an_annotated_tag_costs_three_and_two_with_state() {
    let transform = Some("annotate: {set: {team: platform}}");
    for (state, each) in [("none", 3), ("state.sqlite", 2)] {
        let wanted = Wanted { copies: 1, transform, state, ..Wanted::default() };
        let asked = Mirror::with_tags(&wanted).second_run();
        assert_cheap(&format!("annotate, state {state}"), &asked, each * TAGS + 6);
    }
}

#[test]
fn a_rewritten_index_costs_three_and_two_with_state() {
    let transform = Some("platforms: {keep: [linux/amd64, linux/arm64], index: rewrite}");
    for (state, each) in [("none", 3), ("state.sqlite", 2)] {
        let wanted = Wanted { copies: 1, transform, state, ..Wanted::default() };
        let asked = Mirror::with_tags(&wanted).second_run();
        assert_cheap(&format!("platforms: rewrite, state {state}"), &asked, each * TAGS + 6);
    }
}

/// The filter looks at the children, the transform at the index, and the copy writes them all.
#[test]
fn each_manifest_is_read_once() {
    let filter = Some("platforms: [linux/amd64]");
    for transform in [None, Some("annotate: {set: {team: platform}}")] {
        let wanted = Wanted { copies: 1, filter, transform, state: "none", ..Wanted::default() };
        let mirror = Mirror::with_tags(&wanted);
        let report = mirror.walk.run();
        assert_eq!(report.run.exit_code, 0, "{:?}", report.summary);
        let asked = mirror.source.journal().all();
        let gets = asked
            .iter()
            .filter(|asked| (&asked.method, asked.kind) == (&Method::GET, Kind::Manifest));
        let mut paths: Vec<_> = gets.map(|asked| &asked.path).collect();
        assert_eq!(paths.len(), TAGS * (1 + PLATFORMS.len()), "{transform:?}");
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), TAGS * (1 + PLATFORMS.len()), "{transform:?}");
    }
}

#[test]
fn immutable_tags_cost_nothing_with_state() {
    let source = ", mutableTags: [latest]";
    let wanted = Wanted { copies: 1, source, state: "state.sqlite", ..Wanted::default() };
    assert_cheap("mutableTags and state", &Mirror::with_tags(&wanted).second_run(), 8);
}

#[test]
fn a_registry_never_has_more_in_flight_than_it_may() {
    for concurrent in [1, 3] {
        let limits = format!(", limits: {{concurrent: {concurrent}}}");
        // Without a pause a busy machine answers one request before the next one is there.
        let pause = Duration::from_millis(5);
        let wanted =
            Wanted { copies: 2, state: "none", limits: &limits, pause, ..Wanted::default() };
        let mirror = Mirror::new(&wanted);
        let mut seed = Seed::new(61);
        for tag in 0..10 {
            let image = seed.image(&[200_000, 3000, 2000, 1000]);
            image.push_into(&mirror.source, "app", &format!("v{tag}"));
        }
        for run in ["first", "second"] {
            let report = mirror.walk.run();
            assert_eq!(report.run.exit_code, 0, "{:?} {:?}", report.summary, report.items);
            let most: Vec<usize> =
                mirror.registries().map(|registry| registry.journal().most_at_once()).collect();
            eprintln!("{run} run, concurrent {concurrent}: at most {most:?} at once");
            assert!(most.iter().all(|most| *most <= concurrent), "{most:?}");
            let reached = run == "second" || most.iter().any(|most| *most >= concurrent.min(2));
            assert!(reached, "a limit that is never reached proves nothing: {most:?}");
        }
    }
}
