//! Every promise of `SECURITY.md` has a test, and every test that is named exists.

use crate::{Finding, Tree};
use std::collections::BTreeSet;

/// The page with the numbered promises.
const PROMISES: &str = "SECURITY.md";
/// The page with the table of promises and tests.
const TESTS: &str = "specs/plugins.md";
/// How that table begins.
const HEAD: &str = "| promise | test |";

/// Promises without a test, and tests that are not there.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let (Some(promises), Some(page)) = (tree.text(PROMISES), tree.text(TESTS)) else {
        return vec![Finding::whole(PROMISES, format!("it or {TESTS} is missing"))];
    };
    let mut findings = Vec::new();
    let mut tested = BTreeSet::new();
    let rows = page.lines().enumerate().skip_while(|(_, line)| *line != HEAD);
    for (index, row) in rows.skip(2).take_while(|(_, line)| line.starts_with('|')) {
        let line = index + 1;
        let Some((promise, tests)) = row.trim_matches('|').split_once('|') else { continue };
        match promise.split_whitespace().next().and_then(|word| word.parse::<u32>().ok()) {
            Some(number) => drop(tested.insert(number)),
            None => findings.push(Finding::at(TESTS, line, "it begins with no number")),
        }
        let words: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        if words.is_empty() && !tests.contains("each test") {
            findings.push(Finding::at(TESTS, line, "it names no test"));
        }
        let missing = words.iter().filter(|word| !exists(tree, word));
        let missing = missing.map(|word| format!("there is no test `{word}`"));
        findings.extend(missing.map(|message| Finding::at(TESTS, line, message)));
    }
    let promised: Vec<(usize, u32)> = numbers(promises).collect();
    for (line, number) in &promised {
        if !tested.contains(number) {
            let message = format!("promise {number} has no test in {TESTS}");
            findings.push(Finding::at(PROMISES, *line, message));
        }
    }
    for number in tested.iter().filter(|number| !promised.iter().any(|(_, own)| own == *number)) {
        findings.push(Finding::whole(TESTS, format!("there is no promise {number}")));
    }
    findings
}

/// The numbers of the promises, with their lines.
fn numbers(text: &str) -> impl Iterator<Item = (usize, u32)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let (number, _) = line.split_once(". ")?;
        Some((index + 1, number.parse().ok()?))
    })
}

/// Whether a test, as `module::name` or `name`, or a file stands in the sources.
fn exists(tree: &Tree, word: &str) -> bool {
    if word.contains('/') {
        return tree.text(word).is_some();
    }
    let (module, name) = word.rsplit_once("::").unwrap_or(("", word));
    let function = format!("fn {name}(");
    let of_module = |path: &str| {
        let file = path.strip_suffix(".rs").unwrap_or(path);
        module.is_empty() || file.ends_with(&format!("/{module}"))
    };
    let files = ["tests/suites/", "engine/"].into_iter().flat_map(|root| tree.files(root, ".rs"));
    files.filter(|(path, _)| of_module(path)).any(|(_, text)| text.contains(&function))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    const SUITE: (&str, &str) = ("tests/suites/plugins/walls.rs", "#[test]\nfn wanderer() {}\n");

    fn found(promises: &str, rows: &str) -> Vec<String> {
        let page = format!("# Plugins\n\n| promise | test |\n|---|---|\n{rows}\nend\n");
        let tree = Tree::of(&[("SECURITY.md", promises), ("specs/plugins.md", &page), SUITE]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_table_that_names_a_test_for_each_passes() {
        let rows = "| 1 one | `walls::wanderer` |\n| 2 two | `wanderer` in `tests/suites/plugins/walls.rs` |";
        assert_eq!(found("1. One.\n2. Two,\n   and more.\n", rows), Vec::<String>::new());
    }

    #[test]
    fn what_is_missing_is_named() {
        let found = found("1. One.\n2. Two.\n", "| 1 | `walls::other` |\n| 3 | some prose |");
        let expected = ["no test `walls::other`", "names no test", "promise 2 has", "no promise 3"];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} has no {expected}");
        }
    }
}
