//! Standard output is data, standard error is for people, and either may be gone.

use super::small::small;
use engine_tests::world;
use engine_tests::world::World;
use serde_json::Value;

const ENGINE: &str = env!("CARGO_BIN_EXE_engine-under-test");

#[test]
fn a_log_for_programs_is_json_line_by_line() {
    let world = world!();
    small(&world);
    for (arguments, code) in [
        (&["run", "sync.yaml", "-vv", "--log-format", "json"][..], 0),
        (&["check", "none.yaml", "--log-format", "json"], 78),
        (&["plan", "sync.yaml", "--log-format", "json"], 0),
    ] {
        let outcome = world.run(arguments).expect_code(code);
        assert!(!outcome.stderr.is_empty());
        for line in outcome.stderr.lines() {
            let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            assert!(line["ts"].is_string() && line["level"].is_string() && line["msg"].is_string());
        }
    }
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let world = world!();
    small(&world);
    world.write("bad.yaml", "apiVersion: engine/v1\nx: 1\n");
    let coloured = |world: &World, more: &[&str]| {
        let run = world.run(&[&["run", "sync.yaml"], more].concat());
        let check = world.run(&[&["check", "bad.yaml"], more].concat());
        assert!(!run.stdout.contains('\u{1b}'));
        [run, check].map(|outcome| outcome.stderr.contains('\u{1b}'))
    };
    assert_eq!(coloured(&world, &[]), [false; 2], "no terminal, calm lines");
    assert!(coloured(&world, &["--color", "always"])[1]);
    let world = world.with("NO_COLOR", "1").with("CLICOLOR_FORCE", "1");
    assert_eq!(coloured(&world, &[]), [false; 2]);
}

#[test]
fn quiet_says_only_what_went_wrong() {
    let world = world!();
    small(&world);
    let outcome = world.run(&["run", "-q", "sync.yaml"]).expect_success();
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
}

#[test]
fn a_stream_that_nobody_reads_is_no_fault_and_a_full_disk_is() {
    let world = World::of("/bin/sh");
    small(&world);
    for (line, code) in [
        ("ENGINE plan sync.yaml >&-", 0),
        ("ENGINE run sync.yaml 2>&-", 0),
        ("{ ENGINE plugin wit; echo $? >code; } | head -c 1 >/dev/null; exit $(cat code)", 0),
        ("ENGINE schema >/dev/full", 74),
        ("ENGINE check - <sync.yaml", 0),
    ] {
        let outcome = world.run(&["-c", &line.replace("ENGINE", ENGINE)]);
        assert_eq!(outcome.code, code, "{line}\n{}", outcome.stderr);
        assert!(!outcome.stderr.contains("panicked"), "{line}\n{}", outcome.stderr);
    }
}
