//! Builds the built-in components from source and puts them into the program.
//!
//! In: `plugins/*` with a `plugin.toml`. Out, in `OUT_DIR`: for each a component (`.wasm`), its
//! compiled code (`.cwasm`), and `built_in.rs`, which lists them for `host`. Nothing is fetched
//! but what cargo itself fetches, and nothing outside `OUT_DIR` and `target/guests` is written.

#[path = "build/compile.rs"]
mod compile;
#[path = "src/host/config.rs"]
mod config;
#[path = "build/guests.rs"]
mod guests;
#[path = "build/manifest.rs"]
mod manifest;
#[path = "src/author/wrap.rs"]
mod wrap;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// Why the components could not be built, for people.
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
    let here = variable("CARGO_MANIFEST_DIR")?;
    let root = Path::new(&here).parent().ok_or("the engine has no workspace around it")?;
    let out = PathBuf::from(variable("OUT_DIR")?);
    for watched in ["plugins", "wit", "engine/oci", "engine/build", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/host/config.rs");
    println!("cargo::rerun-if-changed=src/author/wrap.rs");

    let plugins = manifest::find(&root.join("plugins"))?;
    let names: Vec<&str> = plugins.iter().map(|plugin| plugin.name.as_str()).collect();
    let modules = guests::build(root, &out, &names)?;
    let engine = compile::compiler(&variable("TARGET")?)?;
    let mut list = String::from(LIST_HEAD);
    for (plugin, module) in plugins.iter().zip(modules) {
        let component = wrap::wrap(&read(&module)?, &plugin.section)
            .map_err(|fault| format!("{}: {fault}", plugin.name))?;
        let code = compile::compile(&engine, &component, plugin)?;
        write(&out.join(format!("{}.wasm", plugin.name)), &component)?;
        write(&out.join(format!("{}.cwasm", plugin.name)), &code)?;
        let (name, digest) = (&plugin.name, engine_oci::Digest::of(&component));
        writeln!(list, "    built_in!(\"{name}\", \"{digest}\"),").map_err(|e| e.to_string())?;
    }
    list.push_str("];\n");
    write(&out.join("built_in.rs"), list.as_bytes())
}

/// Compiled code is run where it stands, so it starts at a page; plain bytes may start anywhere.
const LIST_HEAD: &str = r#"// Made by engine/build.rs.

#[repr(C, align(4096))]
struct Aligned<T: ?Sized>(T);

macro_rules! built_in {
    ($name:literal, $digest:literal) => {
        (
            $name,
            $digest,
            include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".wasm")) as &[u8],
            {
                static CODE: &Aligned<[u8]> =
                    &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".cwasm")));
                &CODE.0 as &[u8]
            },
        )
    };
}

/// The built-in components: name, digest of the component, the component, its compiled code.
static BUILT_IN: &[(&str, &str, &[u8], &[u8])] = &[
"#;

fn variable(name: &str) -> Result<String, Failure> {
    env::var(name).map_err(|_| format!("cargo did not set {name}"))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|fault| format!("{}: {fault}", path.display()))
}
