//! Examples in which components choose, judge and sign.

use super::folder::{bring, copy, extension, json, plain, root};
use engine_tests::audit::Audited;
use engine_tests::images::{Dialect, Seed};
use engine_tests::registry::Registry;
use engine_tests::world;
use std::fs;

#[test]
fn the_policy_example_says_why_in_words() {
    let (hub, mirror) = (Registry::open(), Registry::open());
    let mut seed = Seed::new(902);
    for tag in ["1.27", "1.28", "latest", "1.28-perl"] {
        seed.image(&[100]).push_into(&hub, "library/nginx", tag);
    }
    seed.index(Dialect::Oci, &["linux/amd64", "windows/amd64"], &[100]).push_into(
        &hub,
        "library/alpine",
        "3.22",
    );
    let world = world!();
    bring(&world, "policy");
    plain(&world, &[&hub, &mirror]);
    let (hub, to) = (hub.address(), mirror.address());
    let (upstream, to) = (format!("upstream={hub}/library"), format!("mirror={to}/mirror"));
    let with = |verb: &str| world.run(&[verb, "sync.yaml", "--var", &upstream, "--var", &to]);
    let planned = with("plan").stdout;
    let ran = with("run").expect_code(3);
    let report = fs::read_to_string(world.here().join("report.txt")).unwrap();
    for reason in [
        format!(
            "`{hub}/library/nginx:latest` matches `{hub}/library/*:latest` (rule 1: a floating tag"
        ),
        "its platform `windows/amd64` matches `windows/*` (rule 3: we run Linux only)".to_owned(),
    ] {
        assert!(planned.contains(&reason), "{reason}\n{planned}");
        assert!(report.contains(&reason), "{reason}\n{report}\n{}", ran.snapshot());
    }
    let store = mirror.store();
    let tags: Vec<String> =
        store.tags("mirror/library/nginx").into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(tags, ["1.27", "1.28"]);
    assert_eq!(store.tags("mirror/library/alpine"), []);
}

#[test]
fn the_plugin_example_chooses_and_labels() {
    let (hub, mirror) = (Registry::open(), Registry::open());
    let mut seed = Seed::new(903);
    for tag in ["1.27.0", "1.27.1", "1.27.2", "1.28.0", "latest"] {
        seed.index(Dialect::Oci, &["linux/amd64", "linux/arm64"], &[100]).push_into(
            &hub,
            "library/nginx",
            tag,
        );
    }
    let world = world!();
    bring(&world, "plugin");
    plain(&world, &[&hub, &mirror]);
    let upstream = format!("upstream={}/library", hub.address());
    let to = format!("mirror={}/mirror", mirror.address());
    let run = || world.run(&["run", "sync.yaml", "--var", &upstream, "--var", &to]);
    drop(run().expect_success());
    Audited::Registry(&mirror).assert_sound();
    let tags: Vec<String> =
        mirror.store().tags("mirror/library/nginx").into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(tags, ["1.27.1", "1.27.2", "1.28.0"]);
    mirror.journal().clear();
    drop(run().expect_success());
    assert_eq!(mirror.journal().writes(), 0, "{}", mirror.journal().lines());
}

#[test]
fn the_signed_example_signs_and_verifies_and_refuses() {
    let world = world!().with("ENGINE_KEY_PASSPHRASE", "correct horse battery staple");
    bring(&world, "signed");
    copy(&root().join("examples/quickstart/images"), &world.root().join("quickstart/images"));
    let readme = fs::read_to_string(world.here().join("README.md")).unwrap();
    let commands = readme.lines().filter_map(|line| line.strip_prefix("$ engine "));
    let mut said = Vec::new();
    for command in commands {
        let command = command.split(" #").next().unwrap();
        said.push(world.run(&command.split_whitespace().collect::<Vec<_>>()));
    }
    let codes: Vec<i32> = said.iter().map(|outcome| outcome.code).collect();
    assert_eq!(codes, [0, 0, 0, 3, 0, 0], "{said:#?}");
    let (refused, plan) = (&said[3].stderr, &said[4].stdout);
    assert!(refused.contains("made by another key than `release`"), "{refused}");
    assert!(plan.contains("signed as registry.example/team/hello:1.1"), "{plan}");
    let out = world.here().join("out");
    assert_eq!(json(&out.join("report.json"))["summary"]["copied"], 2);
    for layout in ["prod", "edge"] {
        Audited::Layout(&out.join(layout)).assert_sound();
        let index = json(&out.join(layout).join("index.json"));
        let named = index["manifests"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|one| one["annotations"]["org.opencontainers.image.ref.name"].as_str());
        let (signatures, mut images): (Vec<&str>, Vec<&str>) =
            named.partition(|name| extension(name) == "sig");
        images.sort_unstable();
        assert_eq!(images, ["hello:1.0", "hello:1.1"], "{layout}");
        assert_eq!(signatures.len(), 6, "two indexes with two children each: {layout}");
    }
}
