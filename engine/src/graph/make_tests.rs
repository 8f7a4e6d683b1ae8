//! What becomes of `valid/full.yaml`, block by block.

use super::graph_of;
use crate::graph::{Graph, Origin, Referrers, RunSettings, Source, StepKind};
use crate::role::{AuthSettings, GrantedHost, SecretSource};
use std::time::Duration;

fn source(graph: &Graph, id: &str) -> Source {
    match &graph.step(id).unwrap().kind {
        StepKind::Source(source) => source.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn steps_come_after_their_inputs() {
    let graph = graph_of("full.yaml");
    let ids: Vec<&str> = graph.steps.iter().map(|step| step.id.as_str()).collect();
    for (place, step) in graph.steps.iter().enumerate() {
        for input in &step.inputs {
            assert!(ids[..place].contains(&input.as_str()), "{input} after {}", step.id);
        }
    }
    assert_eq!(graph.step("multi").unwrap().inputs, ["releases", "pinned", "vendor"]);
    assert_eq!((graph.name.as_str(), ids.len()), ("platform-base-images", 13));
    assert_eq!(graph_of("minimal.yaml").name, "sync");
}

#[test]
fn origins_are_told_apart() {
    let graph = graph_of("full.yaml");
    let told = |id: &str| -> Vec<String> {
        let name = |origin: &Origin| match origin {
            Origin::Image(end) => format!("image {}", end.reference),
            Origin::Repository(end) => format!("repository {}", end.reference),
            Origin::Repositories { transport, place, glob, .. } => {
                format!("repositories {transport} {place} {glob}")
            }
        };
        source(&graph, id).origins.iter().map(name).collect()
    };
    assert_eq!(
        told("upstream"),
        [
            "repository docker.io/library/nginx",
            "repository docker.io/library/redis",
            "repositories docker quay.io prometheus/*",
        ]
    );
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let pinned = [format!("image r.example/b:2@{digest}"), "image r.example/a:1".to_owned()];
    let mut listed = told("pinned");
    listed.reverse();
    assert_eq!(listed, pinned);
    assert_eq!(told("vendor"), ["repositories s3  "]);
    assert_eq!(told("layout"), ["repositories oci /specs/layout "]);
    let globs = source(&graph, "upstream").mutable_tags.unwrap();
    assert_eq!(globs, ["latest", "*-nightly", "[0-9]", "3.10"]);
    assert_eq!(source(&graph, "upstream").referrers, Referrers::Always);
}

#[test]
fn settings_are_those_of_the_file() {
    let graph = graph_of("full.yaml");
    let expected = RunSettings {
        concurrency: 8,
        attempts: 5,
        pause: Duration::from_millis(500),
        max_pause: Duration::from_mins(5),
        grace: Duration::from_secs(30),
        state: Some("/specs/state.sqlite".into()),
        keeps_state: true,
    };
    assert_eq!(graph.run, expected);
    assert_eq!(graph_of("minimal.yaml").run, RunSettings::default());
    let hub = &graph.registries["docker.io"];
    let auth = AuthSettings::Password {
        username: SecretSource::Variable("HUB_USER".to_owned()),
        password: SecretSource::File("/specs/hub.txt".into()),
    };
    assert_eq!(hub.auth, Some(auth));
    assert_eq!((hub.concurrent, hub.requests_per_second), (6, Some(10)));
    let local = &graph.registries["127.0.0.1:5000"];
    assert_eq!(local.endpoint.as_deref(), Some("http://127.0.0.1:5000"));
    assert_eq!(local.auth, Some(AuthSettings::Anonymous));
    let corp = &graph.registries["registry.corp.example"];
    assert_eq!(corp.tls.client, Some(("/specs/c.pem".into(), "/specs/k.pem".into())));
    assert_eq!(graph.reports[1].path, std::path::Path::new("/specs/out/report.txt"));
}

#[test]
fn a_step_is_given_what_it_names_and_no_more() {
    let graph = graph_of("full.yaml");
    let binding = |step: &str, word: &str| {
        let found = graph.bindings.iter().find(|one| one.step == step && one.word == word);
        found.unwrap_or_else(|| panic!("{step} {word}")).clone()
    };
    let upstream = binding("upstream", "docker").grants;
    assert_eq!(upstream.registries, ["docker.io", "quay.io"]);
    assert!(!upstream.writes && upstream.http.is_empty() && upstream.directories.is_empty());
    let prod = binding("prod", "docker").grants;
    assert_eq!(prod.registries, ["mirror.example:5000"]);
    assert!(prod.writes && !prod.deletes);
    assert!(binding("disk", "oci").grants.writes);
    let vendor = binding("vendor", "s3");
    assert_eq!(vendor.settings, serde_json::json!({"bucket": "vendor-prod"}));
    let corp = "registry.corp.example";
    let hosts = [
        GrantedHost::anonymous("https://*.s3.example"),
        GrantedHost::with_login(format!("https://{corp}"), corp),
        GrantedHost::anonymous("http://a.example"),
    ];
    assert_eq!(vendor.grants.http, hosts);
    assert_eq!(vendor.grants.directories["cache"], std::path::Path::new("/specs/cache"));
    assert!(!vendor.grants.writes && binding("bucket", "s3").grants.writes);
    assert_eq!(vendor.limits.memory_bytes, 128 << 20);
    assert_eq!((vendor.limits.cpu_millis, vendor.limits.idle_millis), (2_000, 60_000));
    assert_eq!(graph.bindings.len(), 7);
}

#[test]
fn a_sink_that_takes_over_names_may_write_to_its_sources() {
    let graph = graph_of("same-names.yaml");
    let back = graph.bindings.iter().find(|one| one.step == "back").unwrap();
    assert_eq!(back.grants.registries, ["mirror.example:5000", "quay.io"]);
    assert!(!graph.run.keeps_state && graph.run.state.is_none());
    let StepKind::Transform(crate::graph::Transform::Annotate(annotate)) =
        &graph.step("noted").unwrap().kind
    else {
        panic!("not an annotation");
    };
    let last = annotate.set["org.example.run"].parts.last();
    assert_eq!(last, Some(&crate::graph::Part::Text(" ${kept}".to_owned())));
}

#[test]
fn an_image_without_a_tag_has_none_to_fill_in() {
    let pinned = format!("r.example/a@sha256:{}", "0".repeat(64));
    let tagged = format!("r.example/a:1@sha256:{}", "0".repeat(64));
    let with_tag = "m.example/a:{{ item.tag }}";
    let filter = "filters: {f: {inputs: [s], tags: {include: [x]}}}";
    let note = "transforms: {f: {inputs: [s], annotate: {set: {k: \"{{ item.tag }}\"}}}}";
    for (from, middle, to, place) in [
        (pinned.as_str(), "", with_tag, Some("sinks.out.to")),
        ("dir:image", "", with_tag, Some("sinks.out.to")),
        ("oci:images:@0", "", with_tag, Some("sinks.out.to")),
        (&pinned, note, "m.example/a", Some("transforms.f.annotate.set.k")),
        (&pinned, "", "m.example/a", None),
        (&pinned, filter, with_tag, None),
        (&tagged, "", with_tag, None),
        ("oci:images", "", with_tag, None),
    ] {
        let input = if middle.is_empty() { "s" } else { "f" };
        let text = format!(
            "apiVersion: engine/v1\nsources: {{s: {{from: \"{from}\"}}}}\n{middle}\n\
             sinks: {{out: {{inputs: [{input}], to: \"{to}\"}}}}\n"
        );
        let faults = super::walk(&text).err().unwrap_or_default();
        let told: Vec<_> = faults.iter().map(|one| (&*one.code, one.place.as_deref())).collect();
        let wanted: Vec<_> = place.iter().map(|place| ("graph::no-tag", Some(*place))).collect();
        assert_eq!(told, wanted, "{text}");
    }
}
