//! A component before it runs: its bytes, its manifest, and the check of what it imports.

use super::store::Store;
use crate::host::fault::HostFault;
use crate::host::roles::conversions::plain;
use crate::oci::{Digest, PlaceKind, ReferenceForm};
use crate::role::{Component, ComponentRole, ComponentSource, Limits, Wants};
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
/// The package of the interface and its version. Source: `wit/types.wit`.
pub(in crate::host) const INTERFACE: (&str, &str) = ("engine:plugin", "0.2.0");
/// Bytes of the largest component: one that carries a JavaScript or Python interpreter has 20 MiB.
pub const MAX_COMPONENT_BYTES: u64 = 64 << 20;
/// What a transport keeps with the engine for its next instance: no power, so it needs no wanting.
const NOTES: &str = "notes";
/// What comes with other interfaces, and log lines: nobody needs to want them.
const FREE: [&str; 4] = ["types", "body", "judgement", "log"];
/// Bytes of the largest manifest, with its schema; those of the built-in ones have some KiB. As a
/// value in memory it is many times larger.
const MAX_MANIFEST_BYTES: usize = 256 << 10;
/// Characters of the longest name or version.
const MAX_WORD: usize = 100;
/// The most that a manifest may ask for by itself. More is for the spec to give.
const CEILING: Limits = Limits {
    memory_bytes: 1 << 30,
    cpu_millis: 60_000,
    time_millis: 600_000,
    idle_millis: 600_000,
    log_bytes: 1 << 20,
    handles: 4_096,
    requests: 100_000,
};

/// The bytes of a component, and its code where it was compiled with this program.
pub(in crate::host) struct Bytes {
    pub(in crate::host) wasm: Cow<'static, [u8]>,
    pub(in crate::host) compiled: Option<&'static [u8]>,
    pub(in crate::host) digest: Cow<'static, str>,
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
    role: ComponentRole,
    #[serde(default)]
    transports: Vec<String>,
    #[serde(default)]
    reference: Option<ReferenceForm>,
    #[serde(default)]
    wants: Wants,
    #[serde(default)]
    limits: Limits,
}

impl Manifest {
    /// Refuses names that are none, names of others, and limits beyond reason.
    fn check(&self, source: &ComponentSource) -> Result<(), String> {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._+".contains(c);
        let is_word = |word: &str| {
            let begins = word.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
            begins && word.len() <= MAX_WORD && word.chars().all(fine)
        };
        if !is_word(&self.name) || !is_word(&self.version) {
            let words = "lower-case letters, digits and `-._+`";
            return Err(format!("its name, version or role is not made of {words}"));
        }
        let own = matches!(source, ComponentSource::BuiltIn(_));
        if !own && built_in_names().any(|name| name == self.name) {
            return Err(format!("`{}` is the name of a built-in component", self.name));
        }
        if let Some(form) = self.reference {
            if self.role != ComponentRole::Transport {
                let role = self.role.word();
                return Err(format!("it is a {role}, and `reference` is for transports"));
            }
            if form.place == PlaceKind::File && !form.shape.is_path() {
                return Err("`place = \"file\"` is for shapes that begin with a path".to_owned());
            }
        }
        let Limits {
            memory_bytes,
            cpu_millis,
            time_millis,
            idle_millis,
            log_bytes,
            handles,
            requests,
        } = self.limits;
        for (limit, wanted, most) in [
            ("memory_bytes", memory_bytes, CEILING.memory_bytes),
            ("cpu_millis", cpu_millis, CEILING.cpu_millis),
            ("time_millis", time_millis, CEILING.time_millis),
            ("idle_millis", idle_millis, CEILING.idle_millis),
            ("log_bytes", log_bytes, CEILING.log_bytes),
            ("handles", handles.into(), CEILING.handles.into()),
            ("requests", requests.into(), CEILING.requests.into()),
        ] {
            if wanted > most {
                return Err(format!("`{limit}` is {wanted}; a manifest may ask for {most}"));
            }
        }
        Ok(())
    }
}

/// The names of the components that are part of this program.
pub(in crate::host) fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, ..)| *name)
}

/// Reads the bytes of a component.
pub(in crate::host) fn read(
    source: &ComponentSource,
    store: Option<&Store>,
) -> Result<Bytes, HostFault> {
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

pub(in crate::host) fn read_file(path: &Path) -> Result<Vec<u8>, HostFault> {
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
pub(in crate::host) fn describe(
    source: ComponentSource,
    store: Option<&Store>,
) -> Result<Component, HostFault> {
    let bytes = read(&source, store)?;
    if !bytes.wasm.starts_with(&PREAMBLE) {
        return Err(HostFault::NotAPlugin("it is no WebAssembly component".to_owned()));
    }
    let section = section(&bytes.wasm, MANIFEST_SECTION)?
        .ok_or_else(|| HostFault::Manifest("it has none".to_owned()))?;
    let unfit = |what: String| HostFault::Manifest(what);
    if section.len() > MAX_MANIFEST_BYTES {
        return Err(unfit(format!("it has more than {MAX_MANIFEST_BYTES} bytes")));
    }
    let Section { manifest, settings } =
        serde_json::from_slice(section).map_err(|error| unfit(plain(&error.to_string())))?;
    manifest.check(&source).map_err(unfit)?;
    Ok(Component {
        name: manifest.name,
        version: manifest.version,
        digest: bytes.digest.into_owned(),
        role: manifest.role,
        transports: manifest.transports,
        reference: manifest.reference,
        wants: manifest.wants,
        limits: manifest.limits,
        settings,
        source,
    })
}

/// Refuses a component that imports anything that no plugin of its role may use, or that its own
/// manifest does not want. Done before it is started, on the types alone.
pub(in crate::host) fn check_imports(
    engine: &Engine,
    component: &wasmtime::component::Component,
    described: &Component,
) -> Result<(), HostFault> {
    let types = component.component_type();
    let imports = types.imports(engine).map(|(name, _)| name);
    let exports = types.exports(engine).map(|(name, _)| name);
    if let Some(version) = imports.chain(exports).find_map(other_version) {
        return Err(HostFault::other_interface(version));
    }
    for (name, _) in types.imports(engine) {
        if !allows(name, described.role, &described.wants) {
            return Err(HostFault::ForeignImport(name.to_owned()));
        }
    }
    Ok(())
}

/// Whether a component of this role that wants this may import the interface
/// `engine:plugin/fs@0.2.0`, say.
pub fn allows(import: &str, role: ComponentRole, wants: &Wants) -> bool {
    let ours = interface(import).filter(|(_, version)| *version == INTERFACE.1);
    ours.is_some_and(|(interface, _)| {
        FREE.contains(&interface)
            || (role == ComponentRole::Transport && interface == NOTES)
            || (role.interfaces().contains(&interface)
                && wants.interfaces.iter().any(|want| want == interface))
    })
}

/// The version of the plugin interface that an import or export is of, if it is another one than this
/// engine's.
pub fn other_version(name: &str) -> Option<&str> {
    interface(name).map(|(_, version)| version).filter(|version| *version != INTERFACE.1)
}

/// Interface and version of a name such as `engine:plugin/fs@0.2.0`.
fn interface(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix(INTERFACE.0)?.strip_prefix('/')?.split_once('@')
}

/// The content of a custom section at the top level of a component, if there is such a section.
/// Of two, nobody could tell which one somebody else has looked at.
/// Source: WebAssembly component model, "Binary format": a preamble of 8 bytes, then sections of
/// an id, a length and that many bytes.
fn section<'a>(wasm: &'a [u8], wanted: &str) -> Result<Option<&'a [u8]>, HostFault> {
    let cut = || HostFault::NotAPlugin("it ends in the middle".to_owned());
    let mut rest = wasm.get(PREAMBLE.len()..).ok_or_else(cut)?;
    let mut found = None;
    while let Some((&id, after)) = rest.split_first() {
        let (length, after) = leb(after).ok_or_else(cut)?;
        let (content, after) = after.split_at_checked(length).ok_or_else(cut)?;
        rest = after;
        if id == 0 {
            let (length, after) = leb(content).ok_or_else(cut)?;
            let (name, content) = after.split_at_checked(length).ok_or_else(cut)?;
            if name == wanted.as_bytes() && found.replace(content).is_some() {
                return Err(HostFault::Manifest("it has two".to_owned()));
            }
        }
    }
    Ok(found)
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
        let twice = [&wasm[..], b"\0\x05\x03xyz?"].concat();
        assert!(section(&twice, "xyz").is_err(), "there are two");
        assert_eq!(leb(&[0x80, 0x01, 9]), Some((128, &[9][..])));
        assert_eq!(leb(&[0x80; 6]), None);
    }

    #[test]
    fn the_version_is_that_of_the_text() {
        let text = include_str!("../../../../wit/types.wit");
        assert!(text.contains(&format!("package {}@{};", INTERFACE.0, INTERFACE.1)));
        assert_eq!(other_version("engine:plugin/fs@0.1.0"), Some("0.1.0"));
        assert_eq!(other_version(&format!("engine:plugin/fs@{}", INTERFACE.1)), None);
        assert_eq!(other_version("wasi:io/poll@0.2.0"), None);
    }

    #[test]
    fn built_ins_describe_themselves() {
        for name in built_in_names() {
            let component = describe(ComponentSource::BuiltIn(name.to_owned()), None).unwrap();
            assert_eq!(component.name, name);
            let is_transport = component.role == ComponentRole::Transport;
            assert_eq!(is_transport, !component.transports.is_empty(), "{name}");
        }
        assert!(built_in_names().count() >= 3);
    }
}
