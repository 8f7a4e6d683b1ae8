//! Removes a file, or a directory with all that is in it.
//!
//! The attack: a guest hangs directories into each other by `rename`, deeper than any path is long, and
//! has the outermost removed. A function that calls itself for each level uses up its stack, which ends
//! the whole process; one that keeps each level open uses up the descriptors of all others. So what is
//! left to be done stands in a list here, levels and entries have a bound, and no level is kept open.

use super::blocking::CallEnded;
use super::directory::Directory;
use crate::diagnostic::{Fault, Origin};
use crate::host::codes;
use cap_std::fs::Dir;
use rustix::fs::{Mode, OFlags, openat};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

/// How much one call removes.
#[derive(Clone, Copy)]
pub(in crate::host) struct RemoveBounds {
    /// Levels of directories, the removed one included.
    pub(in crate::host) levels: usize,
    /// Entries below the removed directory.
    pub(in crate::host) entries: usize,
}

/// What `wit/fs.wit` says. A place of images has about a dozen levels.
pub(in crate::host) const BOUNDS: RemoveBounds = RemoveBounds { levels: 64, entries: 100_000 };

/// Removes what is at `path`. Fine if nothing is there. Links are removed, not followed.
///
/// # Errors
///
/// `fs::too-deep` and `fs::too-many` beyond the bounds; what the system says. A directory of which
/// some entries were removed before is reported as such.
pub(in crate::host) fn remove(
    directory: &Directory,
    path: &str,
    bounds: RemoveBounds,
    call: &CallEnded,
) -> Result<(), Fault> {
    let dir = directory.dir()?;
    let fault = |error: &io::Error| directory.fault(path, error);
    if !dir.symlink_metadata(path).is_ok_and(|meta| meta.is_dir()) {
        return gone(dir.remove_file(path)).map_err(|error| fault(&error));
    }
    let Some(name) = Path::new(path).file_name() else {
        return Err(fault(&ErrorKind::InvalidInput.into()));
    };
    let parent = match Path::new(path).parent() {
        Some(parent) if !parent.as_os_str().is_empty() => dir.open_dir(parent),
        _ => dir.try_clone(),
    };
    let parent = parent.map_err(|error| fault(&error))?;
    let mut removal =
        Removal { parent, levels: Vec::new(), bounds, seen: 0, removed: 0, cut: false };
    removal.run(name.to_owned(), call).map_err(|stop| {
        let fault = match stop {
            Stop::Failed(error) => fault(&error),
            Stop::Ended(fault) => fault,
            Stop::TooDeep => {
                let message =
                    format!("more than {} levels of directories: `{path}`", bounds.levels);
                Fault::new(codes::FS_TOO_DEEP, Origin::Local, message)
            }
            Stop::TooMany => {
                let message = format!("more than {} entries below `{path}`", bounds.entries);
                Fault::new(codes::FS_TOO_MANY, Origin::Local, message)
            }
        };
        half_removed(fault, removal.removed)
    })
}

/// Says what became of a directory that is still there.
fn half_removed(fault: Fault, removed: usize) -> Fault {
    if removed == 0 {
        return fault;
    }
    let message = format!(
        "{}; {removed} entries below it were removed, and the rest is still there",
        fault.message
    );
    Fault { message, ..fault }.fact("removed", removed.to_string())
}

/// Why a removal stopped before its end.
enum Stop {
    Failed(io::Error),
    Ended(Fault),
    TooDeep,
    TooMany,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// A removal under way.
struct Removal {
    /// Where the removed directory is.
    parent: Dir,
    /// The directories from the removed one down to where it is.
    levels: Vec<Level>,
    bounds: RemoveBounds,
    /// Entries that were found.
    seen: usize,
    /// Entries that were removed.
    removed: usize,
    /// Whether there were more entries than the bound.
    cut: bool,
}

/// A directory that is being removed.
struct Level {
    name: OsString,
    /// Directories in it that are still to be removed.
    below: Vec<OsString>,
}

impl Removal {
    fn run(&mut self, name: OsString, call: &CallEnded) -> Result<(), Stop> {
        self.enter(name, call)?;
        while let Some(level) = self.levels.last_mut() {
            call.check().map_err(Stop::Ended)?;
            match level.below.pop() {
                Some(name) => self.enter(name, call)?,
                None => self.leave()?,
            }
        }
        if self.cut { Err(Stop::TooMany) } else { Ok(()) }
    }

    /// Goes into a directory, removes what is no directory, and notes what is one.
    fn enter(&mut self, name: OsString, call: &CallEnded) -> Result<(), Stop> {
        if self.levels.len() >= self.bounds.levels {
            return Err(Stop::TooDeep);
        }
        self.levels.push(Level { name, below: Vec::new() });
        let Some(dir) = self.open()? else { return Ok(()) };
        let mut below = Vec::new();
        for entry in dir.entries()? {
            call.check().map_err(Stop::Ended)?;
            if self.seen == self.bounds.entries {
                self.cut = true;
                break;
            }
            self.seen += 1;
            let entry = entry?;
            let name = entry.file_name();
            if entry.file_type()?.is_dir() {
                below.push(name);
            } else {
                gone(dir.remove_file(&name))?;
                self.removed += 1;
            }
        }
        if let Some(level) = self.levels.last_mut() {
            level.below = below;
        }
        Ok(())
    }

    /// Removes the directory where it is, and goes up.
    fn leave(&mut self) -> Result<(), Stop> {
        let Some(level) = self.levels.pop() else { return Ok(()) };
        let Some(above) = self.open()? else { return Ok(()) };
        match gone(above.remove_dir(&level.name)) {
            // Some of its entries were left where they are.
            Err(error) if self.cut && error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => {
                removed?;
                // The directory itself is none of its entries.
                self.removed += usize::from(!self.levels.is_empty());
                Ok(())
            }
        }
    }

    /// Opens the directory where it is, from the top: two descriptors at a time, and no path. `None`
    /// if somebody removed it meanwhile.
    fn open(&self) -> io::Result<Option<Dir>> {
        let mut dir = self.parent.try_clone()?;
        for level in &self.levels {
            dir = match open_below(&dir, &level.name) {
                Ok(dir) => dir,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
        }
        Ok(Some(dir))
    }
}

/// A directory by its name in `dir`; not what a link points to.
fn open_below(dir: &Dir, name: &OsStr) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = openat(dir, name, flags, Mode::empty())?;
    Ok(Dir::from_std_file(File::from(opened)))
}

/// What is not there any more was removed.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
#[path = "remove_tests.rs"]
mod tests;
