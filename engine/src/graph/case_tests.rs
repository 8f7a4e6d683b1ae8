//! The files in `tests/cases/spec`: those in `valid` become a graph, those in `invalid` have the
//! faults that stand in the `.txt` beside them, drawn as the user sees them.

use super::*;
use crate::diagnostic::{Drawing, Schema, Tree};
use crate::graph::resolve;
use crate::oci::ReferenceForm;
use crate::role::{Component, ComponentRole, ComponentSource, Limits, Wants};
use crate::spec::{Variables, read, schema};
use proptest::prelude::*;
use std::path::PathBuf;

fn component(name: &str, role: ComponentRole, transports: &[&str]) -> Component {
    Component {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        digest: "sha256:00".to_owned(),
        role,
        transports: transports.iter().map(|word| (*word).to_owned()).collect(),
        reference: transports.first().and_then(|word| ReferenceForm::built_in(word)),
        wants: Wants::default(),
        limits: Limits::default(),
        settings: serde_json::json!({
            "type": "object",
            "properties": {"bucket": {"type": "string"}, "retries": {"type": "integer"}},
            "required": if name == "s3" { vec!["bucket"] } else { Vec::new() },
            "additionalProperties": false,
        }),
        source: match transports {
            [] => ComponentSource::Path(format!("/specs/{name}.wasm").into()),
            _ => ComponentSource::BuiltIn(name.to_owned()),
        },
    }
}

fn catalog() -> Catalog {
    let components = BTreeMap::from([
        (
            "docker".to_owned(),
            component("transport-registry", ComponentRole::Transport, &["docker"]),
        ),
        ("oci".to_owned(), component("transport-oci-layout", ComponentRole::Transport, &["oci"])),
        ("dir".to_owned(), component("transport-dir", ComponentRole::Transport, &["dir"])),
        ("s3".to_owned(), component("s3", ComponentRole::Transport, &[])),
        ("gate".to_owned(), component("gate", ComponentRole::Policy, &[])),
    ]);
    Catalog { components }
}

fn variables(text: &str) -> Variables {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let mut vars = BTreeMap::from([pair("mirror", "mirror.example:5000")]);
    vars.retain(|name, _| text.contains(&format!("${{var:{name}")));
    Variables {
        vars,
        env: BTreeMap::from([pair("STAGE", "prod"), pair("EMPTY", ""), pair("HUB_USER", "me")]),
    }
}

fn spec_files() -> SpecFiles {
    let list = "# pinned\nr.example/a:1  # one\n\nr.example/b:2@sha256:\
        0000000000000000000000000000000000000000000000000000000000000000\n";
    let lists = BTreeMap::from([
        ("pinned.txt".to_owned(), list.to_owned()),
        ("broken.txt".to_owned(), "r.example/a:1\nr.example/UPPER:2\n".to_owned()),
    ]);
    let keys = BTreeMap::new();
    SpecFiles { folder: "/specs".into(), name: "sync".to_owned(), lists, keys }
}

fn walk(text: &str) -> Result<Graph, Vec<Fault>> {
    resolve(&read(text, &variables(text)), &catalog(), &spec_files())
}

/// The graph of a file in `tests/cases/spec/valid`.
pub(in crate::graph) fn graph_of(name: &str) -> Graph {
    let (_, text) = cases("valid").into_iter().find(|(path, _)| path.ends_with(name)).unwrap();
    walk(&text).unwrap()
}

fn cases(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/spec").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Whether the schema accepts a file.
fn schema_accepts(text: &str) -> bool {
    let Ok(tree) = Tree::parse(text) else { return false };
    let duplicates = !tree.duplicates().is_empty();
    !duplicates
        && Schema::new(&schema()).unwrap().check(&tree.root.to_json(), &Place::root()).is_empty()
}

#[test]
fn valid_files_become_a_graph() {
    let cases = cases("valid");
    assert!(cases.len() >= 4);
    for (path, text) in cases {
        let name = path.display();
        let graph = walk(&text).unwrap_or_else(|faults| {
            panic!("{name}:\n{}", Drawing::new("f", &text, false).draw(&faults))
        });
        assert!(schema_accepts(&text), "the schema refuses {name}");
        assert!(!graph.steps.is_empty());
    }
}

#[test]
fn invalid_files_have_exactly_their_faults() {
    let cases = cases("invalid");
    assert!(cases.len() >= 12);
    let update = option_env!("UPDATE_CASES").is_some();
    for (path, text) in cases {
        let faults = walk(&text).expect_err(&path.display().to_string());
        let name = path.file_name().unwrap().to_string_lossy();
        let drawn = Drawing::new(name, &text, false).draw(&faults);
        let expected = path.with_extension("txt");
        if update {
            std::fs::write(&expected, &drawn).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(drawn, expected, "{}; UPDATE_CASES=1 writes it anew", path.display());
        let settings = |fault: &Fault| fault.place.as_ref().is_some_and(|at| at.contains(".with"));
        let shape = |fault: &Fault| SHAPE_CODES.contains(&fault.code.as_ref()) && !settings(fault);
        // The other reader of YAML may find syntax fine that the first does not.
        if faults.iter().any(|fault| fault.code == "spec::not-yaml") {
            continue;
        }
        let refused = faults.iter().any(shape);
        assert_eq!(schema_accepts(&text), !refused, "parser and schema, {}", path.display());
    }
}

/// Faults that the schema sees too.
const SHAPE_CODES: [&str; 7] = [
    "spec::duplicate-key",
    "spec::unknown-key",
    "spec::missing-key",
    "spec::wrong-type",
    "spec::wrong-value",
    "spec::one-kind",
    "spec::plain-secret",
];

#[test]
fn line_ends_and_marks_of_other_systems_are_fine() {
    let (_, text) =
        cases("valid").into_iter().find(|(path, _)| path.ends_with("full.yaml")).unwrap();
    for text in [
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        format!("---\n{text}...\n"),
        format!("%YAML 1.2\n---\n{text}"),
    ] {
        let drawn = |faults: Vec<Fault>| Drawing::new("f", &text, false).draw(&faults);
        walk(&text).map_err(drawn).unwrap();
    }
    let text = "apiVersion: engine/v1\r\n# ü\r\nsinks: {a: {inptus: [x]}}\r\n";
    let drawn = Drawing::new("f", text, false).draw(&walk(text).unwrap_err());
    assert!(drawn.contains("f:3:13: unknown key `inptus`"), "{drawn}");
}

proptest! {
    /// Whatever is torn out of a file or typed into it: no panic, and each fault is drawn.
    #[test]
    fn a_damaged_file_has_faults_and_no_more(
        from in 0usize..2_500,
        len in 0usize..40,
        typed in "[ \\n:,{}\\[\\]\"'&*$#|>a-c→]{0,6}",
    ) {
        let (_, text) = cases("valid").into_iter().find(|(path, _)| path.ends_with("full.yaml")).unwrap();
        let before: String = text.chars().take(from).collect();
        let after: String = text.chars().skip(from + len).collect();
        let damaged = format!("{before}{typed}{after}");
        if let Err(faults) = walk(&damaged) {
            prop_assert!(!faults.is_empty(), "no graph and no fault:\n{damaged}");
        let drawn = Drawing::new("f", &damaged, false).draw(&faults);
            for fault in &faults {
                let line = format!("{} [{}]", fault.message, fault.code);
                prop_assert!(drawn.contains(&line), "{line} in\n{drawn}");
            }
        }
    }
}

proptest! {
    /// The parser and the schema refuse the same files, as far as shapes go.
    #[test]
    fn parser_and_schema_agree(
        line in 0usize..95,
        from in 0usize..60,
        len in 0usize..12,
        typed in prop::sample::select(vec!["", "x", "[]", "{}", "5", "~", "true", ": ", ", a: b"]),
    ) {
        let (_, text) = cases("valid").into_iter().find(|(path, _)| path.ends_with("full.yaml")).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let old: Vec<char> = lines[line].chars().collect();
        let (before, after) = old.split_at(from.min(old.len()));
        let after: String = after.iter().skip(len).collect();
        lines[line] = format!("{}{typed}{after}", before.iter().collect::<String>());
        let damaged = lines.join("\n");
        let faults = read(&damaged, &variables(&damaged)).faults;
        if faults.iter().any(|fault| fault.code == "spec::not-yaml") {
            return Ok(());
        }
        let drawn = Drawing::new("f", &damaged, false).draw(&faults);
        let refused = faults.into_iter().any(|fault| {
            SHAPE_CODES.contains(&fault.code.as_ref()) && !fault.message.contains("filled in")
        });
        prop_assert_eq!(schema_accepts(&damaged), !refused, "{}\n{}", lines[line], drawn);
    }
}

#[path = "make_tests.rs"]
mod made;
