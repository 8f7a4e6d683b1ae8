//! `examples/write-a-plugin/README.md`, followed literally in an empty directory, in each language.

use engine_tests::audit::Audited;
use engine_tests::real::Tool;
use engine_tests::world::World;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A reader's patience, by the issue; two components with an interpreter are compiled in it.
const HALF_AN_HOUR: Duration = Duration::from_mins(30);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The commands of the tutorial: blocks for all, and those of one language.
fn commands(language: &str) -> String {
    let text = fs::read_to_string(root().join("examples/write-a-plugin/README.md")).unwrap();
    let mut script = String::from("set -eu\n");
    let mut blocks = 0;
    for block in text.split("\n```sh").skip(1) {
        let (of, rest) = block.split_once('\n').unwrap();
        let commands = rest.split("\n```").next().unwrap();
        if of.is_empty() || of.trim() == language {
            script.push_str(commands);
            script.push('\n');
            blocks += 1;
        }
    }
    assert_eq!(blocks, 8, "blocks for {language}");
    script
}

/// A shell in an empty directory, with the engine on `PATH` and what Rust needs.
fn shell() -> World {
    let engine = Path::new(env!("CARGO_BIN_EXE_engine-under-test"));
    let world = World::of("/bin/sh");
    let bin = world.root().join("bin");
    fs::create_dir(&bin).unwrap();
    symlink(engine, bin.join("engine")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut world = world.with("PATH", &path);
    let home = std::env::var("HOME").unwrap_or_default();
    for (name, below_home) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let set = std::env::var(name).unwrap_or_else(|_| format!("{home}/{below_home}"));
        world = world.with(name, &set);
    }
    for name in ["ENGINE_GUEST_CARGO", "ENGINE_GUEST_LINKER", "RUSTUP_TOOLCHAIN"] {
        if let Ok(set) = std::env::var(name) {
            world = world.with(name, &set);
        }
    }
    // What the crates of the template come to is kept from run to run.
    world.with("CARGO_TARGET_DIR", &root().join("target/authors").display().to_string())
}

/// Puts a program on the shell's `PATH` that takes the place of an installer: what it would get is
/// here already, in the version that the template names.
fn stand_in(world: &World, name: &str, script: &str) {
    let path = world.root().join("bin").join(name);
    fs::write(&path, format!("#!/bin/sh\nset -eu\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Follows the tutorial and holds what it promises.
#[track_caller]
fn follow(world: &World, language: &str) {
    world.write("../tutorial.sh", &commands(language));
    let followed = world.start(&["../tutorial.sh"]).wait(HALF_AN_HOUR).expect_success();
    let said = format!("{}{}", followed.stdout, followed.stderr);
    for shown in [
        "transport-shelf is there",
        "wants nothing",
        "copied   mine::greeting:1.0",
        "wants fs",
        "no directory `images` was granted",
        "add `--dir images=PATH`",
        "in step `tars`, which only reads",
        "2 to copy",
        "plugin   tars: `catalog.json` has 2 images",
        "2 unchanged",
    ] {
        assert!(said.contains(shown), "{language}: {shown}\n{said}");
    }
    let folder = world.here().join("transport-shelf");
    Audited::Layout(&folder.join("out")).assert_sound();
    let finished = files(&root().join("examples/write-a-plugin").join(language));
    let mut made = files(&folder);
    made.retain(|path, _| !path.starts_with("wit/deps"));
    let names = |files: &BTreeMap<PathBuf, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&finished), "the finished folder");
    for (path, text) in made {
        assert!(text == finished[&path], "{language}/{} is not what comes out", path.display());
    }
}

/// The author's files of a folder, by path; not what tools make.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    const MADE: [&str; 7] = [
        ".venv",
        "Cargo.lock",
        "__pycache__",
        "node_modules",
        "out",
        "target",
        "transport-shelf.wasm",
    ];
    let mut all = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if MADE.iter().any(|made| path.ends_with(made)) {
                continue;
            }
            if path.is_dir() {
                left.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                all.insert(path.strip_prefix(folder).unwrap().to_owned(), text);
            }
        }
    }
    all
}

#[test]
fn in_rust() {
    follow(&shell(), "rust");
}

#[test]
fn in_javascript() {
    if !Tool::all_here("the tutorial in JavaScript", &[Tool::ComponentizeJs]) {
        return;
    }
    let (world, tools) = (shell(), Tool::ComponentizeJs.folder().unwrap());
    let (modules, pin) = (tools.join("node_modules"), tools.join("package.json"));
    let same = "sed 's/\"transport-shelf\"/\"tools\"/' package.json | cmp -";
    let script = format!("{same} {}\nln -s {} node_modules", pin.display(), modules.display());
    stand_in(&world, "npm", &script);
    follow(&world, "javascript");
}

#[test]
fn in_python() {
    if !Tool::all_here("the tutorial in Python", &[Tool::ComponentizePy]) {
        return;
    }
    let (world, tools) = (shell(), Tool::ComponentizePy.folder().unwrap());
    let tool = Tool::ComponentizePy.find().unwrap();
    let script = format!(
        "cmp requirements.txt {}\nmkdir -p .venv/bin\nln -s {} .venv/bin/\nln -s /bin/true .venv/bin/pip",
        tools.join("pin.txt").display(),
        tool.display(),
    );
    stand_in(&world, "python3", &script);
    follow(&world, "python");
}
