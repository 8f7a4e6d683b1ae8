//! Files that are there whole or not at all: reports, plans.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A file that is being written beside its final name. Dropped without [`WholeFile::finish`], it
/// leaves what was there before.
///
/// It is opened before a run begins, so that a name that cannot be written is found before an hour
/// of work and not after it.
#[derive(Debug)]
pub(super) struct WholeFile {
    file: File,
    path: PathBuf,
    /// The name until it is whole; none where the path is no plain file, as a pipe.
    beside: Option<PathBuf>,
}

impl WholeFile {
    /// Begins to write a file. What is at the path and no plain file (`/dev/stdout`, a pipe) is
    /// written directly. The folder must be there.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => {
                let file = OpenOptions::new().write(true).open(path)?;
                return Ok(Self { file, path: path.to_owned(), beside: None });
            }
            _ => {}
        }
        // A link stays a link: what it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let beside = path.with_file_name(name);
        let file = File::create(&beside)?;
        Ok(Self { file, path, beside: Some(beside) })
    }

    /// Writes all of it, and gives it its name.
    pub(super) fn finish(mut self, text: &str) -> io::Result<()> {
        super::output::put(&mut self.file, text)?;
        if let Some(beside) = &self.beside {
            self.file.sync_data()?;
            fs::rename(beside, &self.path)?;
            self.beside = None;
        }
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // It is rubbish at worst, and there is nobody left to tell.
            let _removed = fs::remove_file(beside);
        }
    }
}
