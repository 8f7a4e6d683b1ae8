//! SIGKILL at random moments of a run that writes an archive: it has the old images or all of them,
//! whole in any case, and the run after it ends right.

use crate::plugins::ArchiveFile;
use engine_tests::fault::{Fault, Proxy, Rule};
use engine_tests::guest::component;
use engine_tests::images::Seed;
use engine_tests::registry::Registry;
use engine_tests::world;
use engine_tests::world::World;
use serde_json::json;
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Kills without `ENGINE_TESTS_KILLS`; 200 are what a release must survive.
const KILLS: usize = 20;
/// How long the source thinks about each blob, so that there is something to aim at.
const SLOW: Duration = Duration::from_millis(5);

/// The archive before the runs that are killed, and what it must have after one that was not.
const OLD: [&str; 1] = ["app:v1"];
const ALL: [&str; 3] = ["app:v1", "app:v2", "app:v3"];

fn scene(source: &str, tags: &str) -> World {
    let world = world!();
    write(&world, source, tags);
    world
}

fn write(world: &World, source: &str, tags: &str) {
    let spec = json!({
        "apiVersion": "engine/v1",
        "run": {"state": "state.sqlite", "pause": "20ms"},
        "registries": {"source.test": {"endpoint": source}},
        "plugins": {"archive": {"from": component("archive")}},
        "sources": {"app": {"from": "source.test/app", "tags": {"include": tags}}},
        "sinks": {"out": {"inputs": ["app"],
            "to": "archive:shelf/images.archive:app:{{ item.tag }}"}},
    });
    world.write("sync.yaml", &spec.to_string());
}

#[test]
fn an_archive_that_was_killed_at_any_moment_is_whole() {
    let variable = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let kills = variable("ENGINE_TESTS_KILLS").map_or(KILLS, |kills| kills.try_into().unwrap());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let seed = variable("ENGINE_TESTS_SEED").unwrap_or(now);
    println!("{kills} kills from ENGINE_TESTS_SEED={seed}");
    let source = Registry::open();
    for number in 1..=3 {
        let image = Seed::new(400 + number).image(&[400_000, 90_000]);
        image.push_into(&source, "app", &format!("v{number}"));
    }
    let slow = Rule::on("GET", "/v2/*/blobs/*", Fault::Delay(SLOW)).always();
    let proxy = Proxy::start(source.address(), vec![slow]);
    let world = scene(&proxy.url(), "v1");
    drop(world.run(&["run", "sync.yaml"]).expect_success());
    let archive = world.here().join("shelf/images.archive");
    let old = fs::read(&archive).unwrap();
    assert_eq!(ArchiveFile::names_in(&archive), OLD);
    write(&world, &proxy.url(), ".");
    let took = world.run(&["run", "sync.yaml"]).expect_success().took;
    assert_eq!(ArchiveFile::names_in(&archive), ALL);
    let (mut killed, mut rounds, mut kept) = (0, 0, 0);
    while killed < kills {
        rounds += 1;
        assert!(rounds < kills * 20, "{killed} of {rounds} runs were killed");
        fs::write(&archive, &old).unwrap();
        let mut random = Seed::new(seed.wrapping_add(rounds as u64));
        let most = usize::try_from(took.as_micros()).unwrap_or(1).max(1);
        let pause = Duration::from_micros(random.below(most) as u64);
        let mut process = world.start(&["run", "sync.yaml"]);
        std::thread::sleep(pause);
        if process.has_ended() {
            continue;
        }
        if process.kill().code == 0 {
            // It ended between the look and the kill.
            continue;
        }
        killed += 1;
        // The commit may have been the last that it did.
        if fs::read(&archive).unwrap() == old {
            kept += 1;
        } else {
            assert_eq!(ArchiveFile::names_in(&archive), ALL, "killed after {pause:?}");
        }
        let again = world.run(&["run", "sync.yaml"]);
        assert_eq!(again.code, 0, "after {pause:?}: {}", again.snapshot());
        assert_eq!(ArchiveFile::names_in(&archive), ALL, "the run after {pause:?}");
    }
    eprintln!("{kills} kills in {rounds} runs: {kept} left the old archive");
    assert!(kept * 2 > kills, "only {kept} of {kills} kills came before the end");
}
