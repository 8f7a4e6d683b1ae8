//! Every fault code is explained with its kind, and nothing is explained that cannot happen.
//!
//! A code of the engine stands once, in the `codes.rs` of its floor, beside its kind.

use crate::declared::is_for_tests;
use crate::{Finding, Rust, Table, Token, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// The page that explains every code.
pub const FAULTS: &str = "specs/faults.md";

/// The roles whose plugins say faults in words of their own.
const ROLES: [&str; 5] = ["transport", "signer", "policy", "filter", "transform"];

/// Codes in the sources that the page lacks, and the other way round.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let used = used(tree);
    let words = words_of_plugins(tree);
    let explained = explained(tree);
    let unexplained = used.iter().filter(|(code, _)| !explained.contains_key(*code)).map(
        |(code, (path, line))| {
            Finding::at(path, *line, format!("`{code}` is not explained in {FAULTS}"))
        },
    );
    let is_said = |code: &str| used.contains_key(code) || words.contains(code);
    let unused = explained
        .iter()
        .filter(|(code, _)| !is_said(code))
        .map(|(code, (line, _))| Finding::at(FAULTS, *line, format!("no source says `{code}`")));
    let silent = explained.iter().filter(|(_, (_, words))| *words == 0).map(|(code, (line, _))| {
        Finding::at(FAULTS, *line, format!("`{code}` has no meaning beside it"))
    });
    unexplained.chain(unused).chain(silent).chain(kinds(tree)).collect()
}

/// The file of a floor in which its codes stand.
const TABLE: &str = "/codes.rs";

/// Codes of the engine that stand elsewhere, twice, or with another kind than the page says.
fn kinds(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    let shown = shown_kinds(tree);
    let files = tree.files("engine/src/", ".rs").filter(|(path, _)| !is_for_tests(tree, path));
    for (path, text) in files {
        let rust = Rust::read(text).without_tests();
        for (at, (line, token)) in rust.tokens().iter().enumerate() {
            let Token::Text(code) = token else { continue };
            if !is_code(code) {
                continue;
            }
            let message = match kind_of(&rust, at) {
                Some(kind) if path.ends_with(TABLE) => match shown.get(*code) {
                    _ if !seen.insert(*code) => format!("`{code}` stands twice"),
                    Some(shown) if *shown != kebab(kind) => {
                        format!("`{code}` is `{}`, and {FAULTS} says `{shown}`", kebab(kind))
                    }
                    _ => continue,
                },
                _ => format!("`{code}` belongs into the codes.rs of its floor, with its kind"),
            };
            findings.push(Finding::at(path, *line, message));
        }
    }
    findings
}

/// The kind in `Code::new("…", Kind::X)`, where the text stands at `at`.
fn kind_of<'a>(rust: &Rust<'a>, at: usize) -> Option<&'a str> {
    let tokens = rust.tokens();
    let before = tokens.get(at.checked_sub(4)?..at)?.iter().map(|(_, token)| *token);
    let new = [Token::Word("Code"), Token::Path, Token::Word("new"), Token::Sign('(')];
    let after: Vec<Token> = tokens.get(at + 1..at + 5)?.iter().map(|(_, token)| *token).collect();
    match after.as_slice() {
        [Token::Sign(','), Token::Word("Kind"), Token::Path, Token::Word(kind)]
            if before.eq(new) =>
        {
            Some(kind)
        }
        _ => None,
    }
}

/// `NotFound` as documents have it: `not-found`.
fn kebab(kind: &str) -> String {
    let mut word = String::new();
    for c in kind.chars() {
        if c.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

/// The third cell of each row of the page.
fn shown_kinds(tree: &Tree) -> BTreeMap<String, String> {
    let rows = tree.text(FAULTS).unwrap_or_default().lines();
    rows.filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter(|(code, _)| is_code(code))
        .map(|(code, rest)| (code, rest.split('|').nth(1).unwrap_or_default().trim()))
        .map(|(code, kind)| (code.to_owned(), kind.to_owned()))
        .collect()
}

/// Every code that the sources say, with the first place.
fn used(tree: &Tree) -> BTreeMap<String, (String, usize)> {
    let mut codes = BTreeMap::new();
    let sources = ["engine/src/", "engine/oci/src/", "plugins/"];
    let files = sources.iter().flat_map(|root| tree.files(root, ".rs"));
    for (path, text) in files.filter(|(path, _)| !is_for_tests(tree, path)) {
        let rust = Rust::read(text).without_tests();
        for (line, token) in rust.tokens() {
            if let Token::Text(text) = token
                && is_code(text)
            {
                codes.entry((*text).to_owned()).or_insert_with(|| (path.to_owned(), *line));
            }
        }
    }
    codes
}

/// What plugins say is a word such as `not-found`; the host puts the role before it.
fn words_of_plugins(tree: &Tree) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (_, text) in tree.files("plugins/sdk/src/", ".rs") {
        for (_, token) in Rust::read(text).without_tests().tokens() {
            if let Token::Text(word) = token {
                codes.extend(ROLES.iter().map(|role| format!("{role}::{word}")));
            }
        }
    }
    codes
}

/// Every code in a table of the page, with its line and the length of what stands beside it.
fn explained(tree: &Tree) -> BTreeMap<String, (usize, usize)> {
    let mut codes = BTreeMap::new();
    let text = tree.text(FAULTS).unwrap_or_default();
    for (number, line) in text.lines().enumerate() {
        let Some((code, rest)) = line.strip_prefix("| `").and_then(|line| line.split_once('`'))
        else {
            continue;
        };
        if is_code(code) {
            let meaning = rest.trim_start_matches([' ', '|']).split('|').next();
            codes.insert(code.to_owned(), (number + 1, meaning.unwrap_or_default().trim().len()));
        }
    }
    codes
}

/// `floor::what`: two words in lower case with dashes. Rust paths in attributes have `_` or start
/// with `crate`, and no code does.
fn is_code(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.split_once("::").is_some_and(|(floor, what)| {
        is_word(floor) && is_word(what) && !matches!(floor, "crate" | "super" | "self")
    })
}

/// Whether the page has the table at all.
pub fn has_table(tree: &Tree) -> bool {
    tree.text(FAULTS).is_some_and(|text| Table::find(text, "code").is_some())
}

#[cfg(test)]
mod tests {
    use super::{FAULTS, check, has_table};
    use crate::Tree;

    #[test]
    fn codes_and_page_must_agree() {
        let source = "const A: Code = Code::new(\"plan::one\", Kind::NotFound);\n\
            const B: Code = Code::new(\"plan::two\", Kind::Held);\n\
            #[serde(with = \"crate::x\")] // \"plan::comment\"\n\
            #[cfg(test)] mod tests { const X: &str = \"plan::test\"; }\n";
        let page = "| code | meaning | kind |\n|---|---|---|\n| `plan::one` | It. | not-found |\n\
            | `plan::gone` | |\n";
        let tree = Tree::of(&[("engine/src/plan/codes.rs", source), (FAULTS, page)]);
        let found: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "engine/src/plan/codes.rs:2: `plan::two` is not explained in specs/faults.md",
                "specs/faults.md:4: no source says `plan::gone`",
                "specs/faults.md:4: `plan::gone` has no meaning beside it",
            ]
        );
        let page = "| `transport::not-found` | It. |\n| `transport::other` | It. |\n";
        let word = ("plugins/sdk/src/fault.rs", "const NOT_FOUND: &str = \"not-found\";");
        let found = check(&Tree::of(&[(FAULTS, page), word]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(has_table(&tree));
        assert!(!has_table(&Tree::default()));
    }

    #[test]
    fn a_code_stands_once_with_its_kind() {
        let table = "const A: Code = Code::new(\"plan::one\", Kind::NotFound);\n\
            const B: Code = Code::new(\"plan::one\", Kind::NotFound);\n\
            const C: &str = \"plan::two\";\n";
        let page = "| `plan::one` | It. | not-found |\n| `plan::two` | It. | held |\n";
        let elsewhere = "Fault::new(Code::new(\"plan::one\", Kind::NotFound), x)";
        let found = |table: &str, page: &str| {
            let files = [
                ("engine/src/plan/codes.rs", table),
                ("engine/src/plan/make.rs", elsewhere),
                (FAULTS, page),
            ];
            check(&Tree::of(&files)).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            found(table, page),
            [
                "engine/src/plan/codes.rs:2: `plan::one` stands twice",
                "engine/src/plan/codes.rs:3: `plan::two` belongs into the codes.rs of its floor, \
                 with its kind",
                "engine/src/plan/make.rs:1: `plan::one` belongs into the codes.rs of its floor, \
                 with its kind",
            ]
        );
        let other = page.replace("not-found", "quota");
        assert_eq!(
            found(table, &other)[0],
            "engine/src/plan/codes.rs:1: `plan::one` is `not-found`, and specs/faults.md says `quota`"
        );
    }
}
