//! The state file against real files.

use super::{none, open};
use crate::oci::{Descriptor, Digest};
use crate::role::{Edited, Ledger, Mirrored};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

fn mirrored(number: u32) -> Mirrored {
    Mirrored {
        destination: format!("m.example/a:{number}"),
        digest: Digest::of(&number.to_le_bytes()),
        source: format!("s.example/a:{number}"),
        source_digest: Digest::of(b"source"),
        chain: "chain".to_owned(),
    }
}

#[test]
fn what_was_written_is_there_in_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/state.sqlite");
    let blob = Digest::of(b"blob");
    let edit = Edited {
        source: Digest::of(b"source"),
        chain: "chain".to_owned(),
        result: Descriptor::new("application/x", Digest::of(b"result"), 7),
    };
    let state = open(&path).unwrap();
    state.record_mirrored(&mirrored(1)).unwrap();
    state.record_edited(&edit).unwrap();
    for repository in ["a", "b", "c", "d", "e", "a"] {
        state.record_location("r.example", repository, &blob).unwrap();
    }
    state.forget_location("r.example", "d", &blob).unwrap();
    drop(state);
    let state = open(&path).unwrap();
    assert_eq!(state.mirrored("m.example/a:1"), Some(mirrored(1)));
    assert_eq!(state.mirrored("m.example/a:2"), None);
    assert_eq!(state.edited(&edit.source, "chain"), Some(edit.result));
    assert_eq!(state.edited(&edit.source, "other"), None);
    assert_eq!(state.locations("r.example", &blob), ["a", "e", "c", "b"], "the last seen first");
    assert!(state.locations("q.example", &blob).is_empty());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[test]
fn one_run_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    let first = open(&path).unwrap();
    let fault = open(&path).err().unwrap();
    assert_eq!(fault.code, "state::held");
    assert!(fault.help.is_some());
    drop(first);
    open(&path).unwrap();
}

#[test]
fn a_damaged_file_is_kept_and_the_next_run_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    std::fs::write(&path, "this is no database, and long enough to look like one".repeat(99))
        .unwrap();
    let fault = open(&path).err().unwrap();
    assert_eq!(fault.code, "state::corrupt");
    assert!(folder.path().join("state.sqlite.damaged").exists());
    open(&path).unwrap();
}

#[test]
fn a_newer_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    drop(open(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(connection);
    assert_eq!(open(&path).err().unwrap().code, "state::newer");
}

#[test]
fn a_place_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let fault = open(&file.join("state.sqlite")).err().unwrap();
    assert_eq!(fault.code, "state::unreadable");
}

#[test]
fn ten_thousand_rows_do_not_sync_ten_thousand_times() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder.path().join("state.sqlite")).unwrap();
    let began = Instant::now();
    for number in 0..10_000 {
        state.record_mirrored(&mirrored(number)).unwrap();
    }
    state.close().unwrap();
    assert_eq!(state.mirrored("m.example/a:9999"), Some(mirrored(9999)), "a flush is seen at once");
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn without_state_nothing_is_known() {
    let ledger = none();
    ledger.record_mirrored(&mirrored(1)).unwrap();
    assert_eq!(ledger.mirrored("m.example/a:1"), None);
    ledger.close().unwrap();
}
