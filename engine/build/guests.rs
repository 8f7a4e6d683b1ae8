//! The nested cargo that builds the plugins as core modules.
//!
//! Two ways, as `make setup` finds them: the toolchain of the engine with the target
//! `wasm32-unknown-unknown`, or another cargo that builds the standard library itself, named by
//! `ENGINE_GUEST_CARGO` (Debian's `rustc-web`).

use crate::Failure;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What guests are built for: no system interface at all.
const MACHINE: &str = "wasm32-unknown-unknown";
/// The profile in the root manifest.
const PROFILE: &str = "guest";
/// Names another cargo, which has the sources of the standard library.
const OTHER_CARGO: &str = "ENGINE_GUEST_CARGO";
/// Names the linker of the other cargo.
const OTHER_LINKER: &str = "ENGINE_GUEST_LINKER";
/// Its default: the one of Debian's `lld-22`.
const DEBIAN_LINKER: &str = "wasm-ld-22";

/// Builds the packages and says where their modules are, in the same order.
///
/// The directory is beside the profiles of the target directory, so that all profiles share what
/// was built, and a change of the engine alone builds nothing here. It is one of its own since
/// the cargo that runs this script holds the lock of its own.
pub(crate) fn build(root: &Path, out: &Path, names: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    println!("cargo::rerun-if-env-changed={OTHER_CARGO}");
    println!("cargo::rerun-if-env-changed={OTHER_LINKER}");
    let guests = target_directory(root, out).join("guests");
    let mut command = match env::var_os(OTHER_CARGO) {
        Some(cargo) => other(&cargo),
        None => own()?,
    };
    command.current_dir(root).arg("--target-dir").arg(&guests);
    command.args(["--target", MACHINE, "--profile", PROFILE, "--lib"]);
    command.args(names.iter().flat_map(|name| ["-p", name]));
    clean(&mut command);
    // The same sources give the same bytes, and so the same digest, wherever they are.
    command.env("CARGO_ENCODED_RUSTFLAGS", remapped(root));
    let run = command.output();
    let run = run.map_err(|fault| format!("the components cannot be built: {fault}"))?;
    if !run.status.success() {
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        return Err(format!("the components cannot be built; cargo said:\n{said}"));
    }
    let modules = guests.join(MACHINE).join(PROFILE);
    Ok(names.iter().map(|name| modules.join(format!("{}.wasm", name.replace('-', "_")))).collect())
}

/// The cargo that builds the engine, if its toolchain has the target.
fn own() -> Result<Command, Failure> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let asked = Command::new(&rustc)
        .args(["--print", "target-libdir", "--target", MACHINE])
        .output()
        .map_err(|fault| format!("{}: {fault}", rustc.display()))?;
    let libraries = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    if !asked.status.success() || !Path::new(&libraries).is_dir() {
        return Err(format!(
            "the toolchain cannot build components, as it lacks {MACHINE}: run `make setup`, or \
             `rustup target add {MACHINE}`"
        ));
    }
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg("build").env("RUSTC", rustc);
    Ok(command)
}

/// Another cargo, with the compiler beside it.
fn other(cargo: &OsString) -> Command {
    let linker = env::var(OTHER_LINKER).unwrap_or_else(|_| DEBIAN_LINKER.to_owned());
    let mut command = Command::new(cargo);
    command.args(["build", "-Zbuild-std=std,panic_abort", "--config"]);
    command.arg(format!("target.{MACHINE}.linker=\"{linker}\""));
    // `-Z` needs a nightly toolchain, or one that is told to be one.
    command.env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTC").env_remove("RUSTUP_TOOLCHAIN");
    if let Some(beside) = Path::new(cargo).parent() {
        let path = env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(beside.to_path_buf()).chain(env::split_paths(&path));
        command.env("PATH", env::join_paths(all).unwrap_or(path));
    }
    command
}

/// Flags that take the paths of this machine out of panic messages.
fn remapped(root: &Path) -> OsString {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let mut flags = OsString::new();
    for (from, to) in [(Some(root.to_path_buf()), "."), (home, "cargo")] {
        let Some(from) = from else { continue };
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push(format!("={to}"));
    }
    flags
}

/// Takes away what the outer cargo and its user set for the engine's own build: flags for another
/// machine, clippy as the compiler, the outer profile. How to reach registries stays.
fn clean(command: &mut Command) {
    const STAYS: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_MAKEFLAGS",
        "CARGO_NET_",
        "CARGO_HTTP_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
    ];
    const GOES: [&str; 5] =
        ["RUSTFLAGS", "RUSTDOCFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTC_LINKER"];
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let cargos =
            text.starts_with("CARGO") && !STAYS.iter().any(|stays| text.starts_with(stays));
        if cargos || GOES.contains(&text) {
            command.env_remove(&name);
        }
    }
}

/// The target directory that `out` is in: cargo marks it with a file.
fn target_directory(root: &Path, out: &Path) -> PathBuf {
    let marked = out.ancestors().find(|path| path.join("CACHEDIR.TAG").exists());
    marked.map_or_else(|| root.join("target"), Path::to_path_buf)
}
