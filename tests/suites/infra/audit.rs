//! The auditor finds what is broken, and nothing else.

use engine_tests::audit::{Audited, Wrong};
use engine_tests::images::Seed;
use engine_tests::registry::Registry;
use std::fs;
use std::path::{Path, PathBuf};

fn layout() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let seeded = Seed::new(20).image(&[1000]);
    seeded.write_layout(folder.path(), "v1");
    let layer = seeded.blobs.keys().next().unwrap();
    let blob = folder.path().join("blobs/sha256").join(layer.hex());
    (folder, blob)
}

fn wrongs(audited: Audited) -> Vec<Wrong> {
    audited.violations().into_iter().map(|violation| violation.wrong).collect()
}

#[test]
fn a_missing_blob_is_found() {
    let (folder, blob) = layout();
    fs::remove_file(blob).unwrap();
    assert!(matches!(wrongs(Audited::Layout(folder.path()))[..], [Wrong::Missing(_)]));
}

#[test]
fn other_bytes_of_the_same_length_are_found() {
    let (folder, blob) = layout();
    let mut bytes = fs::read(&blob).unwrap();
    bytes[20] ^= 1;
    fs::write(&blob, bytes).unwrap();
    let found = wrongs(Audited::Layout(folder.path()));
    assert!(!found.is_empty() && found.iter().all(|wrong| matches!(wrong, Wrong::Digest(_))));
}

#[test]
fn a_truncated_blob_is_found() {
    let (folder, blob) = layout();
    fs::File::options().write(true).open(&blob).unwrap().set_len(10).unwrap();
    let found = wrongs(Audited::Layout(folder.path()));
    assert!(found.iter().any(|wrong| matches!(wrong, Wrong::Size(_))), "{found:?}");
}

#[test]
fn a_file_that_is_no_content_is_found_and_forgiven_after_a_kill() {
    let (folder, _) = layout();
    fs::write(folder.path().join("blobs/sha256/.half-written"), "x").unwrap();
    let audited = Audited::Layout(folder.path());
    assert!(matches!(wrongs(audited)[..], [Wrong::Stray(_)]));
    assert_eq!(audited.violations_after_a_kill(), []);
}

#[test]
fn a_broken_index_and_marker_are_found() {
    let (folder, _) = layout();
    fs::write(folder.path().join("index.json"), "{").unwrap();
    fs::remove_file(folder.path().join("oci-layout")).unwrap();
    let found = wrongs(Audited::Layout(folder.path()));
    assert!(matches!(found[..], [Wrong::Malformed(_), Wrong::Malformed(_)]), "{found:?}");
}

#[test]
fn content_without_names_is_no_violation() {
    let (folder, _) = layout();
    fs::remove_file(folder.path().join("index.json")).unwrap();
    Audited::Layout(folder.path()).assert_sound();
}

#[test]
fn a_registry_that_lost_a_child_is_found() {
    let registry = Registry::open();
    let seeded = Seed::new(21).nested(&[100]);
    seeded.push_into(&registry, "app", "v1");
    Audited::Registry(&registry).assert_sound();
    let index = &seeded.top;
    let other = Registry::open();
    let top = seeded.top_bytes().clone();
    other.store().add_manifest("app", &index.media_type, top);
    other.store().tag("app", "v1", &index.digest);
    let found = Audited::Registry(&other).violations();
    assert_eq!(found[0].name, "app:v1");
    assert!(matches!(found[0].wrong, Wrong::Missing(_)));
}

#[test]
fn a_directory_is_walked() {
    let folder = tempfile::tempdir().unwrap();
    let seeded = Seed::new(22).image(&[100, 200]);
    write_directory(folder.path(), &seeded);
    Audited::Directory(folder.path()).assert_sound();
    let layer = seeded.blobs.keys().next().unwrap();
    fs::remove_file(folder.path().join(layer.hex())).unwrap();
    fs::remove_file(folder.path().join("version")).unwrap();
    let found = wrongs(Audited::Directory(folder.path()));
    assert!(matches!(found[..], [Wrong::Malformed(_), Wrong::Missing(_)]), "{found:?}");
}

fn write_directory(folder: &Path, seeded: &engine_tests::images::Seeded) {
    for (digest, bytes) in &seeded.blobs {
        fs::write(folder.join(digest.hex()), bytes).unwrap();
    }
    fs::write(folder.join("version"), "Directory Transport Version: 1.1\n").unwrap();
    fs::write(folder.join("manifest.json"), seeded.top_bytes()).unwrap();
}
