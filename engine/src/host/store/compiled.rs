//! Compiled code: made ahead for the built-in components, on first use for others, and kept.
//!
//! The attack: compiled code is trusted code, so whoever can put a file into the cache runs
//! anything with our rights. Files are made with mode 0600, and only a file that belongs to the
//! user of this process and that nobody else can write is mapped; all else is compiled again.

use super::component::Bytes;
use crate::host::fault::HostFault;
use crate::oci::Digest;
use rustix::mm::{MprotectFlags, mprotect};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};
use wasmtime::component::Component;
use wasmtime::{CustomCodeMemory, Engine};

/// Where compiled code is kept; none compiles in memory.
pub(in crate::host) struct Cache(Option<PathBuf>);

impl Cache {
    /// A cache below the user's cache directory.
    pub(in crate::host) fn new(directory: Option<PathBuf>) -> Self {
        Self(directory.map(|directory| directory.join("compiled")))
    }

    /// The component, ready to be started.
    pub(in crate::host) fn load(
        &self,
        engine: &Engine,
        bytes: &Bytes,
    ) -> Result<Component, HostFault> {
        if let Some(component) = bytes.compiled.and_then(|code| built_in(engine, code)) {
            return Ok(component);
        }
        let path = self.0.as_ref().map(|directory| directory.join(key(engine, &bytes.digest)));
        if let Some(component) = path.as_ref().and_then(|path| mapped(engine, path)) {
            return Ok(component);
        }
        let component = Component::from_binary(engine, &bytes.wasm).map_err(|error| {
            HostFault::NotAPlugin(crate::host::roles::conversions::plain(&format!("{error:#}")))
        })?;
        if let Some(path) = path {
            keep(&path, &component);
        }
        Ok(component)
    }
}

/// The file name of a component's code: what was compiled, and by what.
fn key(engine: &Engine, digest: &str) -> String {
    struct Hashed(Vec<u8>);
    impl std::hash::Hasher for Hashed {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
    }
    let mut hashed = Hashed(digest.as_bytes().to_vec());
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hashed);
    format!("{}.cwasm", Digest::of(&hashed.0).hex())
}

/// Code that the build made. It does not fit where the processor lacks what the build's baseline
/// has; then the component is compiled like any other.
fn built_in(engine: &Engine, code: &'static [u8]) -> Option<Component> {
    #[expect(unsafe_code, reason = "mapping compiled code, the one purpose of this file")]
    // SAFETY: `code` is part of this program, stays where it is and never changes; it was made by the program's
    // own build script with the same wasmtime, which also checks version and settings before it uses the code.
    unsafe {
        if is_first(code)
            && let Ok(component) = Component::deserialize_raw(engine, NonNull::from(code))
        {
            return Some(component);
        }
        Component::deserialize(engine, code).ok()
    }
}

/// Whether no engine of this process was given this code yet. wasmtime knows code by its address, so that two
/// engines cannot run it from one place.
fn is_first(code: &'static [u8]) -> bool {
    static GIVEN: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());
    let at = code.as_ptr().addr();
    let is_at_page = at.is_multiple_of(rustix::param::page_size());
    is_at_page && GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(at)
}

/// Lets the processor run code where it stands in this program. Else wasmtime copies it first, in each
/// run: a MiB for each component, page by page.
pub(in crate::host) struct InPlace;

impl CustomCodeMemory for InPlace {
    fn required_alignment(&self) -> usize {
        rustix::param::page_size()
    }

    fn publish_executable(&self, code: *const u8, length: usize) -> wasmtime::Result<()> {
        protect(code, length, MprotectFlags::READ | MprotectFlags::EXEC)
    }

    fn unpublish_executable(&self, code: *const u8, length: usize) -> wasmtime::Result<()> {
        protect(code, length, MprotectFlags::READ)
    }
}

fn protect(code: *const u8, length: usize, flags: MprotectFlags) -> wasmtime::Result<()> {
    #[expect(unsafe_code, reason = "mapping compiled code, the one purpose of this file")]
    // SAFETY: wasmtime gives whole pages of code that it has checked, that nobody writes, and that no other
    // engine runs; they stay readable.
    unsafe {
        mprotect(code.cast_mut().cast(), length, flags)?;
    }
    Ok(())
}

/// Code that an earlier run kept, if nobody else can have written it.
fn mapped(engine: &Engine, path: &Path) -> Option<Component> {
    (is_ours(path.parent()?) && is_ours(path)).then_some(())?;
    #[expect(unsafe_code, reason = "mapping compiled code, the one purpose of this file")]
    // SAFETY: the file and its directory belong to this user and nobody else can write them, so
    // the content is what `keep` wrote; wasmtime checks version and settings.
    unsafe {
        Component::deserialize_file(engine, path).ok()
    }
}

/// Whether it is this user's, and nobody else can write it.
pub(in crate::host) fn is_ours(path: &Path) -> bool {
    let own = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|meta| {
        !meta.is_symlink() && meta.uid() == own && meta.permissions().mode() & 0o022 == 0
    })
}

/// Keeps code for later runs, unless others can write where it is kept: making such a directory
/// private would be too late, as it may hold code of ours under another's name by then. That it cannot is no fault: the next run compiles again.
fn keep(path: &Path, component: &Component) {
    let kept = || -> Option<()> {
        let code = component.serialize().ok()?;
        let directory = path.parent()?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).ok()?;
        is_ours(directory).then_some(())?;
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&part).ok()?;
        let written = file.write_all(&code).and_then(|()| fs::rename(&part, path));
        if written.is_err() {
            drop(fs::remove_file(&part));
        }
        Some(())
    };
    if kept().is_none() {
        tracing::debug!(path = %path.display(), "compiled code is not kept");
    }
}
