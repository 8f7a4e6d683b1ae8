//! A place that is one file: the rest of its directory is not granted, and one writer at a time has it.
//!
//! The attack: a transport of archives that is given `out/a.tar` and looks at, or writes, what else is in
//! `out`. So each path is compared with the one name; no other text is taken, even if it means the same.

use crate::diagnostic::{Fault, Origin, Retry};
use crate::host::codes;
use crate::host::imports::handle::Guard;
use crate::host::imports::lock_file;
use cap_std::fs::Dir;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The one file of a directory that was granted. Clones share its lock.
#[derive(Clone)]
pub(in crate::host) struct OnlyFile {
    name: String,
    held: Arc<Mutex<Option<Guard>>>,
}

impl OnlyFile {
    /// The file at a path.
    pub(super) fn new(file: &Path) -> Self {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        Self { name: name.unwrap_or_default(), held: Arc::default() }
    }

    /// Its name.
    pub(in crate::host) fn name(&self) -> &str {
        &self.name
    }

    /// Refuses any other path.
    pub(super) fn require(&self, path: &str) -> Result<(), Fault> {
        if path == self.name {
            return Ok(());
        }
        let message = format!("`{path}` was not granted: only `{}` was", self.name);
        Err(Fault::new(codes::FS_NOT_GRANTED, Origin::Plugin, message))
    }

    /// Takes the lock of whoever writes it, and keeps it as long as the session lives. The lock is a file
    /// of its own, as the file itself is replaced; it stays behind, since removing a lock that others
    /// are about to take would let two of them in.
    ///
    /// # Errors
    ///
    /// `fs::held` when another session, in this process or another, has it.
    pub(super) fn hold(&self, dir: &Dir) -> Result<(), Fault> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            return Ok(());
        }
        let path = format!(".{}.lock", self.name);
        let broken = |error: std::io::Error| {
            Fault::new(codes::FS_IO, Origin::Local, format!("`{path}`: {error}"))
                .retry(Retry::Backoff)
        };
        let file = lock_file::open(dir, &path).map_err(broken)?;
        if !lock_file::try_hold(&file, true).map_err(broken)? {
            let message = format!("`{}` is being written by another run or step", self.name);
            let fault = Fault::new(codes::FS_HELD, Origin::Local, message).retry(Retry::Backoff);
            return Err(fault.help("wait until the other one has ended"));
        }
        *held = Some(Guard { file });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::host::imports::directory::Directory;
    use crate::host::instance::leftover::Leftovers;

    #[tokio::test]
    async fn it_has_one_writer_until_its_session_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.tar");
        let open = || Directory::of_file(&file, true, Leftovers::default());
        let (first, second) = (open(), open());
        let mut part = first.create("a.tar").unwrap();
        first.create("a.tar").unwrap();
        let held = second.create("a.tar").err().unwrap();
        assert_eq!(held.code, "fs::held");
        assert!(held.help.unwrap().contains("wait"));
        part.write(b"whole").unwrap();
        let renamed = first.create("a.tar").unwrap().commit_as("b.tar".to_owned()).await;
        assert_eq!(renamed.unwrap_err().code, "fs::not-granted");
        part.commit().await.unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"whole");
        assert_eq!(second.create("a.tar").err().unwrap().code, "fs::held", "it lives still");
        drop(first);
        second.create("a.tar").unwrap();
        let names = std::fs::read_dir(folder.path()).unwrap();
        assert_eq!(names.count(), 2, "the file and its lock");
    }

    #[test]
    fn a_source_takes_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.tar");
        let source = Directory::of_file(&file, false, Leftovers::default());
        assert_eq!(source.create("a.tar").err().unwrap().code, "fs::not-granted");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
