//! Rust: cargo makes a core module, which carries its WIT world.
//!
//! Two ways, as for the built-in components: the author's cargo with the target installed, or
//! another cargo that builds the standard library itself, named by `ENGINE_GUEST_CARGO`.

use super::AuthorFault;
use super::tool::Tool;
use crate::role::Surroundings;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What plugins are built for: no system interface at all.
const MACHINE: &str = "wasm32-unknown-unknown";
/// The linker of Debian's `lld-22`, for the other cargo.
const DEBIAN_LINKER: &str = "wasm-ld-22";

/// Builds the crate in a folder and says where its module is.
pub(super) fn module(folder: &Path, around: &Surroundings) -> Result<PathBuf, AuthorFault> {
    let help = "install Rust by rustup, and `rustup target add wasm32-unknown-unknown`";
    let tool = if let Some(cargo) = around.variable("ENGINE_GUEST_CARGO") {
        other(Path::new(cargo), folder, around)
    } else {
        has_target(folder, around)?;
        Tool::find(folder, &[], "cargo", around, help)?.with(["build"])
    };
    // Flags that are meant for the author's own machine would break a build for this one.
    let tool = tool.without("RUSTFLAGS").without("CARGO_BUILD_TARGET");
    let said = tool
        .with(["--release", "--lib", "--target", MACHINE])
        .with(["--message-format", "json-render-diagnostics"])
        .run(true)?;
    let own = folder.join("Cargo.toml");
    let own = own.canonicalize().unwrap_or(own);
    made(&said, &own).ok_or_else(|| {
        let message = "cargo made no module: add `crate-type = [\"cdylib\"]` under `[lib]` in \
                       Cargo.toml";
        AuthorFault::NoPlugin(message.to_owned())
    })
}

/// Whether the author's toolchain can build for the machine.
fn has_target(folder: &Path, around: &Surroundings) -> Result<(), AuthorFault> {
    let help = "install Rust by rustup, and `rustup target add wasm32-unknown-unknown`";
    let asked = Tool::find(folder, &[], "rustc", around, help)?
        .with(["--print", "target-libdir", "--target", MACHINE])
        .run(false)?;
    if Path::new(asked.trim()).is_dir() {
        return Ok(());
    }
    Err(AuthorFault::MissingTool {
        tool: MACHINE.to_owned(),
        help: format!("run `rustup target add {MACHINE}`"),
    })
}

/// Another cargo, with the compiler beside it.
fn other(cargo: &Path, folder: &Path, around: &Surroundings) -> Tool {
    let linker = around.variable("ENGINE_GUEST_LINKER").unwrap_or(DEBIAN_LINKER);
    let path = around.variable("PATH").unwrap_or_default();
    let beside = cargo.parent().map(|folder| format!("{}:{path}", folder.display()));
    Tool::at(cargo.to_owned(), folder)
        .with(["build", "-Zbuild-std=std,panic_abort", "--config"])
        .with([format!("target.{MACHINE}.linker=\"{linker}\"")])
        // `-Z` needs a nightly toolchain, or one that is told to be one.
        .variable("RUSTC_BOOTSTRAP", "1")
        .variable("PATH", beside.as_deref().unwrap_or(path))
        .without("RUSTC")
        .without("RUSTUP_TOOLCHAIN")
}

/// The module of a package, as cargo's messages name it. Source: the Cargo book, "External
/// tools": one JSON object a line, `compiler-artifact` for each thing that was made.
fn made(said: &str, manifest: &Path) -> Option<PathBuf> {
    let artifacts = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut ours = artifacts.filter(|message| {
        let of = message.get("manifest_path").and_then(Value::as_str).map(Path::new);
        message.get("reason").and_then(Value::as_str) == Some("compiler-artifact")
            && of == Some(manifest)
    });
    ours.find_map(|message| {
        let files = message.get("filenames")?.as_array()?;
        let mut paths = files.iter().filter_map(Value::as_str).map(PathBuf::from);
        paths.find(|path| path.extension().is_some_and(|extension| extension == "wasm"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_found_among_what_cargo_says() {
        let said = "not json\n\
            {\"reason\":\"compiler-artifact\",\"manifest_path\":\"/d/Cargo.toml\",\"filenames\":[\"/t/d.wasm\"]}\n\
            {\"reason\":\"compiler-artifact\",\"manifest_path\":\"/p/Cargo.toml\",\"filenames\":[\"/t/p.d\",\"/t/p.wasm\"]}\n\
            {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(made(said, Path::new("/p/Cargo.toml")), Some(PathBuf::from("/t/p.wasm")));
        assert_eq!(made(said, Path::new("/q/Cargo.toml")), None);
    }
}
