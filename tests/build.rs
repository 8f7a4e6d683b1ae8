//! Builds the hostile guests of `tests/guests` and the plugins of the examples, as the engine's build
//! script builds its own, and tells the suites where their components are.
//!
//! Nothing is compiled ahead: the engine compiles them on first use, as it does a stranger's.

#[path = "../engine/build/guests.rs"]
mod guests;
#[path = "../engine/build/manifest.rs"]
mod manifest;
#[path = "../engine/src/author/wrap.rs"]
mod wrap;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// Why the guests could not be built, for people.
type Failure = String;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            for line in failure.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Failure> {
    let variable = |name| env::var(name).map_err(|_| format!("cargo did not set {name}"));
    let here = variable("CARGO_MANIFEST_DIR")?;
    let root = Path::new(&here).parent().ok_or("the tests have no workspace around them")?;
    let out = PathBuf::from(variable("OUT_DIR")?);
    let sources =
        ["tests/guests", "examples/plugin", "plugins/sdk", "wit", "engine/oci", "engine/build"];
    let files = ["engine/src/author/wrap.rs", "tests/build.rs", "Cargo.toml", "Cargo.lock"];
    for watched in sources.into_iter().chain(files) {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }

    let mut plugins = manifest::find(&root.join("tests/guests"))?;
    plugins.extend(manifest::find(&root.join("examples/plugin"))?);
    let names: Vec<&str> = plugins.iter().map(|plugin| plugin.name.as_str()).collect();
    let modules = guests::build(root, &out, &names)?;
    for (plugin, module) in plugins.iter().zip(modules) {
        let read = fs::read(&module).map_err(|e| format!("{}: {e}", module.display()))?;
        let path = out.join(format!("{}.wasm", plugin.name));
        let component = wrap::wrap(&read, &plugin.section)
            .map_err(|fault| format!("{}: {fault}", plugin.name))?;
        fs::write(&path, component).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    println!("cargo::rustc-env=HOSTILE_GUESTS={}", out.display());
    Ok(())
}
