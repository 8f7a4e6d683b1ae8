//! The quickstart and its demo.

use super::folder::{bring, copy, json, root};
use engine_tests::audit::Audited;
use engine_tests::real::Tool;
use engine_tests::world;
use engine_tests::world::World;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

#[test]
fn the_quickstart_does_what_its_readme_says() {
    let world = world!();
    bring(&world, "quickstart");
    drop(world.run(&["check", "sync.yaml"]).expect_success());
    let plan = world.run(&["plan", "sync.yaml"]).expect_success();
    assert!(plan.stdout.contains("4 to copy"), "{}", plan.stdout);
    assert!(!world.here().join("out/everything").exists(), "a plan reads only");
    drop(world.run(&["run", "sync.yaml"]).expect_success());
    let out = world.here().join("out");
    let first = json(&out.join("report.json"));
    assert_eq!(first["summary"]["copied"], 4);

    Audited::Layout(&out.join("everything")).assert_sound();
    Audited::Directory(&out.join("arm64/1.1")).assert_sound();
    let names = |layout: &Path| -> Vec<(String, String)> {
        let index = json(&layout.join("index.json"));
        let manifests = index["manifests"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let name = |one: &Value| {
            (text(&one["annotations"]["org.opencontainers.image.ref.name"]), text(&one["digest"]))
        };
        manifests.map(name).collect()
    };
    let mut expected = names(&world.here().join("images"));
    expected.retain(|(name, _)| name != "1.2-rc1");
    let expected: Vec<_> =
        expected.into_iter().map(|(name, digest)| (format!("hello:{name}"), digest)).collect();
    let mut there = names(&out.join("everything"));
    there.sort();
    assert_eq!(there, expected);
    let index = json(&out.join("arm64/1.1/manifest.json"));
    assert_eq!(index["manifests"].as_array().unwrap().len(), 1);

    drop(world.run(&["run", "sync.yaml"]).expect_success());
    assert_eq!(json(&out.join("report.json"))["summary"]["unchanged"], 4);
    for reference in
        [format!("oci:{}/images:1.2-rc1", world.here().display()), "oci:images:1.2-rc1".into()]
    {
        let why = world.run(&["explain", "sync.yaml", &reference]).expect_success();
        assert!(why.stdout.contains("left out by `hello`"), "{reference}\n{}", why.stdout);
    }
}

/// Scopes of registries that the quickstart does not name are no matter of its own.
#[test]
fn the_quickstart_runs_beside_a_policy_like_that_of_rhel() {
    let world = world!();
    bring(&world, "quickstart");
    let signed =
        r#"[{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/pki/rpm-gpg/key"}]"#;
    let any = r#"[{"type": "insecureAcceptAnything"}]"#;
    let policy = format!(
        r#"{{"default": {any}, "transports": {{"docker": {{"registry.redhat.io": {signed}}},
            "docker-daemon": {{"": {any}}}}}}}"#
    );
    world.write("~/.config/containers/policy.json", &policy);
    drop(world.run(&["plan", "sync.yaml"]).expect_success());
    drop(world.run(&["run", "sync.yaml"]).expect_success());
    assert_eq!(json(&world.here().join("out/report.json"))["summary"]["copied"], 4);
}

/// With a `cargo` that builds nothing, and our engine where it would have built one.
#[test]
fn the_demo_shows_every_step_and_keeps_to_its_folder() {
    let engine = Path::new(env!("CARGO_BIN_EXE_engine-under-test"));
    let world = World::of("/bin/sh");
    copy(&root().join("examples/quickstart"), &world.here().join("examples/quickstart"));
    let cargo = world.write("bin/cargo", "#!/bin/sh\n");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(world.here().join("target/debug")).unwrap();
    symlink(engine, world.here().join("target/debug/engine")).unwrap();
    let path = format!("{}:{}", world.here().join("bin").display(), std::env::var("PATH").unwrap());
    let world = world.with("PATH", &path);
    let outcome = world.run(&["examples/quickstart/demo.sh"]).expect_success();
    for shown in ["4 to copy", "$ engine run sync.yaml", "left out by `hello`", "== Done"] {
        assert!(outcome.stdout.contains(shown), "{shown}\n{}", outcome.stdout);
    }
    for said in ["fine", "4 copied", "4 unchanged"] {
        assert!(outcome.stderr.contains(said), "{said}\n{}", outcome.stderr);
    }
    Audited::Layout(&world.here().join("target/demo/out/everything")).assert_sound();
    assert_eq!(fs::read_dir(world.home()).unwrap().count(), 0, "the home is left alone");
}

#[test]
fn umoci_unpacks_what_the_quickstart_mirrors() {
    if !Tool::all_here("the quickstart's layout", &[Tool::Umoci]) {
        return;
    }
    let world = world!();
    bring(&world, "quickstart");
    drop(world.run(&["run", "sync.yaml"]).expect_success());
    let layout = world.here().join("out/everything").display().to_string();
    let names = Tool::Umoci.run(&["ls", "--layout", &layout]);
    let mut names: Vec<&str> = names.lines().collect();
    names.sort_unstable();
    assert_eq!(names, ["hello:1.0", "hello:1.1"]);
}
