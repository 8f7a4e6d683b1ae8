//! `examples/write-a-plugin/README.md`, followed literally in an empty directory, in each language.

use super::shell::{install_javascript, install_python, root, shell};
use engine_tests::audit::Audited;
use engine_tests::world::World;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A reader's patience, by the issue; two components with an interpreter are compiled in it.
const HALF_AN_HOUR: Duration = Duration::from_mins(30);

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
    let world = shell();
    if install_javascript(&world) {
        follow(&world, "javascript");
    }
}

#[test]
fn in_python() {
    let world = shell();
    if install_python(&world) {
        follow(&world, "python");
    }
}
