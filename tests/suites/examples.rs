//! The examples and the README do what they say.

use engine_tests::audit::Audited;
use engine_tests::images::{Dialect, Seed};
use engine_tests::real::Tool;
use engine_tests::registry::{Options, Registry};
use engine_tests::world;
use engine_tests::world::World;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Copies the files of an example into the working directory, and the plugins in it as components.
fn bring(world: &World, example: &str) {
    let folder = root().join("examples").join(example);
    copy(&folder, &world.here());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.join("plugin.toml").exists() {
            let name = path.file_name().unwrap().to_str().unwrap();
            let there = world.here().join(format!("{name}.wasm"));
            fs::copy(engine_tests::guest::component(name), there).unwrap();
        }
    }
}

/// Makes registries of the test known to an example, which knows none of its own.
fn plain(world: &World, registries: &[&Registry]) {
    let text = fs::read_to_string(world.here().join("sync.yaml")).unwrap();
    let known = registries.iter().map(|registry| {
        let at = registry.address();
        format!("  {at}: {{endpoint: \"http://{at}\"}}\n")
    });
    world.write("sync.yaml", &format!("{text}\nregistries:\n{}", known.collect::<String>()));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else {
            fs::copy(&path, &there).unwrap();
        }
    }
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

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
fn every_spec_that_people_read_is_right() {
    let mut seen = 0;
    for file in ["README.md", "specs/spec.md"] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        for spec in text.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next()) {
            if !spec.contains("apiVersion:") {
                continue;
            }
            let world = world!();
            world.write("sync.yaml", spec);
            let checked = world.run(&["check", "sync.yaml"]);
            assert_eq!(checked.code, 0, "{file}\n{}", checked.stderr);
            seen += 1;
        }
    }
    assert!(seen >= 2, "the README and the specification each have a spec");
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        // The tutorial's specs need its plugins: `authors::tutorial` runs them.
        if !folder.is_dir() || folder.ends_with("write-a-plugin") {
            continue;
        }
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let world = world!().with("MIRROR_PASSWORD", "x").with("ENGINE_KEY_PASSPHRASE", "x");
        bring(&world, &name);
        let keys = ["key", "generate", "--output-prefix", "release"];
        drop(world.run(&keys).expect_success());
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        let specs: Vec<String> = entries.map(|file| file.into_string().unwrap()).collect();
        let specs: Vec<&String> = specs.iter().filter(|file| extension(file) == "yaml").collect();
        assert!(!specs.is_empty(), "{name} has no spec");
        for spec in specs {
            let checked = world.run(&["check", spec]);
            assert_eq!(checked.code, 0, "{name}/{spec}\n{}", checked.stderr);
        }
    }
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
