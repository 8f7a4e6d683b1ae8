//! Files stay small enough to be read in one go.

use crate::{Finding, Tree};

/// Lines of the largest source file, its unit tests included.
pub const MAX_LINES: usize = 400;

/// Lines of the largest `main.rs` of the engine: everything else is in the library.
pub const MAX_MAIN_LINES: usize = 15;

/// Source files that are too long.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let sources = tree.files("", ".rs").filter(|(path, _)| !path.ends_with("/bindings.rs"));
    sources
        .filter_map(|(path, text)| {
            let limit = if path == "engine/src/main.rs" { MAX_MAIN_LINES } else { MAX_LINES };
            let lines = text.lines().count();
            let message = format!("{lines} lines; the limit is {limit}: what is its second noun?");
            (lines > limit).then(|| Finding::whole(path, message))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, MAX_MAIN_LINES, check};
    use crate::Tree;

    #[test]
    fn the_limit_passes_and_one_line_more_does_not() {
        let long = "x\n".repeat(MAX_LINES + 1);
        let main = "x\n".repeat(MAX_MAIN_LINES + 1);
        let fine = "x\n".repeat(MAX_LINES);
        let tree = Tree::of(&[
            ("engine/src/plan/make.rs", &long),
            ("engine/src/plan/item.rs", &fine),
            ("engine/src/main.rs", &main),
            ("plugins/transport-x/src/bindings.rs", &long),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["engine/src/main.rs", "engine/src/plan/make.rs"]);
    }
}
