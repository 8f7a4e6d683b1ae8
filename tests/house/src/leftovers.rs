//! A run of the tests leaves the tree as it was: what the snapshot tool leaves behind is refused.

use crate::{Finding, Tree};

/// Ends of the names of files that `insta` writes for a review, which is done with the change and
/// not kept with the sources.
const LEFT: [&str; 2] = [".pending-snap", ".snap.new"];

/// Files that a run of the tests left.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let left = LEFT.iter().flat_map(|end| tree.files("", end));
    let message = "a run of the tests left this: take over what is right, and remove it";
    left.map(|(path, _)| Finding::whole(path, message)).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    #[test]
    fn pending_snapshots_are_found_and_snapshots_are_not() {
        let tree = Tree::of(&[
            ("tests/suites/cli/.documents.rs.pending-snap", "{}"),
            ("tests/suites/snapshots/plan.snap", ""),
            ("tests/suites/snapshots/plan.snap.new", ""),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        let left =
            ["tests/suites/cli/.documents.rs.pending-snap", "tests/suites/snapshots/plan.snap.new"];
        assert_eq!(paths, left);
    }
}
