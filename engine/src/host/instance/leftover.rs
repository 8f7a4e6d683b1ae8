//! Files that a killed process left half-written, and who removes them.
//!
//! A file in the making is called `.HEX-PID-N.part` and locked by its maker. It is left over when
//! no process here has its number and nobody has its lock: the number alone would say so of a
//! process in another container, the lock alone of one that has not taken it yet.

use cap_std::fs::{Dir, OpenOptions};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Directories that are remembered; what is beyond is left to a later run.
const MAX_DIRECTORIES: usize = 10_000;
/// Entries of a directory that are looked at.
const MAX_ENTRIES: usize = 100_000;

/// The directories that were looked through in this run, each once.
#[derive(Clone, Default)]
pub(in crate::host) struct Leftovers(Arc<Mutex<BTreeSet<PathBuf>>>);

impl Leftovers {
    /// Removes what killed processes left in `dir` below `above`, if that was not done yet. `path`
    /// names the directory. What cannot be removed is left: it has no name that anybody reads.
    pub(in crate::host) fn remove_once(&self, path: &Path, dir: &Dir, above: &Path) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = seen.len() < MAX_DIRECTORIES && seen.insert(path.join(above));
        drop(seen);
        if is_new {
            remove(dir, above);
        }
    }
}

/// The name of a file in the making.
pub(in crate::host) fn name(short: &str, number: u64) -> String {
    format!(".{short}-{}-{number}.part", std::process::id())
}

/// Says that a file is being made. A file system without locks leaves it at the number.
pub(in crate::host) fn hold(file: &impl AsFd) {
    flock(file, FlockOperation::NonBlockingLockExclusive).ok();
}

fn remove(dir: &Dir, above: &Path) {
    let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
    let Ok(entries) = dir.read_dir(above) else { return };
    for entry in entries.take(MAX_ENTRIES).flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(maker) else { continue };
        let path = above.join(&name);
        if is_gone(process) && is_let_go(dir, &path) {
            drop(dir.remove_file(&path));
        }
    }
}

/// The number of the process that makes the file, if that is what the name says.
fn maker(name: &str) -> Option<Pid> {
    let mut parts = name.strip_prefix('.')?.strip_suffix(".part")?.split('-');
    let (short, process, number) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = !short.is_empty() && short.bytes().all(|byte| byte.is_ascii_hexdigit());
    let known = ours && number.parse::<u64>().is_ok() && parts.next().is_none();
    known.then(|| Pid::from_raw(process.parse().ok()?)).flatten()
}

fn is_gone(process: Pid) -> bool {
    matches!(test_kill_process(process), Err(Errno::SRCH))
}

fn is_let_go(dir: &Dir, path: &Path) -> bool {
    let is_file = dir.symlink_metadata(path).is_ok_and(|meta| meta.is_file());
    let file = is_file.then(|| dir.open_with(path, OpenOptions::new().read(true)).ok()).flatten();
    file.is_some_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cap_std::ambient_authority;

    /// Above what Linux gives to any process.
    const GONE: &str = ".00ff-2000000000-3.part";

    fn names(path: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(path).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_what_nobody_makes_is_removed_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let (path, living) = (folder.path(), name("00ff", 1));
        let held = ".00ff-2000000000-4.part";
        let stays = ["blob", ".00ff.part", ".x-2000000000-1.part", living.as_str(), held];
        for name in stays.iter().chain(&[GONE]) {
            std::fs::write(path.join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink("blob", path.join(".00ff-2000000000-5.part")).unwrap();
        let file = std::fs::File::open(path.join(held)).unwrap();
        hold(&file);
        let dir = Dir::open_ambient_dir(path, ambient_authority()).unwrap();
        let leftovers = Leftovers::default();
        leftovers.remove_once(path, &dir, Path::new(""));
        let found = names(path);
        assert!(!found.contains(&GONE.to_owned()), "{found:?}");
        assert!(stays.iter().all(|name| found.contains(&(*name).to_owned())), "{found:?}");
        assert_eq!(found.len(), stays.len() + 1, "a link is not followed, and not ours");
        std::fs::write(path.join(GONE), "x").unwrap();
        leftovers.remove_once(path, &dir, Path::new(""));
        assert!(names(path).contains(&GONE.to_owned()));
    }
}
