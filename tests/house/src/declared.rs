//! A source file that no `mod` names is never compiled, and its tests never run.

use crate::{Finding, Rust, Token, Tree};

/// Folders whose files must all be compiled.
const ROOTS: [&str; 3] = ["engine/", "plugins/", "tests/"];

/// Source files that nothing declares.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let files = ROOTS.iter().flat_map(|root| tree.files(root, ".rs"));
    files
        .filter(|(path, _)| !is_root(tree, path) && !is_declared(tree, path))
        .map(|(path, _)| Finding::whole(path, "no `mod` names this file, so nothing compiles it"))
        .collect()
}

/// Files that cargo finds by itself or by a path in a manifest.
fn is_root(tree: &Tree, path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let found_by_cargo = matches!(file, "lib.rs" | "main.rs" | "build.rs")
        || ["/src/bin/", "/benches/", "/examples/"].iter().any(|folder| path.contains(folder));
    let quoted = format!("\"{file}\"");
    found_by_cargo
        || tree.files("", "Cargo.toml").any(|(_, text)| {
            text.lines().any(|line| line.starts_with("path") && line.ends_with(&quoted))
        })
}

fn is_declared(tree: &Tree, path: &str) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let (parents, name) = if stem == "mod" {
        let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        (above, name)
    } else {
        (folder, stem)
    };
    let beside = ["mod.rs", "lib.rs", "main.rs"].map(|root| format!("{parents}/{root}"));
    let above = format!("{parents}.rs");
    let mut declaring = beside.iter().chain([&above]).filter_map(|parent| tree.text(parent));
    if declaring.any(|text| declares(text, name)) {
        return true;
    }
    let prefix = format!("{folder}/");
    tree.files(&prefix, ".rs").any(|(_, text)| takes_by_path(text, file))
}

/// Whether the text has `mod name;`.
fn declares(text: &str, name: &str) -> bool {
    let rust = Rust::read(text);
    let wanted = [Token::Word("mod"), Token::Word(name), Token::Sign(';')];
    rust.tokens().windows(3).any(|three| three.iter().map(|(_, token)| *token).eq(wanted))
}

/// Whether the text has `#[path = "file"]`.
fn takes_by_path(text: &str, file: &str) -> bool {
    let rust = Rust::read(text);
    rust.tokens().windows(3).any(|three| {
        three[0].1 == Token::Word("path")
            && three[1].1 == Token::Sign('=')
            && matches!(three[2].1, Token::Text(text) if text == file)
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    #[test]
    fn a_forgotten_file_is_found() {
        let tree = Tree::of(&[
            ("tests/suites/main.rs", "mod real;\nmod sync;"),
            ("tests/suites/real.rs", ""),
            ("tests/suites/sync/mod.rs", "mod resume;"),
            ("tests/suites/sync/resume.rs", "#[path = \"resume_tests.rs\"]\nmod tests;"),
            ("tests/suites/sync/resume_tests.rs", ""),
            ("tests/suites/forgotten.rs", "// mod forgotten;"),
            ("tests/suites/sync/lost.rs", ""),
            ("tests/odd/entry.rs", ""),
            ("tests/odd/Cargo.toml", "path = \"entry.rs\""),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["tests/suites/forgotten.rs", "tests/suites/sync/lost.rs"]);
    }
}
