//! README's table of exit codes has the codes of `specs/exit-codes.md`, all and no other.

use crate::{Finding, Tree};
use std::collections::BTreeSet;

/// The page that explains every exit code.
const PAGE: &str = "specs/exit-codes.md";
/// The short table.
const README: &str = "README.md";

/// Exit codes that one of the two tables lacks.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let (page, readme) = (codes(tree, PAGE), codes(tree, README));
    let lacks = |path: &'static str, other: &'static str, codes: BTreeSet<u8>| {
        codes.into_iter().map(move |code| {
            Finding::whole(path, format!("exit code {code} is missing, which {other} has"))
        })
    };
    lacks(README, PAGE, &page - &readme).chain(lacks(PAGE, README, &readme - &page)).collect()
}

/// The numbers in the first cells of the page's first table that begins with `code`.
fn codes(tree: &Tree, path: &str) -> BTreeSet<u8> {
    let lines = tree.text(path).unwrap_or_default().lines();
    let rows = lines
        .skip_while(|line| !line.starts_with("| code |"))
        .skip(2)
        .take_while(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.trim_start_matches("| ").split(" | ").next());
    cells.flat_map(|cell| cell.split(", ")).filter_map(|code| code.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{PAGE, README, check};
    use crate::Tree;

    #[test]
    fn both_tables_have_the_same_codes() {
        let page = "| code | when |\n|---|---|\n| 78 | x |\n| 74 | y |\n| 0 | z |\n\n| 5 | no |\n";
        let short = "# E\n\n| code | meaning |\n|---|---|\n| 0 | done |\n| 74, 78 | not |\n";
        let found = |readme: &str| {
            let tree = Tree::of(&[(PAGE, page), (README, readme)]);
            check(&tree).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(found(short).is_empty());
        assert_eq!(
            found(&short.replace("74, 78", "75, 78")),
            [
                "README.md: exit code 74 is missing, which specs/exit-codes.md has",
                "specs/exit-codes.md: exit code 75 is missing, which README.md has",
            ]
        );
        assert_eq!(found("").len(), 3, "a table that is gone");
    }
}
