//! One word, one type: no two public types of a crate share a name.
//!
//! A reader who meets `Place` must not have to look which of five it is. Types that generated
//! bindings, test support (`testing` folders, `*_tests.rs`, modules under `#[cfg(test)]`) or an
//! in-memory twin of a real module (`*_memory.rs`) declare are not counted.

use crate::declared::is_for_tests;
use crate::{Finding, Rust, Token, Tree};
use std::collections::BTreeMap;

/// The folders whose Rust files are one crate each; plugins are found by themselves.
const CRATES: [&str; 2] = ["engine/src/", "engine/oci/src/"];

/// Names that two types of one crate still share. The list only shrinks: a name that is not
/// shared any more must leave it.
const STILL_SHARED: &[&str] = &[
    "Annotate",
    "Claim",
    "Filling",
    "Filter",
    "Given",
    "Grants",
    "IndexMode",
    "Key",
    "Kind",
    "Limits",
    "Next",
    "OnRefusal",
    "Origin",
    "Place",
    "Presence",
    "Reading",
    "Referrers",
    "Refused",
    "Report",
    "ReportKind",
    "Request",
    "Settings",
    "Sink",
    "Source",
    "Step",
    "Transform",
    "Tree",
    "Written",
];

/// Types that share a name, and exceptions that are none any more.
pub fn check(tree: &Tree) -> Vec<Finding> {
    check_with(tree, STILL_SHARED)
}

fn check_with(tree: &Tree, exceptions: &[&str]) -> Vec<Finding> {
    let plugins = tree.folders("plugins/").into_iter().map(|name| format!("plugins/{name}/src/"));
    let crates = CRATES.iter().map(|folder| (*folder).to_owned()).chain(plugins);
    let mut findings = Vec::new();
    let mut shared = Vec::new();
    for folder in crates {
        for (name, places) in types(tree, &folder) {
            let [first, others @ ..] = places.as_slice() else { continue };
            if others.is_empty() {
                continue;
            }
            shared.push(name);
            if exceptions.contains(&name) {
                continue;
            }
            for (path, line) in others {
                let message = format!(
                    "`{name}` is a type of {}:{} too: the more general one gets the longer name",
                    first.0, first.1
                );
                findings.push(Finding::at(path, *line, message));
            }
        }
    }
    let settled = exceptions.iter().filter(|name| !shared.contains(name));
    findings.extend(settled.map(|name| {
        let message = format!("`{name}` is not shared any more: take it out of `STILL_SHARED`");
        Finding::whole("tests/house/src/type_names.rs", message)
    }));
    findings
}

/// The public types of a crate by name, each with the places where one is declared.
fn types<'a>(tree: &'a Tree, folder: &str) -> BTreeMap<&'a str, Vec<(&'a str, usize)>> {
    let mut types: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    let files = tree.files("", ".rs").filter(|(path, _)| path.starts_with(folder));
    for (path, text) in files.filter(|(path, _)| !is_exempt(tree, path)) {
        for (name, line) in declared(&Rust::read(text).without_tests()) {
            types.entry(name).or_default().push((path, line));
        }
    }
    types
}

fn is_exempt(tree: &Tree, path: &str) -> bool {
    let is_bindings = path.contains("/bindings/") || path.ends_with("/bindings.rs");
    let is_test_support = path.contains("/testing/") || path.ends_with("_tests.rs");
    is_bindings || is_test_support || path.ends_with("_memory.rs") || is_for_tests(tree, path)
}

/// The names after `pub struct`, `pub(super) enum` and their like.
fn declared<'a>(rust: &Rust<'a>) -> Vec<(&'a str, usize)> {
    let tokens = rust.tokens();
    let mut found = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let [(_, Token::Word(keyword)), (line, Token::Word(name))] = pair else { continue };
        let declares = matches!(*keyword, "struct" | "enum" | "trait" | "type" | "union");
        if declares && is_public(&tokens[..at]) {
            found.push((*name, *line));
        }
    }
    found
}

/// Whether what stands before a keyword ends with `pub` or `pub(…)`.
fn is_public(before: &[(usize, Token)]) -> bool {
    let mut before = before.iter().rev().map(|(_, token)| *token);
    match before.next() {
        Some(Token::Word("pub")) => true,
        Some(Token::Sign(')')) => {
            before.find(|token| *token == Token::Sign('(')).is_some()
                && before.next() == Some(Token::Word("pub"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::check_with;
    use crate::Tree;

    fn found(tree: &Tree, exceptions: &[&str]) -> Vec<String> {
        check_with(tree, exceptions).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_public_types_of_one_name_are_found() {
        let tree = Tree::of(&[
            ("engine/src/http/place.rs", "\npub(super) struct Place;\nstruct Own;"),
            ("engine/src/spec/place.rs", "pub(in crate::spec) enum Place {}\nstruct Own;"),
            ("engine/oci/src/place.rs", "pub struct Place;"),
            ("plugins/x/src/lib.rs", "mod a;\npub struct Twice;"),
            ("plugins/x/src/a.rs", "pub trait Twice {}"),
            ("plugins/y/src/lib.rs", "pub type Twice = u8;"),
        ]);
        let found = found(&tree, &[]);
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[0].starts_with(
            "engine/src/spec/place.rs:1: `Place` is a type of engine/src/http/place.rs:2"
        ));
        assert!(found[1].starts_with("plugins/x/src/lib.rs:2: `Twice`"));
    }

    #[test]
    fn bindings_test_support_and_twins_are_not_counted() {
        let tree = Tree::of(&[
            ("engine/src/lib.rs", "mod plan;"),
            ("engine/src/plan/mod.rs", "mod item;\n#[cfg(test)]\nmod fake;"),
            ("engine/src/plan/item.rs", "pub struct A;\n#[cfg(test)]\nmod tests { pub struct A; }"),
            ("engine/src/plan/item_tests.rs", "pub struct A;"),
            ("engine/src/plan/fake.rs", "pub struct A;"),
            ("engine/src/plan/testing/a.rs", "pub struct A;"),
            ("engine/src/host/bindings.rs", "pub struct A;"),
            ("engine/src/imports_memory.rs", "pub struct A;"),
            ("engine/src/plan/words.rs", "// pub struct A\nconst X: &str = \"pub struct A\";"),
        ]);
        assert_eq!(found(&tree, &[]), [""; 0]);
    }

    #[test]
    fn an_exception_holds_only_while_it_is_needed() {
        let shared = Tree::of(&[
            ("engine/src/a.rs", "pub struct Place;"),
            ("engine/src/b.rs", "pub struct Place;"),
        ]);
        assert_eq!(found(&shared, &["Place"]), [""; 0]);
        let settled = Tree::of(&[("engine/src/a.rs", "pub struct Place;")]);
        let found = found(&settled, &["Place"]);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains("`Place` is not shared any more"));
    }
}
