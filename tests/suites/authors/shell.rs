//! A shell as an author has it: the engine and the tools of three languages.

use engine_tests::real::Tool;
use engine_tests::world::World;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// The folder of the project.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A shell in an empty directory, with the engine on `PATH` and what Rust needs.
pub(super) fn shell() -> World {
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

/// Lets `npm install` find what a template names; says so and gives false where it is not here.
pub(super) fn install_javascript(world: &World) -> bool {
    if !Tool::all_here("plugins in JavaScript", &[Tool::ComponentizeJs]) {
        return false;
    }
    let tools = Tool::ComponentizeJs.folder().unwrap();
    let (modules, pin) = (tools.join("node_modules"), tools.join("package.json"));
    let same = "sed 's/\"name\": \"[^\"]*\"/\"name\": \"tools\"/' package.json | cmp -";
    let script = format!("{same} {}\nln -s {} node_modules", pin.display(), modules.display());
    stand_in(world, "npm", &script);
    true
}

/// The same of `python3 -m venv` and `pip install`.
pub(super) fn install_python(world: &World) -> bool {
    if !Tool::all_here("plugins in Python", &[Tool::ComponentizePy]) {
        return false;
    }
    let tools = Tool::ComponentizePy.folder().unwrap();
    let tool = Tool::ComponentizePy.find().unwrap();
    let script = format!(
        "cmp requirements.txt {}\nmkdir -p .venv/bin\nln -s {} .venv/bin/\nln -s /bin/true .venv/bin/pip",
        tools.join("pin.txt").display(),
        tool.display(),
    );
    stand_in(world, "python3", &script);
    true
}
