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
    declaring(tree, path).is_some()
}

/// Whether a file is compiled for tests only: it, or a module above it, stands under
/// `#[cfg(test)]` where it is declared.
pub fn is_for_tests(tree: &Tree, path: &str) -> bool {
    match declaring(tree, path) {
        None => false,
        Some((_, true)) => true,
        Some((parent, false)) => !is_root(tree, parent) && is_for_tests(tree, parent),
    }
}

/// The file that declares this one, and whether it does so for tests only.
fn declaring<'a>(tree: &'a Tree, path: &str) -> Option<(&'a str, bool)> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let (parents, name) = match stem {
        "mod" => folder.rsplit_once('/').unwrap_or(("", folder)),
        _ => (folder, stem),
    };
    let beside = ["mod.rs", "lib.rs", "main.rs"].map(|root| format!("{parents}/{root}"));
    let above = format!("{parents}.rs");
    let by_name = tree.files("", ".rs").find_map(|(parent, text)| {
        let may = above == parent || beside.iter().any(|beside| beside == parent);
        (may && declares(&Rust::read(text), name))
            .then(|| (parent, !declares(&Rust::read(text).without_tests(), name)))
    });
    by_name.or_else(|| {
        tree.files("", ".rs").filter(|(_, text)| text.contains(file)).find_map(|(parent, text)| {
            takes_by_path(&Rust::read(text), parent, path)
                .then(|| (parent, !takes_by_path(&Rust::read(text).without_tests(), parent, path)))
        })
    })
}

/// Whether the text has `mod name;`.
fn declares(rust: &Rust, name: &str) -> bool {
    let wanted = [Token::Word("mod"), Token::Word(name), Token::Sign(';')];
    rust.tokens().windows(3).any(|three| three.iter().map(|(_, token)| *token).eq(wanted))
}

/// Whether `parent` takes `file` by `#[path = "…"]`.
fn takes_by_path(rust: &Rust, parent: &str, file: &str) -> bool {
    let folder = parent.rsplit_once('/').map_or("", |(folder, _)| folder);
    rust.tokens().windows(3).any(|three| {
        three[0].1 == Token::Word("path")
            && three[1].1 == Token::Sign('=')
            && matches!(three[2].1, Token::Text(text) if join(folder, text) == file)
    })
}

/// A path relative to a folder, without `.` and `..`.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{check, is_for_tests};
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
    #[test]
    fn a_file_for_another_package_is_declared_by_its_path() {
        let tree = Tree::of(&[
            ("engine/build.rs", "#[path = \"../engine/./src/host/config.rs\"] mod config;"),
            ("engine/src/host/config.rs", ""),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn what_stands_under_a_module_for_tests_is_for_tests() {
        let tree = Tree::of(&[
            ("engine/src/lib.rs", "pub mod plan;"),
            ("engine/src/plan/mod.rs", "#[cfg(test)]\nmod fake;\nmod make;"),
            ("engine/src/plan/fake/mod.rs", "mod registry;"),
            ("engine/src/plan/fake/registry.rs", ""),
            ("engine/src/plan/make.rs", "#[cfg(test)]\n#[path = \"check.rs\"]\nmod tests;"),
            ("engine/src/plan/check.rs", ""),
        ]);
        let found: Vec<_> = tree
            .files("engine/src/", ".rs")
            .filter(|(path, _)| is_for_tests(&tree, path))
            .map(|(path, _)| path.trim_start_matches("engine/src/plan/"))
            .collect();
        assert_eq!(found, ["check.rs", "fake/mod.rs", "fake/registry.rs"]);
    }
}
