//! The world lets nothing of the machine in, and loses nothing that the program says.

use engine_tests::registry::User;
use engine_tests::world;
use engine_tests::world::World;
use std::time::Duration;

fn shell() -> World {
    World::of("/bin/sh")
}

#[test]
fn the_environment_is_clean() {
    let world = shell().with("EXTRA", "yes");
    let outcome = world.run(&["-c", "env | cut -d= -f1 | sort | tr '\\n' ' '"]).expect_success();
    assert_eq!(
        outcome.stdout.trim(),
        "CONTAINERS_POLICY_JSON EXTRA HOME LC_ALL PATH PWD TMPDIR TZ XDG_RUNTIME_DIR"
    );
}

#[test]
fn everything_that_is_said_is_in_the_snapshot() {
    let world = shell();
    world.write("specs/sync.yaml", "sources: []\n");
    world.write("~/.docker/config.json", "{}");
    let script =
        "cat specs/sync.yaml ~/.docker/config.json; echo \"$PWD\" 127.0.0.1:99 2s >&2; exit 3";
    let outcome = world.run(&["-c", script]).expect_code(3);
    insta::assert_snapshot!(outcome.snapshot(), @r"
    exit code: 3
    ----- stdout -----
    sources: []
    {}
    ----- stderr -----
    [world]/here 127.0.0.1:[port 1] [time]
    ");
}

#[test]
fn logins_are_kept_side_by_side() {
    let world = shell();
    for (port, password) in [(1001, "one"), (1002, "two")] {
        world.login(([127, 0, 0, 1], port).into(), &User::new("ann", password));
    }
    let outcome = world.run(&["-c", "cat ~/.docker/config.json"]).expect_success();
    assert_eq!(
        outcome.stdout,
        r#"{"auths":{"127.0.0.1:1001":{"auth":"YW5uOm9uZQ=="},"127.0.0.1:1002":{"auth":"YW5uOnR3bw=="}}}"#
    );
}

#[test]
fn a_process_can_be_told_to_stop_and_killed() {
    let script = "trap 'echo stopping; exit 143' TERM; touch started; while :; do sleep 0.01; done";
    let world = shell();
    let mut process = world.start(&["-c", "exec sleep 60"]);
    assert!(!process.has_ended());
    assert_eq!(process.kill().code, 128 + 9);
    let process = world.start(&["-c", script]);
    while !world.here().join("started").exists() {
        std::thread::yield_now();
    }
    // Not INT: a shell that was started with it ignored, as background jobs are, cannot trap it.
    process.terminate();
    let outcome = process.wait(Duration::from_secs(20));
    assert_eq!((outcome.code, outcome.stdout.trim()), (143, "stopping"));
}

#[test]
fn the_engine_is_where_the_macro_says() {
    let outcome = world!().run(&["--version"]);
    assert!((0..=78).contains(&outcome.code), "found, and ended by itself: {outcome:?}");
}
