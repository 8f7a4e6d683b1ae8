use super::*;
use crate::host::instance::leftover::Leftovers;
use std::fs;
use std::os::unix::fs::symlink;

fn of(root: &Path) -> Directory {
    Directory::new(root.to_owned(), true, Leftovers::default())
}

fn removed(root: &Path, path: &str) -> Result<(), Fault> {
    let bounds = RemoveBounds { levels: 4, entries: 10 };
    remove(&of(root), path, bounds, &CallEnded::default())
}

/// A folder `a`, in which each path is a file, or a directory if it ends with a slash.
fn folder(paths: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    for path in paths {
        let path = folder.path().join("a").join(path);
        if path.to_str().unwrap().ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
    }
    folder
}

#[test]
fn all_that_is_in_a_directory_goes_and_nothing_else() {
    let folder = folder(&["x", "b/", "b/c/d/file", "b/y", "e/z"]);
    let root = folder.path();
    fs::create_dir(root.join("stays")).unwrap();
    fs::write(root.join("stays/file"), "x").unwrap();
    symlink("../stays", root.join("a/link")).unwrap();
    symlink("../../stays", root.join("a/b/link")).unwrap();
    removed(root, "a").unwrap();
    assert!(!root.join("a").exists());
    assert!(root.join("stays/file").exists(), "a link is removed, not followed");
    for nothing in ["a", "", "a/b/c"] {
        removed(root, nothing).unwrap();
    }
    symlink("stays", root.join("link")).unwrap();
    for file in ["link", "stays/file"] {
        removed(root, file).unwrap();
    }
    assert!(root.join("stays").exists() && !root.join("link").is_symlink());
    removed(root, "stays/").unwrap();
    assert_eq!(fs::read_dir(root).unwrap().count(), 0);
}

#[test]
fn what_is_outside_or_unnamed_is_not_removed() {
    let folder = folder(&["inside/b/"]);
    let inside = folder.path().join("a/inside");
    symlink("..", inside.join("out")).unwrap();
    for path in ["..", "b/../..", "out/inside", "/", "."] {
        assert!(removed(&inside, path).is_err(), "{path}");
    }
    assert!(inside.join("b").exists());
}

#[test]
fn deeper_than_the_bound_stays_and_is_reported() {
    let folder = folder(&["1/2/3/file", "file"]);
    removed(folder.path(), "a/1").unwrap();
    let folder = self::folder(&["file", "1/file", "1/2/3/4/5/"]);
    let fault = removed(folder.path(), "a").unwrap_err();
    assert_eq!(fault.code, "fs::too-deep");
    let said = "more than 4 levels of directories: `a`; 2 entries below it were removed";
    assert!(fault.message.starts_with(said), "{}", fault.message);
    assert!(folder.path().join("a/1/2/3/4/5").exists());
    assert!(!folder.path().join("a/file").exists());
}

#[test]
fn as_many_as_the_bound_go_in_one_call() {
    let names: Vec<String> = (0..25).map(|number| format!("{number}/")).collect();
    let folder = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for left in [15, 5] {
        let fault = removed(folder.path(), "a").unwrap_err();
        assert_eq!(fault.code, "fs::too-many");
        assert!(fault.message.contains("; 10 entries below it were removed"), "{fault}");
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), left);
    }
    removed(folder.path(), "a").unwrap();
    assert!(!folder.path().join("a").exists());

    let wide = self::folder(&["1/1", "1/2", "1/3", "1/4", "2/1", "2/2", "2/3", "2/4", "3/1"]);
    assert_eq!(removed(wide.path(), "a").unwrap_err().code, "fs::too-many");
    removed(wide.path(), "a").unwrap();
}
