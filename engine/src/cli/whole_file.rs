//! Files that are there whole or not at all: reports, plans.

use super::{output, printable};
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
    ///
    /// # Errors
    ///
    /// The path, and why it cannot be written.
    pub(super) fn open(path: &Path) -> Result<Self, (PathBuf, io::Error)> {
        Self::begin(path).map_err(|fault| (path.to_owned(), fault))
    }

    /// Its name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn begin(path: &Path) -> io::Result<Self> {
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

    /// Writes all of a text, made safe to print, and gives the file its name.
    pub(super) fn finish(mut self, text: &str) -> io::Result<()> {
        output::put(&mut self.file, &printable::lines(text))?;
        self.name()
    }

    /// Writes all of a JSON document, made safe to print, and gives the file its name.
    pub(super) fn finish_json(mut self, document: &str) -> io::Result<()> {
        output::put(&mut self.file, &printable::json(document))?;
        self.name()
    }

    /// Writes all of something that is no text, and gives the file its name.
    pub(super) fn finish_bytes(mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.name()
    }

    fn name(mut self) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test's own, which is gone with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("engine-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
        fn names(&self) -> Vec<String> {
            let names = fs::read_dir(&self.0).unwrap();
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_file_is_the_old_one_until_it_is_whole() {
        let folder = Folder::new("whole");
        let path = folder.0.join("report.json");
        fs::write(&path, "old").unwrap();
        drop(WholeFile::open(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let file = WholeFile::open(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.finish("new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
        assert_eq!(folder.names(), ["report.json"]);
    }

    #[test]
    fn a_link_stays_and_a_device_is_written_directly() {
        let folder = Folder::new("link");
        let (link, behind) = (folder.0.join("link"), folder.0.join("behind"));
        fs::write(&behind, "old").unwrap();
        std::os::unix::fs::symlink(&behind, &link).unwrap();
        WholeFile::open(&link).unwrap().finish("new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&behind).unwrap(), "new\n");
        WholeFile::open(Path::new("/dev/null")).unwrap().finish("gone").unwrap();
    }

    #[test]
    fn what_cannot_be_written_is_known_before_the_run() {
        let folder = Folder::new("refused");
        for path in [folder.0.clone(), folder.0.join("none/report.json"), PathBuf::from("")] {
            let (named, _) = WholeFile::open(&path).unwrap_err();
            assert_eq!(named, path);
        }
    }
}
