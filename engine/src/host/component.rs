//! A component before it runs: its bytes, its manifest, and the check of what it imports.

use super::fault::HostFault;
use super::store::Store;
use crate::oci::Digest;
use crate::role::{Component, ComponentSource, Limits, Wants};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;
use wasmtime::Engine;

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// The custom section that holds the manifest and the schema of the settings.
const MANIFEST_SECTION: &str = "engine:plugin-manifest";
/// What a component begins with; a core module has another version and layer. Source: WebAssembly
/// component model, "Binary format".
const PREAMBLE: [u8; 8] = *b"\0asm\x0d\0\x01\0";
/// Bytes of the largest component: one that carries a JavaScript or Python interpreter has 20 MiB.
pub const MAX_COMPONENT_BYTES: u64 = 64 << 20;
/// What a component of any role may import. `types` and `body` come with the others.
const INTERFACES: [&str; 7] = ["types", "body", "http", "fs", "log", "clock", "random"];
/// Those that a manifest must want.
const WANTED: [&str; 4] = ["http", "fs", "clock", "random"];

/// The bytes of a component, and its code where it was compiled with this program.
pub(super) struct Bytes {
    pub(super) wasm: Cow<'static, [u8]>,
    pub(super) compiled: Option<&'static [u8]>,
    pub(super) digest: Cow<'static, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    manifest: Manifest,
    settings: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: String,
    version: String,
    role: String,
    #[serde(default)]
    transports: Vec<String>,
    #[serde(default)]
    wants: Wants,
    #[serde(default)]
    limits: Limits,
}

/// The names of the components that are part of this program.
pub(super) fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, ..)| *name)
}

/// Reads the bytes of a component.
pub(super) fn read(source: &ComponentSource, store: Option<&Store>) -> Result<Bytes, HostFault> {
    match source {
        ComponentSource::BuiltIn(name) => {
            let found = BUILT_IN.iter().find(|(known, ..)| known == name);
            let (_, digest, wasm, compiled) =
                found.ok_or_else(|| HostFault::NotAPlugin(format!("`{name}` is not built in")))?;
            let (wasm, digest) = (Cow::Borrowed(*wasm), Cow::Borrowed(*digest));
            Ok(Bytes { wasm, compiled: Some(compiled), digest })
        }
        ComponentSource::Path(path) => Ok(strangers(read_file(path)?)),
        ComponentSource::Stored(digest) => match store {
            Some(store) => Ok(strangers(store.read(digest)?)),
            None => Err(HostFault::NotPulled(digest.to_string())),
        },
    }
}

/// The bytes of a component that is not ours.
fn strangers(wasm: Vec<u8>) -> Bytes {
    let digest = Cow::Owned(Digest::of(&wasm).to_string());
    Bytes { wasm: Cow::Owned(wasm), compiled: None, digest }
}

pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, HostFault> {
    let unreadable =
        |reason: String| HostFault::Unreadable { path: path.display().to_string(), reason };
    let file = std::fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut wasm = Vec::new();
    let mut bounded = file.take(MAX_COMPONENT_BYTES + 1);
    bounded.read_to_end(&mut wasm).map_err(|error| unreadable(error.to_string()))?;
    if wasm.len() as u64 > MAX_COMPONENT_BYTES {
        return Err(unreadable(format!("it has more than {MAX_COMPONENT_BYTES} bytes")));
    }
    Ok(wasm)
}

/// Reads what a component says of itself. Nothing of it runs, and it is not compiled.
pub(super) fn describe(
    source: ComponentSource,
    store: Option<&Store>,
) -> Result<Component, HostFault> {
    let bytes = read(&source, store)?;
    if !bytes.wasm.starts_with(&PREAMBLE) {
        return Err(HostFault::NotAPlugin("it is no WebAssembly component".to_owned()));
    }
    let section = section(&bytes.wasm, MANIFEST_SECTION)?
        .ok_or_else(|| HostFault::Manifest("it has none".to_owned()))?;
    let Section { manifest, settings } =
        serde_json::from_slice(section).map_err(|error| HostFault::Manifest(error.to_string()))?;
    Ok(Component {
        name: manifest.name,
        version: manifest.version,
        digest: bytes.digest.into_owned(),
        role: manifest.role,
        transports: manifest.transports,
        wants: manifest.wants,
        limits: manifest.limits,
        settings,
        source,
    })
}

/// Refuses a component that imports anything that no plugin may use, or that its own manifest
/// does not want. Done before it is started, on the types alone.
pub(super) fn check_imports(
    engine: &Engine,
    component: &wasmtime::component::Component,
    wants: &Wants,
) -> Result<(), HostFault> {
    for (name, _) in component.component_type().imports(engine) {
        if !allows(name, wants) {
            return Err(HostFault::ForeignImport(name.to_owned()));
        }
    }
    Ok(())
}

/// Whether a component that wants this may import the interface `engine:plugin/fs@0.1.0`, say.
pub fn allows(import: &str, wants: &Wants) -> bool {
    let interface = import
        .strip_prefix("engine:plugin/")
        .and_then(|rest| rest.strip_suffix("@0.1.0"))
        .filter(|interface| INTERFACES.contains(interface));
    interface.is_some_and(|interface| {
        !WANTED.contains(&interface) || wants.interfaces.iter().any(|want| want == interface)
    })
}

/// The content of a custom section at the top level of a component, if there is such a section.
/// Source: WebAssembly component model, "Binary format": a preamble of 8 bytes, then sections of
/// an id, a length and that many bytes.
fn section<'a>(wasm: &'a [u8], wanted: &str) -> Result<Option<&'a [u8]>, HostFault> {
    let cut = || HostFault::NotAPlugin("it ends in the middle".to_owned());
    let mut rest = wasm.get(PREAMBLE.len()..).ok_or_else(cut)?;
    while let Some((&id, after)) = rest.split_first() {
        let (length, after) = leb(after).ok_or_else(cut)?;
        let (content, after) = after.split_at_checked(length).ok_or_else(cut)?;
        rest = after;
        if id == 0 {
            let (length, after) = leb(content).ok_or_else(cut)?;
            let (name, content) = after.split_at_checked(length).ok_or_else(cut)?;
            if name == wanted.as_bytes() {
                return Ok(Some(content));
            }
        }
    }
    Ok(None)
}

/// An unsigned LEB128 number of at most 32 bits.
fn leb(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_section_behind_others() {
        let wasm = b"\0asm\x0d\0\x01\0\x01\x02ab\0\x05\x03xyz!\0\x06\x03abc??";
        assert_eq!(section(wasm, "abc"), Ok(Some(&b"??"[..])));
        assert_eq!(section(wasm, "xyz"), Ok(Some(&b"!"[..])));
        assert_eq!(section(wasm, "none"), Ok(None));
        assert!(section(&wasm[..20], "abc").is_err(), "it ends in the middle");
        assert_eq!(leb(&[0x80, 0x01, 9]), Some((128, &[9][..])));
        assert_eq!(leb(&[0x80; 6]), None);
    }

    #[test]
    fn built_ins_describe_themselves() {
        for name in built_in_names() {
            let component = describe(ComponentSource::BuiltIn(name.to_owned()), None).unwrap();
            assert_eq!(component.name, name);
            assert_eq!(component.role, "transport");
            assert!(!component.transports.is_empty());
        }
        assert!(built_in_names().count() >= 3);
    }
}
