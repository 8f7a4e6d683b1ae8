//! Examples that mirror: every night, from CI, and with layers compressed anew.

use super::folder::{bring, json, plain};
use engine_tests::audit::Audited;
use engine_tests::images::{Dialect, Seed};
use engine_tests::registry::{Options, Registry};
use engine_tests::world;
use serde_json::Value;
use std::fs;

#[test]
fn the_nightly_mirror_cuts_and_fills_two_registries() {
    let (hub, mirror, backup) = (Registry::open(), Registry::open(), Registry::open());
    let mut seed = Seed::new(900);
    let platforms = ["linux/amd64", "linux/arm64", "linux/s390x"];
    for (repository, tags) in [
        (
            "library/alpine",
            &["3.17", "3.18", "3.19", "3.20", "3.21", "3.22", "3.22-rc", "latest"][..],
        ),
        ("library/debian", &["12.1", "12.2", "stable", "latest"]),
        ("library/nginx", &["1.27.0", "1.28.0", "1.28.0-perl", "latest"]),
    ] {
        for tag in tags {
            seed.index(Dialect::Oci, &platforms, &[200, 100]).push_into(&hub, repository, tag);
        }
    }
    let world = world!().with("MIRROR_PASSWORD", "secret");
    bring(&world, "nightly-mirror");
    let text = fs::read_to_string(world.here().join("sync.yaml")).unwrap();
    let plain = [&hub, &mirror, &backup].map(|registry| {
        let at = registry.address();
        format!("  {at}: {{endpoint: \"http://{at}\"}}\n")
    });
    let plain = format!("registries:\n{}", plain.concat());
    world.write("sync.yaml", &text.replace("registries:\n", &plain));
    let var = |name: &str, registry: &Registry, path: &str| {
        format!("{name}={}/{path}", registry.address())
    };
    let vars = [
        var("upstream", &hub, "library"),
        var("mirror", &mirror, "mirror"),
        var("backup", &backup, "mirror"),
    ];
    let mut arguments = vec!["run", "sync.yaml"];
    arguments.extend(vars.iter().flat_map(|var| ["--var", var.as_str()]));
    drop(world.run(&arguments).expect_success());
    for registry in [&mirror, &backup] {
        Audited::Registry(registry).assert_sound();
        let store = registry.store();
        let tags = |repository: &str| -> Vec<String> {
            store.tags(repository).into_iter().map(|(tag, _)| tag).collect()
        };
        let newest = ["3.18", "3.19", "3.20", "3.21", "3.22", "latest"];
        assert_eq!(tags("mirror/library/alpine"), newest);
        assert_eq!(tags("mirror/library/debian"), ["12.1", "12.2", "latest"]);
        let (_, index) = store.manifest("mirror/library/nginx", "1.28.0").unwrap();
        let index: Value = serde_json::from_slice(&index.bytes).unwrap();
        assert_eq!(index["manifests"].as_array().unwrap().len(), 2);
    }
    assert!(world.here().join("report.txt").exists() && world.here().join("report.json").exists());
}

#[test]
fn the_ci_example_keeps_its_state_and_its_reports() {
    let (quay, mirror) = (Registry::open(), Registry::start(Options::default()));
    let mut seed = Seed::new(901);
    for tag in ["v2.55.0", "v3.0.0", "v3.1.0", "v3.2.0-rc.0", "v3.2.0", "v3.3.0", "main"] {
        seed.image(&[100]).push_into(&quay, "prometheus/prometheus", tag);
    }
    let world = world!().with("MIRROR_PASSWORD", "secret");
    bring(&world, "ci");
    let text = fs::read_to_string(world.here().join("sync.yaml")).unwrap();
    let (from, to) = (quay.address(), mirror.address());
    let plain = format!(
        "registries:\n  {from}: {{endpoint: \"http://{from}\"}}\n  {to}: {{endpoint: \"http://{to}\"}}\n"
    );
    world.write("sync.yaml", &text.replace("registries:\n", &plain));
    let (upstream, to) = (format!("upstream={from}/prometheus"), format!("mirror={to}/mirror"));
    let run = || world.run(&["run", "sync.yaml", "--var", &upstream, "--var", &to]);
    drop(run().expect_success());
    let tags: Vec<String> = mirror
        .store()
        .tags("mirror/prometheus/prometheus")
        .into_iter()
        .map(|(tag, _)| tag)
        .collect();
    assert_eq!(tags, ["v3.1.0", "v3.2.0", "v3.3.0"]);
    for file in ["state/engine.sqlite", "report.json", "report.txt"] {
        assert!(world.here().join(file).exists(), "{file}");
    }
    quay.journal().clear();
    drop(run().expect_success());
    let asked = quay.journal().count(|asked| asked.path.contains("/manifests/"));
    assert_eq!(asked, 0, "releases do not move\n{}", quay.journal().lines());
}

#[test]
fn the_compress_example_makes_zstd_once() {
    let (hub, mirror) = (Registry::open(), Registry::open());
    let mut seed = Seed::new(904);
    let platforms = ["linux/amd64", "linux/arm64", "linux/s390x"];
    for tag in ["3.19", "3.20", "edge"] {
        let image = seed.index(Dialect::Oci, &platforms, &[9000, 500]);
        image.push_into(&hub, "library/alpine", tag);
    }
    let world = world!();
    bring(&world, "compress");
    plain(&world, &[&hub, &mirror]);
    let upstream = format!("upstream={}/library", hub.address());
    let to = format!("mirror={}/mirror", mirror.address());
    let with = |verb: &str| world.run(&[verb, "sync.yaml", "--var", &upstream, "--var", &to]);
    let planned = with("plan").expect_success().stdout;
    assert_eq!(planned.matches("known only after it is done").count(), 2, "{planned}");
    drop(with("run").expect_success());
    Audited::Registry(&mirror).assert_sound();
    let (_, index) = mirror.store().manifest("mirror/library/alpine", "3.20").unwrap();
    let index: Value = serde_json::from_slice(&index.bytes).unwrap();
    assert_eq!(index["manifests"].as_array().unwrap().len(), 2);
    let child = index["manifests"][1]["digest"].as_str().unwrap();
    let (_, child) = mirror.store().manifest("mirror/library/alpine", child).unwrap();
    let child: Value = serde_json::from_slice(&child.bytes).unwrap();
    let zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    assert!(child["layers"].as_array().unwrap().iter().all(|layer| layer["mediaType"] == zstd));
    hub.journal().clear();
    mirror.journal().clear();
    drop(with("run").expect_success());
    assert_eq!(json(&world.here().join("report.json"))["summary"]["unchanged"], 2);
    assert_eq!(hub.journal().all().len() + mirror.journal().all().len(), 5);
}
