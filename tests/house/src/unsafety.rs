//! `unsafe` stands in two kinds of files and nowhere else, but for one hostile guest.

use crate::{Finding, Rust, Token, Tree};

/// The one file of the host that maps compiled code.
const COMPILED: &str = "engine/src/host/store/compiled.rs";

/// The hostile guest that breaks the rules of its own memory, which safe code cannot.
const CROOKED: &str = "tests/guests/crooked/src/lib.rs";

/// `unsafe`, and permission for it, outside of its files.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files("", ".rs").filter(|(path, _)| !may_be_unsafe(path)) {
        for (line, token) in Rust::read(text).tokens() {
            if matches!(token, Token::Word("unsafe" | "unsafe_code")) {
                let message =
                    format!("`unsafe` stands in bindings.rs of a plugin and in {COMPILED}");
                findings.push(Finding::at(path, *line, message));
            }
        }
    }
    findings
}

fn may_be_unsafe(path: &str) -> bool {
    [COMPILED, CROOKED].contains(&path)
        || (path.starts_with("plugins/") && path.ends_with("/src/bindings.rs"))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    #[test]
    fn unsafe_is_found_outside_of_its_files() {
        let tree = Tree::of(&[
            ("engine/src/host/store/compiled.rs", "unsafe {}"),
            ("plugins/transport-x/src/bindings.rs", "#![expect(unsafe_code)] unsafe {}"),
            ("plugins/transport-x/src/lib.rs", "// unsafe\nfn f() { unsafe {} }"),
            ("engine/src/host/load.rs", "#[expect(unsafe_code)]\nfn f() {}"),
        ]);
        let places: Vec<_> = check(&tree).into_iter().map(|f| (f.path, f.line)).collect();
        assert_eq!(
            places,
            [
                ("engine/src/host/load.rs".to_owned(), 1),
                ("plugins/transport-x/src/lib.rs".to_owned(), 2)
            ]
        );
    }
}
