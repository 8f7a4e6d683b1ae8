//! No file says where somebody's machine keeps things.

use crate::{Finding, Tree};

/// Starts of paths that exist on one machine only. In two halves, as this file is looked at too.
const MACHINE: [[&str; 2]; 4] = [["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"], ["/Us", "ers/"]];

/// Lines with a path of one machine.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files("", "").filter(|(path, _)| !path.ends_with("Cargo.lock")) {
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = MACHINE.iter().map(|start| start.concat()).find(|start| {
                line.match_indices(start.as_str()).any(|(at, _)| is_absolute(&line[..at]))
            }) {
                let message = format!("a path of one machine: `{found}…`");
                findings.push(Finding::at(path, number + 1, message));
            }
        }
    }
    findings
}

/// Whether a path that follows `before` starts there: `repo/work/x` and `https://host/home/x` do not.
fn is_absolute(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || "-_.~}>)]*/".contains(c))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    #[test]
    fn absolute_paths_are_found_and_relative_ones_are_not() {
        let bad = ["// fine\nlet x = \"/ho", "me/me/x\";"].concat();
        let good = "see docs/home/x and https://host/work/x and /tmp/x and $TMP/work/x";
        let tree = Tree::of(&[("a.rs", &bad), ("b.md", good)]);
        let found = check(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].path.as_str(), found[0].line), ("a.rs", 2));
    }
}
