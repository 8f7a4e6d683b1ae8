//! `fs` for guests: files in granted directories.

use crate::diagnostic::{Fault, Origin, Retry};
use crate::host::bindings::engine::plugin::fs::{Entry, Host, HostGuard, Kind};
use crate::host::bindings::engine::plugin::types::Fault as WitFault;
use crate::host::codes;
use crate::host::imports::blocking::{CallEnded, blocking};
use crate::host::imports::directory::{Directory, MAX_ENTRIES};
use crate::host::imports::handle::{Guard, Sink, Source};
use crate::host::imports::lock_file;
use crate::host::imports::remove::{BOUNDS, remove};
use crate::host::instance::guest::Guest;
use crate::host::roles::conversions::plain;
use crate::role::Access;
use cap_std::fs::{Dir, FileType};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::Result;
use wasmtime::component::Resource;

/// How often a held lock is tried again.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

type Done<T> = std::result::Result<T, Fault>;
type Returned<T> = Result<std::result::Result<T, WitFault>>;

impl Guest {
    /// A directory as this call may use it.
    fn directory(&self, name: &str) -> Done<Directory> {
        self.granted_directory(name).map(|directory| directory.in_call(self.call_access.access))
    }

    fn granted_directory(&self, name: &str) -> Done<Directory> {
        self.directories.get(name).cloned().ok_or_else(|| {
            self.events.refused(&format!("the directory `{}`", plain(name)));
            let message = format!("no directory `{name}` was granted");
            Fault::new(codes::FS_NOT_GRANTED, Origin::Plugin, message).fact("wanted-dir", name)
        })
    }

    /// A directory in which this call may lock a file. A reader of a place that others write may have
    /// to lock it too: the file of the lock is the only thing that a call makes that does not write.
    fn lockable(&self, name: &str) -> Done<(Directory, Arc<Dir>)> {
        let directory = self.granted_directory(name)?;
        // Of a place that is one file the engine has the lock, from the first write on.
        directory.granted_whole()?;
        directory.for_writing()?;
        let writes = self.call_access.access >= Access::Write;
        let dir = if writes { directory.made()? } else { directory.dir()? };
        Ok((directory, dir))
    }

    /// Runs `work` on a granted directory and counts its time as spent in an import.
    #[expect(clippy::unnecessary_wraps, reason = "the shape of the imports that end with it")]
    fn on<T>(&mut self, name: &str, work: impl FnOnce(&Directory) -> Done<T>) -> Returned<T> {
        let since = Instant::now();
        let done = self.directory(name).and_then(|directory| work(&directory));
        self.leave_import(since);
        Ok(done.map_err(|fault| self.give(fault)))
    }

    /// The same for work that takes as long as the guest likes: on a thread that may block, so that
    /// the call's clock can end the call meanwhile.
    async fn on_thread<T: Send + 'static>(
        &mut self,
        name: &str,
        work: impl FnOnce(&Directory, &CallEnded) -> Done<T> + Send + 'static,
    ) -> Returned<T> {
        let since = Instant::now();
        let done = match self.directory(name) {
            Ok(directory) => blocking(move |call| work(&directory, call)).await,
            Err(fault) => Err(fault),
        };
        self.leave_import(since);
        Ok(done.map_err(|fault| self.give(fault)))
    }

    /// The same as `on` for what writes.
    fn write_on<T>(&mut self, name: &str, work: impl FnOnce(&Directory) -> Done<T>) -> Returned<T> {
        self.on(name, |directory| {
            directory.for_writing()?;
            work(directory)
        })
    }

    /// The same for what changes a directory, of which more than one file must have been granted.
    fn change_on<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&Directory) -> Done<T>,
    ) -> Returned<T> {
        self.on(name, |directory| {
            directory.for_changes()?;
            work(directory)
        })
    }
}

fn kind_of(file_type: FileType) -> Kind {
    if file_type.is_file() {
        Kind::File
    } else if file_type.is_dir() {
        Kind::Directory
    } else if file_type.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

/// The directory itself is called `.` by the system and empty by guests.
fn named(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

impl Host for Guest {
    async fn read(
        &mut self,
        directory: String,
        path: String,
        offset: u64,
        length: Option<u64>,
    ) -> Returned<Resource<Source>> {
        match self.on(&directory, |directory| directory.read(&path, offset, length))? {
            Ok(body) => Ok(Ok(self.push_source(body)?)),
            Err(fault) => Ok(Err(fault)),
        }
    }

    async fn create(&mut self, directory: String, path: String) -> Returned<Resource<Sink>> {
        match self.write_on(&directory, |directory| directory.create(&path))? {
            Ok(part) => {
                self.open_handle()?;
                Ok(Ok(self.table.push(Sink(Some(part)))?))
            }
            Err(fault) => Ok(Err(fault)),
        }
    }

    async fn list(&mut self, directory: String, path: String) -> Returned<Vec<Entry>> {
        self.on_thread(&directory, move |directory, call| list(directory, &path, call)).await
    }

    async fn stat(&mut self, directory: String, path: String) -> Returned<Option<Entry>> {
        self.on(&directory, |directory| stat(directory, &path))
    }

    async fn mkdir(&mut self, directory: String, path: String) -> Returned<()> {
        self.change_on(&directory, |directory| make_directories(directory, &path))
    }

    async fn rename(&mut self, directory: String, from: String, to: String) -> Returned<()> {
        self.change_on(&directory, |directory| {
            let dir = directory.dir()?;
            dir.rename(&from, &dir, &to).map_err(|error| directory.fault(&from, &error))
        })
    }

    async fn link(&mut self, directory: String, from: String, to: String) -> Returned<()> {
        self.change_on(&directory, |directory| {
            let dir = directory.dir()?;
            dir.hard_link(&from, &dir, &to).map_err(|error| directory.fault(&to, &error))
        })
    }

    async fn remove(&mut self, directory: String, path: String) -> Returned<()> {
        let work = move |directory: &Directory, call: &CallEnded| {
            directory.for_changes()?;
            remove(directory, &path, BOUNDS, call)
        };
        self.on_thread(&directory, work).await
    }

    async fn lock(
        &mut self,
        directory: String,
        path: String,
        exclusive: bool,
        wait_millis: u32,
    ) -> Returned<Resource<Guard>> {
        let since = Instant::now();
        let locked = match self.lockable(&directory) {
            Ok((directory, dir)) => lock(&directory, &dir, &path, exclusive, wait_millis).await,
            Err(fault) => Err(fault),
        };
        self.leave_import(since);
        match locked {
            Ok(guard) => {
                self.open_handle()?;
                Ok(Ok(self.table.push(guard)?))
            }
            Err(fault) => Ok(Err(self.give(fault))),
        }
    }
}

impl HostGuard for Guest {
    async fn drop(&mut self, guard: Resource<Guard>) -> Result<()> {
        self.close_handle();
        Ok(self.table.delete(guard).map(drop)?)
    }
}

/// Makes a directory and those above it, from the top down: a function that calls itself for each level
/// would need as much stack as the guest's path has levels.
fn make_directories(directory: &Directory, path: &str) -> Done<()> {
    let dir = directory.made()?;
    if Path::new(path).components().count() > BOUNDS.levels {
        let message = format!("more than {} levels of directories: `{path}`", BOUNDS.levels);
        return Err(Fault::new(codes::FS_TOO_DEEP, Origin::Local, message));
    }
    let make = |path: &Path| match dir.create_dir(path) {
        Err(_) if dir.is_dir(path) => Ok(()),
        made => made,
    };
    let fault = |error: &std::io::Error| directory.fault(path, error);
    match make(Path::new(named(path))) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        made => return made.map_err(|error| fault(&error)),
    }
    let mut above = PathBuf::new();
    for level in Path::new(path).components() {
        above.push(level);
        make(&above).map_err(|error| fault(&error))?;
    }
    Ok(())
}

fn list(directory: &Directory, path: &str, call: &CallEnded) -> Done<Vec<Entry>> {
    // Of one file: that file, if it is there, and nothing beside it.
    if let Some(only) = directory.only().filter(|_| path.is_empty()) {
        return Ok(stat(directory, only.name())?.into_iter().collect());
    }
    directory.granted(path)?;
    let fault = |error: &std::io::Error| directory.fault(path, error);
    let dir = directory.dir()?;
    let mut entries = Vec::new();
    for entry in dir.read_dir(named(path)).map_err(|error| fault(&error))? {
        call.check()?;
        let entry = entry.map_err(|error| fault(&error))?;
        let meta = match entry.metadata() {
            Ok(meta) => meta,
            // It went away after it was listed: a part that got its name in the meantime, say.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(fault(&error)),
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        entries.push(Entry {
            name,
            kind: kind_of(meta.file_type()),
            size: meta.len(),
            extra: Vec::new(),
        });
        if entries.len() > MAX_ENTRIES {
            let message = format!("`{path}` has more than {MAX_ENTRIES} entries");
            return Err(Fault::new(codes::FS_TOO_MANY, Origin::Local, message));
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn stat(directory: &Directory, path: &str) -> Done<Option<Entry>> {
    directory.granted(path)?;
    let dir = match directory.dir() {
        Ok(dir) => dir,
        Err(fault) if fault.is(codes::FS_NOT_FOUND) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    match dir.symlink_metadata(named(path)) {
        Ok(meta) => {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            Ok(Some(Entry {
                name,
                kind: kind_of(meta.file_type()),
                size: meta.len(),
                extra: Vec::new(),
            }))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(directory.fault(path, &error)),
    }
}

/// Tries again and again, rather than waiting in the system: a wait there could not be bounded.
async fn lock(
    directory: &Directory,
    dir: &Dir,
    path: &str,
    exclusive: bool,
    wait_millis: u32,
) -> Done<Guard> {
    let file = lock_file::open(dir, path).map_err(|error| directory.fault(path, &error))?;
    let end = Instant::now() + Duration::from_millis(u64::from(wait_millis));
    loop {
        match lock_file::try_hold(&file, exclusive) {
            Ok(true) => return Ok(Guard { file }),
            Ok(false) if Instant::now() < end => tokio::time::sleep(LOCK_PAUSE).await,
            Ok(false) => {
                let message = format!("`{path}` is locked by another process");
                let fault = Fault::new(codes::FS_HELD, Origin::Local, message);
                return Err(fault.retry(Retry::Backoff).help("wait until the other run has ended"));
            }
            Err(error) => return Err(directory.fault(path, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::instance::leftover::Leftovers;

    #[test]
    fn of_one_file_nothing_beside_it_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        let file = folder.path().join("a.tar");
        let directory = Directory::of_file(&file, true, Leftovers::default());
        let all = || list(&directory, "", &CallEnded::default()).unwrap();
        assert_eq!(all().len(), 0);
        std::fs::write(&file, "tar").unwrap();
        assert_eq!(all().into_iter().map(|entry| entry.name).collect::<Vec<_>>(), ["a.tar"]);
        assert_eq!(stat(&directory, "a.tar").unwrap().unwrap().size, 3);
        for path in ["secret", ".", "..", "./secret", "./a.tar", "a.tar/../secret", ""] {
            let refused = |code: &str| assert_eq!(code, "fs::not-granted", "{path}");
            refused(&stat(&directory, path).unwrap_err().code);
            refused(&directory.read(path, 0, None).err().unwrap().code);
            refused(&directory.create(path).err().unwrap().code);
            if !path.is_empty() {
                refused(&list(&directory, path, &CallEnded::default()).unwrap_err().code);
            }
        }
        assert_eq!(directory.for_changes().unwrap_err().code, "fs::not-granted");
        assert_eq!(directory.granted_whole().unwrap_err().code, "fs::not-granted");
        assert_eq!(std::fs::read(folder.path().join("secret")).unwrap(), b"secret");
    }
}
