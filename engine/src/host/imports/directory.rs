//! A granted directory: what a guest asks for by path happens below it, or not at all.
//!
//! The attack: a path with `..`, an absolute one, or a link planted in the directory, that makes
//! the host read or write somewhere else. `cap_std` resolves every part below an open directory
//! handle, so no check of the text can be raced.

use super::only_file::OnlyFile;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::host::codes;
use crate::host::instance::leftover::{self, Leftovers};
use crate::oci::Digest;
use crate::role::Access;
use crate::stream::Body;
use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::buffer::spare_capacity;
use rustix::fs::OFlags;
use rustix::io::retry_on_intr;
use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Bytes read from a file at a time: still in cache when they are hashed.
const READ_BYTES: usize = 128 * 1024;
/// A directory with more entries than this is not listed.
pub(in crate::host) const MAX_ENTRIES: usize = 100_000;

/// A directory that a step was granted.
#[derive(Clone)]
pub(in crate::host) struct Directory {
    path: PathBuf,
    /// The only file of it that was granted.
    only: Option<OnlyFile>,
    writes: bool,
    open: Arc<OnceLock<Arc<Dir>>>,
    leftovers: Leftovers,
}

/// A file that nobody sees until it is committed.
pub(in crate::host) struct PartFile {
    dir: Arc<Dir>,
    file: File,
    part: String,
    path: String,
    position: u64,
    committed: bool,
    /// Where only one file was granted: no other name may be given.
    only: Option<OnlyFile>,
}

impl Directory {
    /// A grant of `path`, which need not exist yet.
    pub(in crate::host) fn new(path: PathBuf, writes: bool, leftovers: Leftovers) -> Self {
        Self { path, only: None, writes, open: Arc::default(), leftovers }
    }

    /// A grant of one file, which need not exist yet: its directory shows nothing else.
    pub(in crate::host) fn of_file(file: &Path, writes: bool, leftovers: Leftovers) -> Self {
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        let only = Some(OnlyFile::new(file));
        Self { only, ..Self::new(folder, writes, leftovers) }
    }

    /// What a call may do there: only one that writes may write, whatever the step may. A destination
    /// that is looked at, as for a plan, is left as it is.
    pub(in crate::host) fn in_call(self, access: Access) -> Self {
        Self { writes: self.writes && access >= Access::Write, ..self }
    }

    /// Refuses a path that was not granted: of one file, every other.
    pub(in crate::host) fn granted(&self, path: &str) -> Result<(), Fault> {
        self.only.as_ref().map_or(Ok(()), |only| only.require(path))
    }

    /// The only file that was granted.
    pub(in crate::host) fn only(&self) -> Option<&OnlyFile> {
        self.only.as_ref()
    }

    /// Refuses unless the step writes.
    pub(in crate::host) fn for_writing(&self) -> Result<(), Fault> {
        if self.writes {
            return Ok(());
        }
        let message = format!("`{}` is only read in this call", self.path.display());
        Err(Fault::new(codes::FS_NOT_GRANTED, Origin::Plugin, message))
    }

    /// Refuses unless the step writes, and more than one file was granted.
    pub(in crate::host) fn for_changes(&self) -> Result<(), Fault> {
        self.for_writing()?;
        self.granted_whole()
    }

    /// Refuses where only one file was granted.
    pub(in crate::host) fn granted_whole(&self) -> Result<(), Fault> {
        let Some(only) = &self.only else { return Ok(()) };
        let message = format!("only the file `{}` was granted", only.name());
        Err(Fault::new(codes::FS_NOT_GRANTED, Origin::Plugin, message))
    }

    /// The open directory, made with those above it: for what is about to be written.
    pub(in crate::host) fn made(&self) -> Result<Arc<Dir>, Fault> {
        self.for_writing()?;
        if self.open.get().is_none() {
            std::fs::create_dir_all(&self.path).map_err(|error| self.fault("", &error))?;
        }
        self.dir()
    }

    /// The open directory. It is not made here: a survey of a destination leaves nothing behind.
    pub(in crate::host) fn dir(&self) -> Result<Arc<Dir>, Fault> {
        if let Some(dir) = self.open.get() {
            return Ok(Arc::clone(dir));
        }
        let dir = Dir::open_ambient_dir(&self.path, ambient_authority())
            .map_err(|error| self.fault("", &error))?;
        Ok(Arc::clone(self.open.get_or_init(|| Arc::new(dir))))
    }

    /// A file's bytes.
    pub(in crate::host) fn read(
        &self,
        path: &str,
        offset: u64,
        length: Option<u64>,
    ) -> Result<Body, Fault> {
        self.granted(path)?;
        let dir = self.dir()?;
        let fault = |error: &io::Error| self.fault(path, error);
        let options = at_once(OpenOptions::new().read(true));
        let file = dir.open_with(path, &options).map_err(|error| fault(&error))?;
        let mut file = file.into_std();
        let meta = file.metadata().map_err(|error| fault(&error))?;
        if !meta.is_file() {
            let message = format!("`{}` is not a file", self.path.join(path).display());
            return Err(Fault::new(codes::FS_INVALID, Origin::Local, message));
        }
        file.seek(SeekFrom::Start(offset)).map_err(|error| fault(&error))?;
        let there = meta.len().saturating_sub(offset);
        let size = length.map_or(there, |length| length.min(there));
        let place = self.clone();
        let path = path.to_owned();
        let state = (file, size, place, path, Bytes::new());
        let chunks =
            futures_util::stream::unfold(state, |(file, left, place, path, last)| async move {
                if left == 0 {
                    return None;
                }
                let want = usize::try_from(left).map_or(READ_BYTES, |left| left.min(READ_BYTES));
                let mut buffer = Vec::with_capacity(want);
                // Into memory that nobody has filled with zeros before.
                let read = || rustix::io::read(&file, spare_capacity(&mut buffer));
                let read = retry_on_intr(read);
                // Only now: else malloc gives its memory back to the system, and each piece is made of
                // fresh pages, 80,000 faults for a GiB.
                drop(last);
                match read {
                    Ok(0) => {
                        let early = io::Error::from(ErrorKind::UnexpectedEof);
                        let fault = place.fault(&path, &early);
                        Some((Err(fault), (file, 0, place, path, Bytes::new())))
                    }
                    Ok(read) => {
                        let left = left - read as u64;
                        let bytes = Bytes::from(buffer);
                        Some((Ok(bytes.clone()), (file, left, place, path, bytes)))
                    }
                    Err(error) => {
                        let fault = place.fault(&path, &error.into());
                        Some((Err(fault), (file, 0, place, path, Bytes::new())))
                    }
                }
            });
        Ok(Body::new(Some(size), chunks))
    }

    /// A new file that takes the place of `path` when it is committed.
    pub(in crate::host) fn create(&self, path: &str) -> Result<PartFile, Fault> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        self.granted(path)?;
        let dir = self.made()?;
        if let Some(only) = &self.only {
            only.hold(&dir)?;
        }
        let (above, name) = match Path::new(path).file_name() {
            Some(name) => (Path::new(path).parent(), name.to_string_lossy().into_owned()),
            None => return Err(self.fault(path, &io::Error::from(ErrorKind::InvalidInput))),
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let short = Digest::of(name.as_bytes());
        let above = above.unwrap_or(Path::new(""));
        self.leftovers.remove_once(&self.path, &dir, above);
        let part = above.join(leftover::name(short.short(), number)).to_string_lossy().into_owned();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let file =
            dir.open_with(&part, &options).map_err(|error| self.fault(path, &error))?.into_std();
        leftover::hold(&file);
        let only = self.only.clone();
        Ok(PartFile { dir, file, part, path: path.to_owned(), position: 0, committed: false, only })
    }

    /// An I/O failure at a path below this directory.
    pub(in crate::host) fn fault(&self, path: &str, error: &io::Error) -> Fault {
        fault_at(&self.path.join(path), error)
    }
}

/// Opens without waiting, as [`no_waiting`] says.
pub(in crate::host) fn at_once(options: &mut OpenOptions) -> OpenOptions {
    options.custom_flags(no_waiting()).clone()
}

/// The flag by which a file is opened without waiting. To open a pipe that nobody writes to would block the
/// thread for ever, and no bound of a call could end that; files know no waiting.
pub(in crate::host) fn no_waiting() -> i32 {
    i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default()
}

/// An I/O failure, by kind: what is missing is not what is full.
fn fault_at(path: &Path, error: &io::Error) -> Fault {
    let shown = path.display();
    let made = |code, what: &str| Fault::new(code, Origin::Local, format!("`{shown}` {what}"));
    match error.kind() {
        ErrorKind::NotFound => made(codes::FS_NOT_FOUND, "is not there"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => made(
            codes::FS_FULL,
            "could not be written: no space is left, or none for a file as large",
        )
        .help("free some space, or choose another place; what was complete is kept"),
        ErrorKind::PermissionDenied => made(
            codes::FS_DENIED,
            "may not be used: permission denied, or it leads out of its place",
        ),
        ErrorKind::AlreadyExists => made(codes::FS_CONFLICT, "is there already"),
        _ => {
            let message = format!("`{shown}`: {error}");
            Fault::new(codes::FS_IO, Origin::Local, message).retry(Retry::Backoff)
        }
    }
}

impl PartFile {
    /// Appends bytes.
    pub(in crate::host) fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.file.write_all(bytes).map_err(|error| fault_at(Path::new(&self.path), &error))?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Bytes so far.
    pub(in crate::host) fn position(&self) -> u64 {
        self.position
    }

    /// As [`Self::commit`], under another path of the granted directory.
    pub(in crate::host) async fn commit_as(self, path: String) -> Result<(), Fault> {
        self.only.as_ref().map_or(Ok(()), |only| only.require(&path))?;
        let mut named = self;
        named.path = path;
        named.commit().await
    }

    /// Makes the file durable, then seen. Waits on a thread that may block.
    pub(in crate::host) async fn commit(self) -> Result<(), Fault> {
        let path = PathBuf::from(&self.path);
        let mut whole = self;
        let done = tokio::task::spawn_blocking(move || {
            let part = &mut whole;
            part.file.sync_data()?;
            part.dir.rename(&part.part, &part.dir, &part.path)?;
            part.committed = true;
            Ok(())
        });
        let done: io::Result<()> = match done.await {
            Ok(done) => done,
            Err(_) => Err(io::Error::other("the write was interrupted")),
        };
        done.map_err(|error| fault_at(&path, &error))
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing more can be done about a part that cannot be removed; it has no name.
            drop(self.dir.remove_file(&self.part));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_path_leads_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir_all(root.join("a")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        symlink("../secret", root.join("file")).unwrap();
        symlink("..", root.join("above")).unwrap();
        symlink(folder.path(), root.join("absolute")).unwrap();
        let secret = folder.path().join("secret").display().to_string();
        let directory = Directory::new(root, true, Leftovers::default());
        for path in ["../secret", "a/../../secret", "above/secret", "absolute/secret", &secret] {
            assert_eq!(directory.read(path, 0, None).err().unwrap().code, "fs::denied", "{path}");
            assert!(directory.create(path).is_err(), "{path}");
        }
        assert_eq!(directory.read("file", 0, None).err().unwrap().code, "fs::denied");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing was made there");
    }

    #[test]
    fn a_pipe_is_no_file_and_is_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let directory = Directory::new(folder.path().into(), true, Leftovers::default());
        assert_eq!(directory.read("pipe", 0, None).err().unwrap().code, "fs::invalid");
    }

    #[tokio::test]
    async fn a_new_part_removes_what_a_killed_process_left() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("blobs/.00ff-2000000000-1.part");
        std::fs::create_dir(folder.path().join("blobs")).unwrap();
        std::fs::write(&left, "half").unwrap();
        let directory = Directory::new(folder.path().into(), true, Leftovers::default());
        let mut part = directory.create("blobs/one").unwrap();
        assert!(!left.exists());
        let second = directory.create("blobs/two").unwrap();
        part.write(b"whole").unwrap();
        part.commit().await.unwrap();
        drop(second);
        let third = directory.create("blobs/three").unwrap();
        third.commit_as("blobs/other".to_owned()).await.unwrap();
        let fourth = directory.create("blobs/four").unwrap();
        fourth.commit_as("../outside".to_owned()).await.unwrap_err();
        let names = std::fs::read_dir(folder.path().join("blobs")).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["one", "other"], "a part that is dropped leaves nothing");
    }
}
