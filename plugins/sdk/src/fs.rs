//! Files in granted directories. See `wit/fs.wit` for what paths may be and how calls fail.

use crate::imports;
use crate::{Fault, Sink, Source};

/// What is at a path.
///
/// ```
/// use engine_plugin_sdk::fs::{Directory, Kind};
///
/// Directory::ROOT.mkdir("blobs/sha256")?;
/// assert_eq!(Directory::ROOT.stat("blobs")?.unwrap().kind, Kind::Directory);
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// Something else: a socket, a device.
    Other,
}

/// One entry.
///
/// ```
/// use engine_plugin_sdk::fs::Directory;
///
/// Directory::ROOT.write("a.tar", b"bytes")?;
/// let entries = Directory::ROOT.list("")?;
/// assert_eq!((entries[0].name.as_str(), entries[0].size), ("a.tar", 5));
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the path before it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes of a file.
    pub size: u64,
}

/// A lock, held until this is dropped.
///
/// ```
/// use engine_plugin_sdk::fs::Directory;
///
/// let guard = Directory::ROOT.lock("index.lock", 1000)?;
/// // Nobody else holds it, here or in another process, until:
/// drop(guard);
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub struct Guard {
    _held: imports::Guard,
}

/// A directory that the step was granted, by its name: `root` for the place of a built-in
/// transport.
///
/// ```
/// use engine_plugin_sdk::fs::Directory;
///
/// // As the spec says: `grants: {dirs: {images: ./images}}`.
/// const IMAGES: Directory = Directory("images");
/// IMAGES.write("catalog.json", b"{}")?;
/// assert_eq!(IMAGES.read_small("catalog.json", 1 << 20)?.unwrap(), b"{}");
/// assert_eq!(IMAGES.read_small("other.json", 1 << 20)?, None);
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directory(pub &'static str);

impl Directory {
    /// The directory that is the place.
    pub const ROOT: Self = Self("root");

    /// A file's bytes from `offset`. Fails with `not-found`.
    pub fn read(self, path: &str, offset: u64) -> Result<Source, Fault> {
        imports::fs_read(self.0, path, offset).map(Source)
    }

    /// All bytes of a small file; none if there is no such file. Fails with `invalid` when it has
    /// more than `limit` bytes.
    pub fn read_small(self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Fault> {
        match self.read(path, 0) {
            Ok(source) => match source.read_all(limit) {
                Err(fault) if fault.code == "not-found" => Ok(None),
                other => other.map(Some),
            },
            Err(fault) if fault.code == "not-found" => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// A new file, which replaces what is at `path` when it is committed.
    pub fn create(self, path: &str) -> Result<Sink, Fault> {
        imports::fs_create(self.0, path).map(Sink)
    }

    /// Writes a small file, all at once and in place of what was there.
    pub fn write(self, path: &str, bytes: &[u8]) -> Result<(), Fault> {
        let sink = self.create(path)?;
        sink.write(bytes)?;
        sink.commit()
    }

    /// The entries of a directory, sorted by name. Fails with `not-found`.
    pub fn list(self, path: &str) -> Result<Vec<Entry>, Fault> {
        imports::fs_list(self.0, path)
    }

    /// What is at a path, links not followed; none if nothing is.
    pub fn stat(self, path: &str) -> Result<Option<Entry>, Fault> {
        imports::fs_stat(self.0, path)
    }

    /// Makes a directory and those above it, at most 64. Fine if it is there.
    pub fn mkdir(self, path: &str) -> Result<(), Fault> {
        imports::fs_mkdir(self.0, path)
    }

    /// Moves a file or directory, replacing a file that is there.
    pub fn rename(self, from: &str, to: &str) -> Result<(), Fault> {
        imports::fs_rename(self.0, from, to)
    }

    /// Gives a file a second name. Fails with `conflict` when something is there.
    pub fn link(self, from: &str, to: &str) -> Result<(), Fault> {
        imports::fs_link(self.0, from, to)
    }

    /// Removes a file, or a directory with all that is in it: at most 64 levels and 100,000 entries. Fine
    /// if nothing is there.
    pub fn remove(self, path: &str) -> Result<(), Fault> {
        imports::fs_remove(self.0, path)
    }

    /// Locks a file, which is made if it is not there, for this caller alone. Fails with
    /// `conflict` when the lock is not free within `wait_millis`.
    pub fn lock(self, path: &str, wait_millis: u32) -> Result<Guard, Fault> {
        imports::fs_lock(self.0, path, true, wait_millis).map(|held| Guard { _held: held })
    }

    /// As [`Self::lock`], shared with others who ask for it shared.
    pub fn lock_shared(self, path: &str, wait_millis: u32) -> Result<Guard, Fault> {
        imports::fs_lock(self.0, path, false, wait_millis).map(|held| Guard { _held: held })
    }
}
