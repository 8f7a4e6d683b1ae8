//! A spec on standard input: `engine run -`, and every other command that takes a file.

use engine_tests::images::Seed;
use engine_tests::registry::Registry;
use engine_tests::world;
use engine_tests::world::World;
use std::path::PathBuf;

const SPEC: &str = "\
apiVersion: engine/v1
vars: {from: images}
sources:
  app: {from: \"oci:${var:from}\", tags: {include: [\"^1\"]}}
sinks:
  out: {inputs: [app], to: \"oci:out:{{ item.tag }}\"}
";

fn world() -> World {
    let world = world!();
    Seed::new(1400).image(&[300]).write_layout(&world.here().join("images"), "1.0");
    world
}

/// Files below the folder of states.
fn states(world: &World) -> Vec<PathBuf> {
    let folder = world.home().join(".local/state/engine");
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_run_starts_its_paths_at_the_working_directory_and_keeps_no_state() {
    let world = world();
    let ran = world.run_with_input(&["run", "-"], SPEC).expect_success();
    assert!(ran.stderr.contains("1 copied"), "{}", ran.snapshot());
    assert!(world.here().join("out/index.json").exists(), "{}", ran.snapshot());
    assert_eq!(states(&world), [""; 0].map(PathBuf::from));
}

#[test]
fn a_state_that_is_named_is_kept() {
    let world = world();
    drop(world.run_with_input(&["run", "-", "--state", "mine.sqlite"], SPEC).expect_success());
    assert!(world.here().join("mine.sqlite").exists());
    let named = SPEC.replace("vars:", "run: {state: ./theirs.sqlite}\nvars:");
    drop(world.run_with_input(&["run", "-"], &named).expect_success());
    assert!(world.here().join("theirs.sqlite").exists());
    assert_eq!(states(&world), [""; 0].map(PathBuf::from));
    // The same spec as a file has its state at the default place.
    world.write("sync.yaml", SPEC);
    drop(world.run(&["run", "sync.yaml"]).expect_success());
    assert!(!states(&world).is_empty());
}

#[test]
fn every_command_that_takes_a_file_takes_standard_input() {
    let world = world();
    let said = |arguments: &[&str]| world.run_with_input(arguments, SPEC).expect_success();
    assert_eq!(said(&["check", "-"]).stderr, "<stdin>: fine, 2 steps\n");
    assert!(said(&["graph", "-"]).stdout.starts_with("digraph \"stdin\""));
    assert!(said(&["plan", "-"]).stdout.contains("Plan: 1 to copy"));
    assert!(said(&["explain", "-", "oci:images:1.0"]).stdout.contains("is copied"));
    let inspected = said(&["plugin", "inspect", "oci", "--spec", "-"]).stdout;
    assert!(inspected.contains("Under <stdin> it can reach\n  in step `app`"), "{inspected}");
    let other = said(&["plan", "-", "--var", "from=./images"]);
    assert!(other.stdout.contains("Plan: 1 to copy"), "{}", other.snapshot());
}

#[test]
fn components_are_pulled_for_a_spec_on_standard_input() {
    let registry = Registry::open();
    let gone = engine::oci::Digest::of(b"gone");
    let spec = format!(
        "apiVersion: engine/v1\nregistries: {{\"{at}\": {{endpoint: \"{url}\"}}}}\n\
         plugins: {{mine: {{from: \"oci://{at}/x@{gone}\"}}}}\n\
         sources: {{app: {{plugin: mine}}}}\nsinks: {{out: {{inputs: [app], to: \"oci:out\"}}}}\n",
        at = registry.address(),
        url = registry.url(),
    );
    let world = world!();
    let checked = world.run_with_input(&["check", "-"], &spec).expect_code(65);
    assert!(
        checked.stderr.contains("run `engine plugin pull --spec -` with this spec"),
        "{}",
        checked.snapshot()
    );
    let pulled = world.run_with_input(&["plugin", "pull", "--spec", "-"], &spec);
    assert!(pulled.stderr.contains("[run::no-component]"), "{}", pulled.snapshot());
}

#[test]
fn faults_are_drawn_with_their_line_in_standard_input() {
    let world = world();
    let wrong = SPEC.replace("inputs: [app]", "inputs: [ap]");
    for command in ["check", "run", "plan"] {
        let outcome = world.run_with_input(&[command, "-"], &wrong).expect_code(65);
        assert!(
            outcome
                .stderr
                .starts_with("<stdin>:6:18: no step is called `ap` [graph::unknown-step]"),
            "{}",
            outcome.snapshot()
        );
    }
    let outcome = world.run_with_input(&["check", "-"], "a: [1\n").expect_code(78);
    assert!(outcome.stderr.starts_with("<stdin>:"), "{}", outcome.snapshot());
}

#[test]
fn an_input_without_an_end_is_given_up() {
    let world = world!();
    let endless = std::fs::File::open("/dev/zero").unwrap();
    let process = world.start_with(&["run", "-"], endless.into());
    let outcome = process.wait(std::time::Duration::from_secs(30)).expect_code(78);
    assert!(
        outcome.stderr.contains("`<stdin>` could not be read: it has more than 8388608 bytes"),
        "{}",
        outcome.snapshot()
    );
    let outcome = world.run(&["check", "-"]).expect_code(65);
    assert!(outcome.stderr.starts_with("<stdin>:1:1: "), "{}", outcome.snapshot());
}
