//! Files and command lines that are wrong: what is said, and with which exit code it ends.

use super::small::{self, small};
use engine_tests::world;

/// A file with a fault of each kind.
const FAULTY: &str = "\
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

#[test]
#[expect(clippy::too_many_lines, reason = "one output, whole")]
fn all_faults_of_a_file_are_shown_at_once_at_their_places() {
    let world = world!();
    world.write("sync.yaml", FAULTY);
    let outcome = world.run(&["check", "sync.yaml"]).expect_code(65);
    insta::assert_snapshot!(outcome.snapshot(), @r#"
    exit code: 65
    ----- stdout -----

    ----- stderr -----
    sync.yaml:3:7: unknown key `concurency` [spec::unknown-key]
       ╭─[sync.yaml:3:7]
     2 │ apiVersion: engine/v1
     3 │ run: {concurency: 3, pause: 10}
       ·       ──────────
     4 │ registries:
       ╰────
      help: did you mean `concurrency`?

    sync.yaml:3:29: a duration such as `[time]`, `[time]`, `5m` or `72h` is expected here, not a number [spec::wrong-type]
       ╭─[sync.yaml:3:29]
     2 │ apiVersion: engine/v1
     3 │ run: {concurency: 3, pause: 10}
       ·                             ──
     4 │ registries:
       ╰────

    sync.yaml:5:51: there is no secret: the environment variable `NOT_SET` is not there, or is empty [spec::missing-secret]
       ╭─[sync.yaml:5:51]
     4 │ registries:
     5 │   a.example: {auth: {username: x, password: {env: NOT_SET}}}
       ·                                                   ───────
     6 │ sources:
       ╰────

    sync.yaml:7:56: `>>3` is not a range of versions [graph::bad-range]
       ╭─[sync.yaml:7:56]
     6 │ sources:
     7 │   app: {from: docker.io/library/alpine, tags: {semver: ">>3"}}
       ·                                                        ─────
     8 │   app: {from: x.example/y}
       ╰────
      help: npm's grammar: `>=1.26 <2 || >=7`, `^1.2`, `~1.2.3`, `1.x`

    sync.yaml:8:3: the key `app` stands twice [spec::duplicate-key]
       ╭─[sync.yaml:8:3]
     6 │ sources:
     7 │   app: {from: docker.io/library/alpine, tags: {semver: ">>3"}}
       ·   ─┬─
       ·    ╰── first here
     8 │   app: {from: x.example/y}
       ·   ───
     9 │ filters:
       ╰────
      help: only one of them can count: remove one, or give it another name

    sync.yaml:10:16: no step is called `ap` [graph::unknown-step]
        ╭─[sync.yaml:10:16]
      9 │ filters:
     10 │   f: {inputs: [ap], tags: {latest: 0}}
        ·                ──
     11 │ sinks:
        ╰────
      help: did you mean `app`?

    sync.yaml:10:36: `0` is not a whole number from 1 to 999999999 [spec::wrong-value]
        ╭─[sync.yaml:10:36]
      9 │ filters:
     10 │   f: {inputs: [ap], tags: {latest: 0}}
        ·                                    ─
     11 │ sinks:
        ╰────

    sync.yaml:12:29: `item.tga` is not known in a template [graph::bad-template]
        ╭─[sync.yaml:12:29]
     11 │ sinks:
     12 │   s: {inputs: [f, app], to: "x.example/{{ item.tga }}"}
        ·                             ──────────────────────────
        ╰────
      help: did you mean `item.tag`?
    "#);
}

#[test]
fn what_is_no_yaml_or_no_file_is_unreadable() {
    let world = world!();
    world.write("open.yaml", "sources: [a\n");
    world.write("text.yaml", "just a text\n");
    let said: Vec<String> = [("open.yaml", 78), ("text.yaml", 65), ("none.yaml", 78), (".", 78)]
        .map(|(file, code)| world.run(&["check", file]).expect_code(code).stderr)
        .into();
    insta::assert_snapshot!(said.join("---\n"), @r#"
    open.yaml:2:1: not YAML: while parsing a flow sequence, expected ',' or ']' [spec::not-yaml]
       ╭─[open.yaml:2:1]
     1 │ sources: [a
       ╰────
    ---
    text.yaml:1:1: a map is expected here, not a text [spec::wrong-type]
       ╭─[text.yaml:1:1]
     1 │ just a text
       · ───────────
       ╰────
    ---
    none.yaml: `none.yaml` could not be read: No such file or directory (os error 2) [spec::unreadable]
    ---
    .: `.` could not be read: Is a directory (os error 21) [spec::unreadable]
    "#);
}

#[test]
fn a_wrong_command_line_is_a_usage_fault() {
    let world = world!();
    small(&world);
    for arguments in [
        &[][..],
        &["fly"],
        &["run"],
        &["run", "sync.yaml", "--var", "x"],
        &["run", "sync.yaml", "-v", "-q"],
        &["run", "sync.yaml", "--report", "-", "--events", "-"],
        &["plan", "sync.yaml", "--events", "-"],
        &["plugin", "inspect", "nothing"],
    ] {
        let outcome = world.run(arguments);
        assert_eq!(outcome.code, 64, "{arguments:?}\n{}", outcome.stderr);
        assert!(!outcome.stderr.is_empty(), "{arguments:?}");
    }
    // Found before the first byte: what names a file that cannot be, not a report that got lost.
    for option in ["--report", "--events", "--audit"] {
        let outcome = world.run(&["run", "sync.yaml", option, "no/such/folder/file"]);
        assert_eq!(outcome.code, 78, "{option}: {}", outcome.stderr);
    }
    assert!(!world.here().join("out").exists(), "nothing was begun");
}

#[test]
fn variables_are_given_on_the_command_line_or_missed_by_name() {
    let world = world!();
    small(&world);
    let spec = small::SPEC.replace("oci:images", "\"oci:${var:where}\"");
    let spec = spec.replace("metadata: {name: small}", "vars: {where: }");
    world.write("sync.yaml", &spec);
    let missed = world.run(&["check", "sync.yaml"]).expect_code(65);
    assert!(missed.stderr.contains("sync.yaml:5:15") && missed.stderr.contains("where"));
    drop(world.run(&["check", "sync.yaml", "--var", "where=images"]).expect_success());
}
