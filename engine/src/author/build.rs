//! From a plugin's folder to a component.

use super::manifest::Manifest;
use super::scripts::Passing;
use super::{AuthorFault, Language, cargo, imports, scripts, wrap};
use crate::host;
use crate::oci::Digest;
use crate::role::Surroundings;
use std::io::Read;
use std::path::Path;

/// What a core module begins with. Source: the WebAssembly core specification, "Modules".
const CORE_MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// A component that was built.
pub struct Built {
    /// The plugin's name.
    pub name: String,
    /// The component with its manifest.
    pub component: Vec<u8>,
    /// The digest of its bytes.
    pub digest: Digest,
    /// What its manifest wants.
    pub wants: Vec<String>,
}

/// Builds the plugin in a folder by the tools of its language.
///
/// # Errors
///
/// The manifest is wrong, a tool is missing or fails, or what it makes imports more than the
/// plugin may.
pub fn build(folder: &Path, around: &Surroundings) -> Result<Built, AuthorFault> {
    let manifest = match Manifest::read(folder) {
        Err(AuthorFault::File { .. }) if !folder.join("plugin.toml").exists() => {
            return Err(AuthorFault::NoLanguage(folder.display().to_string()));
        }
        other => other?,
    };
    let mut component = made(folder, &manifest, around)?;
    let has_manifest =
        component.windows(wrap::SECTION.len()).any(|at| at == wrap::SECTION.as_bytes());
    if has_manifest {
        // The engine would read that one, and not the author's.
        return Err(AuthorFault::NoPlugin("it carries a manifest already".to_owned()));
    }
    if component.starts_with(&CORE_MODULE) {
        component = wrap::wrap(&component, &manifest.section).map_err(AuthorFault::NoPlugin)?;
    } else {
        wrap::append(&mut component, &manifest.section);
    }
    for import in imports(&component)? {
        if let Some(version) = host::other_version(&import) {
            let other = host::HostFault::other_interface(version);
            return Err(AuthorFault::NoPlugin(other.to_string()));
        }
        if !host::allows(&import, manifest.role, &manifest.wants) {
            return Err(AuthorFault::ForeignImport(import));
        }
    }
    let digest = Digest::of(&component);
    Ok(Built { name: manifest.name, component, digest, wants: manifest.wants.interfaces })
}

/// The bytes that the tools of the language make.
fn made(folder: &Path, manifest: &Manifest, around: &Surroundings) -> Result<Vec<u8>, AuthorFault> {
    if let Some(build) = &manifest.build {
        scripts::command(folder, &build.command, around)?;
        return read(&folder.join(&build.output));
    }
    let passing = Passing(folder.join(format!(".{}.{}.wasm", manifest.name, std::process::id())));
    match Language::of(folder) {
        Some(Language::Rust) => return read(&cargo::module(folder, around)?),
        Some(Language::JavaScript) => scripts::javascript(folder, &passing.0, around)?,
        Some(Language::Python) => scripts::python(folder, &passing.0, around)?,
        None => return Err(AuthorFault::NoLanguage(folder.display().to_string())),
    }
    read(&passing.0)
}

fn read(path: &Path) -> Result<Vec<u8>, AuthorFault> {
    let failed = |reason: String| AuthorFault::File { path: path.display().to_string(), reason };
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    let mut bounded = file.take(host::MAX_COMPONENT_BYTES + 1);
    bounded.read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > host::MAX_COMPONENT_BYTES {
        return Err(failed(format!("it has more than {} bytes", host::MAX_COMPONENT_BYTES)));
    }
    Ok(bytes)
}
