//! A place that is finished: an archive that can be read only then. Whatever goes wrong before or while
//! it is finished, the old file is whole, and nothing is said to be copied.

use super::ArchiveFile;
use super::archive_scene::{PATIENCE, Scene, all};
use engine_tests::world::World;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

#[test]
fn archive() {
    let (scene, old) = Scene::with_old();
    scene.assert_old(&old);
    drop(scene.run().expect_success());
    assert_eq!(scene.ends(), [("unchanged".to_owned(), None), ("copied".to_owned(), None)]);
    let new = fs::read(scene.archive()).unwrap();
    scene.assert_whole();
    drop(scene.run().expect_success());
    assert_eq!(scene.ends(), all("unchanged", None, 2));
    assert_eq!(scene.said("item-written"), 0);
    scene.assert_old(&new);
}

#[test]
fn what_goes_wrong_while_it_is_finished_leaves_the_old_file() {
    for (finish, code) in
        [("trap", "host::trap"), ("fail", "transport::invalid"), ("wait", "host::idle")]
    {
        let (scene, old) = Scene::with_old();
        scene.spec(&json!({"finish": finish}), &json!({"idle": "1s"}));
        let _gate = scene.gate();
        let outcome = scene.run().expect_code(1);
        assert!(outcome.took < PATIENCE, "{outcome:?}");
        let ends = scene.ends();
        assert_eq!(ends[1], ("failed".to_owned(), Some(code.to_owned())), "{finish}");
        scene.assert_old(&old);
        assert_eq!((scene.said("item-written"), scene.said("tag-moved")), (1, 0), "{finish}");
        scene.spec(&json!({"finish": "well"}), &json!({}));
        drop(scene.run().expect_success());
        scene.assert_whole();
    }
}

/// It takes longer than a call may, and a byte moves now and then.
#[test]
fn finishing_is_bounded_by_idle_time() {
    let (scene, _) = Scene::with_old();
    let _gate = scene.gate();
    scene.spec(&json!({"finish": "slow"}), &json!({"time": "3s", "idle": "5s"}));
    let outcome = scene.run().expect_success();
    assert!(outcome.took > Duration::from_secs(3), "{outcome:?}");
    scene.assert_whole();
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let (scene, old) = Scene::with_old();
    // 100 KiB or 200: more than the new image has, and less than both.
    let script = "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\"";
    let engine = env!("CARGO_BIN_EXE_engine-under-test");
    let world = World::of("/bin/sh");
    fs::create_dir_all(world.here().join("shelf")).unwrap();
    fs::copy(scene.archive(), world.here().join("shelf/images.archive")).unwrap();
    let shelled = Scene { world, source: scene.source, images: scene.images };
    shelled.spec(&json!({}), &json!({}));
    let run = [&["-c", script, engine], &Scene::RUN[..]].concat();
    let outcome = shelled.world.run(&run).expect_code(1);
    assert!(outcome.stderr.contains("no space is left"), "{outcome:?}");
    assert_eq!(shelled.ends()[1], ("failed".to_owned(), Some("fs::full".to_owned())));
    assert_eq!(shelled.said("item-written"), 1, "it was full while it was finished");
    shelled.assert_old(&old);
}

#[test]
fn stopped_or_killed_while_it_is_finished_the_old_file_stays() {
    let (scene, old) = Scene::with_old();
    scene.spec(&json!({"finish": "wait"}), &json!({}));
    let gate = scene.gate();
    let process = scene.start_until_written(1);
    process.interrupt();
    let outcome = process.wait(PATIENCE);
    assert_eq!(outcome.code, 130, "{outcome:?}");
    let deferred = ("deferred".to_owned(), Some("drive::unfinished".to_owned()));
    assert_eq!(scene.ends()[1], deferred);
    scene.assert_old(&old);

    let killed = scene.start_until_written(1).kill();
    assert_eq!(killed.code, 128 + 9, "{killed:?}");
    assert!(fs::read(scene.archive()).unwrap() == old);
    drop(gate);
    drop(scene.run().expect_success());
    scene.assert_whole();
    let new = fs::read(scene.archive()).unwrap();
    scene.assert_old(&new);
}

#[test]
fn a_second_writer_is_refused() {
    let (scene, old) = Scene::with_old();
    scene.spec(&json!({"finish": "wait"}), &json!({}));
    let gate = scene.gate();
    let first = scene.start_until_written(1);
    let second = scene.world.run(&["run", "sync.yaml", "--report", "second.json"]);
    let report = fs::read_to_string(scene.world.here().join("second.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["items"][1]["fault"]["code"], "fs::held", "{}", second.snapshot());
    assert!(fs::read(scene.archive()).unwrap() == old);
    drop(gate);
    drop(first.wait(PATIENCE).expect_success());
    scene.assert_whole();
}

#[test]
fn a_folder_in_its_place_stays() {
    let scene = Scene::new();
    fs::create_dir_all(scene.archive().join("inside")).unwrap();
    scene.spec(&json!({}), &json!({}));
    drop(scene.run().expect_code(1));
    assert_eq!(scene.ends(), all("failed", Some("transport::conflict"), 1));
    assert!(scene.archive().join("inside").is_dir());
}

#[test]
fn two_steps_share_one_session_and_one_end() {
    let (mut scene, _) = Scene::with_old();
    scene.add();
    let sink = |tag: &str, partial: bool| json!({"inputs": [tag], "plugin": "archive", "to": "app", "partial": partial});
    let spec =
        |partial: [bool; 2]| scene.two_sinks(&sink("v2", partial[0]), &sink("v3", partial[1]));
    spec([true, false]);
    let outcome = scene.run().expect_code(65);
    assert!(outcome.stderr.contains("[graph::differing-sinks]"), "{}", outcome.snapshot());
    spec([false, false]);
    drop(scene.run().expect_success());
    scene.assert_one_end();
}

/// A plugin's place is what its settings say: two that differ are two places, finished each for itself.
/// Where they mean one file after all, the second is told who holds it.
#[test]
fn steps_whose_settings_differ_have_a_session_each() {
    let (mut scene, _) = Scene::with_old();
    scene.add();
    let sink = |tag: &str, with: Value| json!({"inputs": [tag], "plugin": "archive", "to": "app", "with": with});
    scene.two_sinks(&sink("v2", json!({})), &sink("v3", json!({"file": "other.archive"})));
    drop(scene.run().expect_success());
    assert_eq!(scene.ends(), all("copied", None, 2));
    assert_eq!(ArchiveFile::names_in(&scene.archive()), ["app:v1", "app:v2"]);
    assert_eq!(ArchiveFile::names_in(&scene.shelf().join("other.archive")), ["app:v3"]);

    let (mut scene, _) = Scene::with_old();
    scene.add();
    scene.two_sinks(&sink("v2", json!({})), &sink("v3", json!({"file": "images.archive"})));
    drop(scene.run().expect_code(1));
    scene.assert_one_writer();
}
