//! Files and command lines that are wrong: what is said, and with which exit code it ends.

use engine_tests::world;

#[test]
fn all_faults_of_a_file_are_shown_at_once_at_their_places() {
    let world = world!();
    let spec = "\
# é moves no column
apiVersion: engine/v1
run: {concurency: 3, pause: 10}
registries:
  a.example: {auth: {username: x, password: {env: NOT_SET}}}
sources:
  app: {from: docker.io/library/alpine, tags: {semver: \">>3\"}}
  app: {from: x.example/y}
filters:
  f: {inputs: [ap], tags: {latest: 0}}
sinks:
  s: {inputs: [f, app], to: \"x.example/{{ item.tga }}\"}
";
    world.write("sync.yaml", spec);
    let outcome = world.run(&["check", "sync.yaml"]).expect_code(65);
    insta::assert_snapshot!(outcome.snapshot(), @"");
}

#[test]
fn what_is_no_yaml_or_no_file_is_unreadable() {
    let world = world!();
    world.write("open.yaml", "sources: [a\n");
    world.write("text.yaml", "just a text\n");
    let said: Vec<String> = [("open.yaml", 78), ("text.yaml", 65), ("none.yaml", 78), (".", 78)]
        .map(|(file, code)| world.run(&["check", file]).expect_code(code).stderr)
        .into();
    insta::assert_snapshot!(said.join("---\n"), @"");
}

#[test]
fn a_wrong_command_line_is_a_usage_fault() {
    let world = world!();
    super::small(&world);
    for arguments in [
        &[][..],
        &["fly"],
        &["run"],
        &["run", "sync.yaml", "--var", "x"],
        &["run", "sync.yaml", "-v", "-q"],
        &["run", "sync.yaml", "--report", "no/such/folder/report.json"],
        &["run", "sync.yaml", "--report", "-", "--events", "-"],
        &["plan", "sync.yaml", "--events", "-"],
        &["plugin", "inspect", "nothing"],
    ] {
        let outcome = world.run(arguments);
        assert_eq!(outcome.code, 64, "{arguments:?}\n{}", outcome.stderr);
        assert!(!outcome.stderr.is_empty() && outcome.stdout.is_empty(), "{arguments:?}");
    }
    assert!(!world.here().join("out").exists(), "nothing was begun");
}

#[test]
fn variables_are_given_on_the_command_line_or_missed_by_name() {
    let world = world!();
    super::small(&world);
    let spec = super::SMALL.replace("oci:images", "\"oci:${var:where}\"");
    world.write("sync.yaml", &spec);
    let missed = world.run(&["check", "sync.yaml"]).expect_code(65);
    assert!(missed.stderr.contains("sync.yaml:5:15") && missed.stderr.contains("where"));
    drop(world.run(&["check", "sync.yaml", "--var", "where=images"]).expect_success());
}
