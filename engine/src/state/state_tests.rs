//! The state file against real files.

use super::{none, open};
use crate::oci::{Descriptor, Digest};
use crate::role::{Edited, Ledger, Mirrored, Remembered};
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
        incomplete: number.is_multiple_of(2),
    }
}

#[test]
fn what_was_written_is_there_in_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/state.sqlite");
    let blob = Digest::of(b"blob");
    let edit = Edited {
        kind: Remembered::Edit,
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
    state.record_mirrored(&mirrored(2)).unwrap();
    state.close().unwrap();
    assert!(state.mirrored("m.example/a:2").unwrap().incomplete);
    assert_eq!(state.edited(Remembered::Edit, &edit.source, "chain"), Some(edit.result));
    assert_eq!(state.edited(Remembered::Choice, &edit.source, "chain"), None, "of another kind");
    assert_eq!(state.edited(Remembered::Edit, &edit.source, "other"), None);
    assert_eq!(state.locations("r.example", &blob), ["a", "e", "c", "b"], "the last seen first");
    assert!(state.locations("q.example", &blob).is_empty());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

/// Times in the state are of the first run that saw something; what was made is the last of it.
#[test]
fn what_is_no_hint_is_kept_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    let (old, new) = (Digest::of(b"old"), Digest::of(b"new"));
    let state = open(&path).unwrap();
    state.record_seen("s.example/a:1", &old).unwrap();
    state.record_made("m.example/a:1", &old).unwrap();
    drop(state);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("UPDATE first_seen SET at = 1000").unwrap();
    drop(connection);
    let state = open(&path).unwrap();
    state.record_seen("s.example/a:1", &old).unwrap();
    state.record_seen("s.example/a:1", &new).unwrap();
    state.record_made("m.example/a:1", &new).unwrap();
    state.close().unwrap();
    assert_eq!(state.first_seen("s.example/a:1", &old).unwrap().as_secs(), 1000);
    assert!(state.first_seen("s.example/a:1", &new).unwrap().as_secs() > 1_700_000_000);
    assert_eq!(state.first_seen("s.example/b:1", &old), None);
    assert_eq!(state.made("m.example/a:1"), Some(new));
    assert_eq!(state.made("m.example/a:2"), None);
}

/// A state of the version before this one.
#[test]
fn what_an_older_engine_wrote_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    let (source, result) = (Digest::of(b"source"), Digest::of(b"result"));
    let row = |chain: &str, media_type: &str, digest: &Digest| {
        let result =
            serde_json::to_string(&Descriptor::new(media_type, digest.clone(), 7)).unwrap();
        format!("INSERT INTO edited VALUES ('{source}', '{chain}', '{result}');")
    };
    let broken = format!("INSERT INTO edited VALUES ('{source}', 'broken', 'no JSON');");
    let connection = rusqlite::Connection::open(&path).unwrap();
    let old = format!(
        "CREATE TABLE mirrored (
            destination TEXT PRIMARY KEY, digest TEXT NOT NULL, source TEXT NOT NULL,
            source_digest TEXT NOT NULL, chain TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE edited (
            source TEXT NOT NULL, chain TEXT NOT NULL, result TEXT NOT NULL,
            PRIMARY KEY (source, chain)
        ) WITHOUT ROWID;
        INSERT INTO mirrored VALUES ('m.example/a:1', '{result}', 's', '{source}', '');
        {}{}{}{broken}
        PRAGMA user_version = 1;",
        row("edited", "application/x", &result),
        row("chosen", "application/x", &source),
        row("signed", "", &source),
    );
    connection.execute_batch(&old).unwrap();
    drop(connection);
    for _ in 0..2 {
        let state = open(&path).unwrap();
        let row = state.mirrored("m.example/a:1").unwrap();
        assert_eq!((row.digest, row.incomplete), (result.clone(), false));
        for (kind, chain) in [
            (Remembered::Edit, "edited"),
            (Remembered::Choice, "chosen"),
            (Remembered::Signature, "signed"),
        ] {
            let found = state.edited(kind, &source, chain);
            assert_eq!(found.map(|found| found.size), Some(7), "{chain}");
        }
        assert_eq!(state.edited(Remembered::Edit, &source, "broken"), None);
    }
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
