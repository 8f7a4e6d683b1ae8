//! The store of pulled components, below the user's data directory:
//! `components/sha256/HEX/{manifest.json,component.wasm}`, by the digest of the manifest.
//!
//! The attack: whoever can change a file of the store chooses what runs with the grants of a spec.
//! So nothing is taken from it unseen: only files of this user that nobody else can write, whose
//! manifest has the digest that the spec names, and whose component has the manifest's.

use super::artifact::component_layer;
use super::compiled::is_ours;
use crate::host::fault::HostFault;
use crate::host::store::component::{MAX_COMPONENT_BYTES, read_file};
use crate::oci::Digest;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const MANIFEST: &str = "manifest.json";
const COMPONENT: &str = "component.wasm";
/// Components that are listed.
const MAX_LISTED: usize = 10_000;

/// The store of pulled components.
#[derive(Debug, Clone)]
pub struct Store(PathBuf);

impl Store {
    /// A store below a data directory. Nothing is made before something is kept.
    pub fn new(data: &Path) -> Self {
        Self(data.join("components"))
    }

    /// Whether a component is there; whether it is sound is asked when it is read.
    pub fn has(&self, digest: &Digest) -> bool {
        self.folder(digest).exists()
    }

    /// The digests of what is there, in their order; at most 10,000. Whether each is sound is asked
    /// when it is read.
    pub fn digests(&self) -> Vec<Digest> {
        let named = |entry: std::io::Result<fs::DirEntry>| {
            let name = entry.ok()?.file_name();
            format!("sha256:{}", name.to_str()?).parse().ok()
        };
        let entries = fs::read_dir(self.0.join("sha256")).into_iter().flatten();
        let mut all: Vec<Digest> = entries.filter_map(named).take(MAX_LISTED).collect();
        all.sort();
        all
    }

    /// Keeps a component with the manifest that it was pulled by. What is there already and sound
    /// stays; what is not is replaced.
    ///
    /// # Errors
    ///
    /// [`HostFault::BadArtifact`] when they do not belong together, [`HostFault::Unreadable`] when
    /// the store cannot be written.
    pub fn keep(
        &self,
        digest: &Digest,
        manifest: &[u8],
        component: &[u8],
    ) -> Result<(), HostFault> {
        let layer = component_layer(manifest)?;
        if !digest.matches(manifest) || !layer.digest.matches(component) {
            return Err(HostFault::BadArtifact("the digests are other ones".to_owned()));
        }
        if self.read(digest).is_ok() {
            return Ok(());
        }
        let folder = self.folder(digest);
        self.write(&folder, manifest, component).map_err(|error| HostFault::Unreadable {
            path: folder.display().to_string(),
            reason: error.to_string(),
        })
    }

    /// The bytes of a component.
    pub(in crate::host) fn read(&self, digest: &Digest) -> Result<Vec<u8>, HostFault> {
        let folder = self.folder(digest);
        if !folder.exists() {
            return Err(HostFault::NotPulled(digest.to_string()));
        }
        let changed = |reason: &str| HostFault::StoreChanged {
            digest: folder.display().to_string(),
            reason: reason.to_owned(),
        };
        let (manifest, component) = (folder.join(MANIFEST), folder.join(COMPONENT));
        if ![&folder, &manifest, &component].into_iter().all(|path| is_ours(path)) {
            return Err(changed("it belongs to another user, or others can write it"));
        }
        let manifest = read_file(&manifest)?;
        if !digest.matches(&manifest) {
            return Err(changed("its manifest has another digest"));
        }
        let layer = component_layer(&manifest)?;
        let component = read_file(&component)?;
        if !layer.digest.matches(&component) || component.len() as u64 > MAX_COMPONENT_BYTES {
            return Err(changed("its component has another digest"));
        }
        Ok(component)
    }

    /// Writes a folder beside its name and gives it its name when it is whole.
    fn write(&self, folder: &Path, manifest: &[u8], component: &[u8]) -> std::io::Result<()> {
        let private = |path: &Path| fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        private(folder.parent().unwrap_or(&self.0))?;
        let part = folder.with_extension(format!("{}.part", std::process::id()));
        drop(fs::remove_dir_all(&part));
        private(&part)?;
        let made = || -> std::io::Result<()> {
            for (name, bytes) in [(MANIFEST, manifest), (COMPONENT, component)] {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true).mode(0o600);
                let mut file = options.open(part.join(name))?;
                file.write_all(bytes)?;
                file.sync_data()?;
            }
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
            fs::rename(&part, folder)
        };
        made().inspect_err(|_| drop(fs::remove_dir_all(&part)))
    }

    fn folder(&self, digest: &Digest) -> PathBuf {
        self.0.join(digest.algorithm().name()).join(digest.hex())
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
