//! Every fault code is explained, and nothing is explained that cannot happen.

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
    unexplained.chain(unused).chain(silent).collect()
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
        let source = "Fault::new(\"plan::one\", x);\nFault::new(\"plan::two\", x);\n\
            #[serde(with = \"crate::x\")] // \"plan::comment\"\n\
            #[cfg(test)] mod tests { const X: &str = \"plan::test\"; }\n";
        let page = "| code | meaning |\n|---|---|\n| `plan::one` | It. |\n| `plan::gone` | |\n";
        let tree = Tree::of(&[("engine/src/plan/make.rs", source), (FAULTS, page)]);
        let found: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "engine/src/plan/make.rs:2: `plan::two` is not explained in specs/faults.md",
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
}
