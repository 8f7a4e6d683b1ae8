//! What it costs to find that nothing is to do, in requests.

use crate::bench::{Bench, folder, line};
use crate::figures::Figures;
use engine_tests::images::{Dialect, Seed};
use engine_tests::registry::{Journal, Kind, Registry};
use std::fs;

/// Tags of the repository.
const TAGS: usize = 50;
/// Requests beyond those for tags.
const BEYOND: usize = 6;

/// One way to mirror, and what it may cost again.
struct Case {
    name: &'static str,
    /// Lines of the source.
    source: &'static str,
    /// A transform before the sinks.
    transform: Option<&'static str>,
    sinks: usize,
    keeps_state: bool,
    requests: usize,
}

/// Mirrors, mirrors again, and counts.
pub(crate) fn measure(bench: &Bench) {
    let annotate = Some("annotate: {set: {org.example.mirrored: \"yes\"}}");
    let platforms = Some("platforms: {keep: [linux/amd64, linux/arm64], index: rewrite}");
    let case = |name, transform, sinks, keeps_state, per_tag| Case {
        name,
        source: "",
        transform,
        sinks,
        keeps_state,
        requests: per_tag * TAGS + BEYOND,
    };
    let cases = [
        case("as they are", None, 1, false, 2),
        case("two sinks", None, 2, false, 3),
        case("annotate, no state", annotate, 1, false, 3),
        case("annotate", annotate, 1, true, 2),
        case("platforms, no state", platforms, 1, false, 3),
        case("platforms", platforms, 1, true, 2),
        Case {
            source: "mutableTags: [latest]",
            requests: 8,
            ..case("one mutable tag", None, 1, true, 0)
        },
    ];
    for case in cases {
        count(bench, &case);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred requests")]
fn count(bench: &Bench, case: &Case) {
    let source = Registry::open();
    let mut seed = Seed::new(1);
    let layer = [seed.layer(1000)];
    for tag in 0..TAGS {
        let platforms = ["linux/amd64", "linux/arm64", "linux/s390x"];
        let image = seed.index_of(Dialect::Oci, &platforms, &layer);
        let tag = if tag == 0 { "latest".to_owned() } else { format!("v{tag}") };
        image.push_into(&source, "team/app", &tag);
    }
    let sinks: Vec<Registry> = (0..case.sinks).map(|_| Registry::open()).collect();
    let home = folder();
    fs::write(home.path().join("sync.yaml"), spec(case, &source, &sinks)).expect("a spec");
    let run = || Figures::of(&bench.engine(home.path(), &["run", "sync.yaml"]), home.path());
    run();
    let all = || std::iter::once(&source).chain(&sinks).map(Registry::journal);
    all().for_each(Journal::clear);
    run();
    let requests: usize = all().map(|journal| journal.count(|_| true)).sum();
    let forbidden: usize = all()
        .map(|journal| journal.writes() + journal.count_of(&hyper::Method::GET, Kind::Manifest))
        .sum();
    let name = format!("unchanged, {TAGS} tags: {}", case.name);
    line(&name, requests as f64, case.requests as f64, "requests");
    if case.transform.is_none() || case.keeps_state {
        line(&format!("{name}: writes and manifests read"), forbidden as f64, 0.0, "requests");
    }
}

fn spec(case: &Case, source: &Registry, sinks: &[Registry]) -> String {
    let mut lines = vec!["apiVersion: engine/v1".to_owned()];
    if !case.keeps_state {
        lines.push("run: {state: none}".to_owned());
    }
    lines.push("registries:".to_owned());
    let registries = std::iter::once(source).chain(sinks);
    lines.extend(
        registries
            .map(|registry| format!("  \"{}\": {{tls: {{verify: false}}}}", registry.address())),
    );
    lines.push(format!("sources:\n  all:\n    from: \"{}/team/app\"", source.address()));
    if !case.source.is_empty() {
        lines.push(format!("    {}", case.source));
    }
    if let Some(transform) = case.transform {
        lines.push(format!("transforms:\n  edited:\n    inputs: [all]\n    {transform}"));
    }
    let input = if case.transform.is_some() { "edited" } else { "all" };
    lines.push("sinks:".to_owned());
    for (number, sink) in sinks.iter().enumerate() {
        let to = format!("{}/team/app:{{{{ item.tag }}}}", sink.address());
        lines.push(format!("  sink-{number}: {{inputs: [{input}], to: \"{to}\"}}"));
    }
    lines.join("\n")
}
