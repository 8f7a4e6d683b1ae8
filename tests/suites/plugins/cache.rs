//! Compiled code: made on first use, kept, and used again only if nobody else can have written it.

use super::play::{Play, Played};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

fn play() -> Play {
    Play::of("trap", "resolve", &[])
}

fn folder(play: &Play) -> PathBuf {
    play.world.home().join(".cache/engine/compiled")
}

/// The one file of the cache, after a run that worked.
fn file(play: &Play) -> PathBuf {
    let entries = fs::read_dir(folder(play)).unwrap();
    let files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().next().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A new file is another one, even with the same bytes: whoever compiles again replaces it.
fn identity(path: &Path) -> (u64, i64, i64) {
    let meta = fs::symlink_metadata(path).unwrap();
    (meta.ino(), meta.mtime(), meta.mtime_nsec())
}

#[track_caller]
fn works(played: &Played) {
    assert_eq!(played.outcome.code, 0, "{}", played.outcome.snapshot());
    assert!(played.ends().contains_key("fine"), "{}", played.report);
}

#[test]
fn the_second_use_compiles_nothing() {
    let play = play();
    works(&play.run());
    let kept = file(&play);
    assert_eq!((mode(&kept), mode(&folder(&play))), (0o600, 0o700));
    let before = identity(&kept);
    works(&play.run());
    assert_eq!(identity(&file(&play)), before, "it was compiled again");
}

#[test]
fn a_file_that_others_can_write_is_made_anew() {
    let play = play();
    works(&play.run());
    for others in [0o620, 0o602, 0o666] {
        let kept = file(&play);
        set_mode(&kept, others);
        let before = identity(&kept);
        works(&play.run());
        let after = file(&play);
        assert_ne!(identity(&after), before, "{others:o} was used");
        assert_eq!(mode(&after), 0o600);
    }
}

#[test]
fn a_link_is_not_followed() {
    let play = play();
    works(&play.run());
    let kept = file(&play);
    let elsewhere = play.world.root().join("elsewhere.cwasm");
    fs::rename(&kept, &elsewhere).unwrap();
    symlink(&elsewhere, &kept).unwrap();
    works(&play.run());
    assert!(!fs::symlink_metadata(file(&play)).unwrap().is_symlink());
}

#[test]
fn other_content_is_not_used() {
    let play = play();
    works(&play.run());
    let kept = file(&play);
    let good = fs::read(&kept).unwrap();
    for content in [&b"not compiled code"[..], b"", &good[..good.len() / 2]] {
        fs::write(&kept, content).unwrap();
        set_mode(&kept, 0o600);
        works(&play.run());
        assert_eq!(fs::read(file(&play)).unwrap().len(), good.len());
    }
}

#[test]
fn a_folder_that_others_can_write_is_not_used() {
    let play = play();
    fs::create_dir_all(folder(&play)).unwrap();
    set_mode(&folder(&play), 0o777);
    works(&play.run());
    assert_eq!(fs::read_dir(folder(&play)).unwrap().count(), 0, "something was kept there");
}

#[test]
fn without_a_cache_it_works_too() {
    let play = play();
    play.world.write("~/.cache", "a file, where a folder should be");
    works(&play.run());
}
