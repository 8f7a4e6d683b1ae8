//! The homes of outside packages: each may be named in one floor only.
//!
//! A package that stands in one place can be replaced in one place. Plugins may stand on nothing
//! but their SDK and serde, so that what ours can do, a stranger's can do too.

use crate::floors::{ARCHITECTURE, place};
use crate::{Finding, Rust, Table, Token, Tree};

/// What a plugin may stand on.
const PLUGIN_PACKAGES: [&str; 3] = ["engine_plugin_sdk", "serde", "serde_json"];

/// Packages outside of their homes, and packages without one.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(homes) = Homes::read(tree) else {
        return vec![Finding::whole(ARCHITECTURE, "the table of homes is missing")];
    };
    let mut findings = homes.without_a_row(tree);
    let packages = dependencies(tree, "engine/Cargo.toml", &["dependencies"]);
    for (path, text) in tree.files("engine/src/", ".rs") {
        let Some((floor, _)) = place(path) else { continue };
        findings.extend(homes.strangers(path, text, floor, &packages));
    }
    let packages = dependencies(tree, "engine/oci/Cargo.toml", &["dependencies"]);
    for (path, text) in tree.files("engine/oci/src/", ".rs") {
        findings.extend(homes.strangers(path, text, "oci", &packages));
    }
    findings.extend(plugins(tree));
    findings
}

struct Homes {
    rows: Vec<(String, Vec<String>)>,
    anywhere: Vec<String>,
}

impl Homes {
    fn read(tree: &Tree) -> Option<Self> {
        let text = tree.text(ARCHITECTURE)?;
        let table = Table::find(text, "home")?;
        let rows = table
            .rows()
            .filter_map(|(_, cells)| Some((cells[0].first()?.clone(), cells.get(1)?.clone())))
            .collect();
        let prose = text.split_once("## Homes of dependencies")?.1.split_once("\n|")?.0;
        let anywhere = prose.split('`').skip(1).step_by(2).map(|word| word.replace('-', "_"));
        Some(Self { rows, anywhere: anywhere.collect() })
    }

    fn of(&self, package: &str) -> Option<&str> {
        let row = self.rows.iter().find(|(_, packages)| packages.iter().any(|p| p == package))?;
        Some(&row.0)
    }

    fn is_free(&self, package: &str) -> bool {
        self.anywhere.iter().any(|free| free == package)
    }

    /// Dependencies of the engine that no row names.
    fn without_a_row(&self, tree: &Tree) -> Vec<Finding> {
        let mut findings = Vec::new();
        for manifest in ["engine/Cargo.toml", "engine/oci/Cargo.toml"] {
            for (line, package) in dependencies(tree, manifest, &["dependencies"]) {
                let known = self.is_free(&package) || self.of(&package).is_some();
                if !known && package != "engine_oci" {
                    let message = format!("`{package}` has no home in {ARCHITECTURE}");
                    findings.push(Finding::at(manifest, line, message));
                }
            }
        }
        findings
    }

    fn strangers(
        &self,
        path: &str,
        text: &str,
        floor: &str,
        packages: &[(usize, String)],
    ) -> Vec<Finding> {
        let rust = Rust::read(text);
        let tokens = rust.tokens();
        let mut findings = Vec::new();
        for (at, (line, token)) in tokens.iter().enumerate() {
            let Token::Word(word) = token else { continue };
            let names_it = names_a_package(tokens, at);
            if !names_it || self.is_free(word) || !packages.iter().any(|(_, name)| name == word) {
                continue;
            }
            if let Some(home) = self.of(word).filter(|home| *home != floor) {
                let message = format!("`{word}` may stand in `{home}` only, not in `{floor}`");
                findings.push(Finding::at(path, *line, message));
            }
        }
        findings
    }
}

/// Whether the word at `at` starts a path, or is imported as a whole.
fn names_a_package(tokens: &[(usize, Token)], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| tokens[before].1);
    let after = tokens.get(at + 1).map(|(_, token)| *token);
    let imported = matches!(before, Some(Token::Word("use" | "crate")))
        && matches!(after, Some(Token::Sign(';') | Token::Word("as")));
    let first = match before {
        Some(Token::Path) => at.checked_sub(2).is_none_or(|at| !ends_a_path(tokens[at].1)),
        _ => true,
    };
    first && (after == Some(Token::Path) || imported)
}

/// `x::` goes on a path; a lone `::` starts one.
fn ends_a_path(token: Token) -> bool {
    match token {
        Token::Word(word) => !matches!(word, "use" | "return" | "in" | "as" | "dyn" | "impl"),
        Token::Sign(sign) => sign == '>',
        Token::Text(_) | Token::Path => false,
    }
}

/// The names in the given tables of a manifest, as Rust writes them, with their lines.
fn dependencies(tree: &Tree, manifest: &str, tables: &[&str]) -> Vec<(usize, String)> {
    let mut open = false;
    let mut found = Vec::new();
    for (line, text) in tree.text(manifest).unwrap_or_default().lines().enumerate() {
        let text = text.trim();
        if let Some(table) = text.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            open = tables.iter().any(|name| table == *name || table.ends_with(&format!(".{name}")));
            let own = tables.iter().find_map(|name| table.strip_prefix(&format!("{name}.")));
            found.extend(own.map(|package| (line + 1, package.replace('-', "_"))));
        } else if open && !text.is_empty() && !text.starts_with('#') {
            let name = text.split(['.', '=', ' ']).next().unwrap_or_default();
            found.push((line + 1, name.replace('-', "_")));
        }
    }
    found
}

/// Plugins that stand on more than they may.
fn plugins(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in tree.folders("plugins/").into_iter().filter(|folder| *folder != "sdk") {
        let manifest = format!("plugins/{folder}/Cargo.toml");
        let tables = ["dependencies", "build-dependencies"];
        for (line, package) in dependencies(tree, &manifest, &tables) {
            if !PLUGIN_PACKAGES.contains(&package.as_str()) {
                let message = format!("a plugin may not stand on `{package}`");
                findings.push(Finding::at(&manifest, line, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    const PAGE: &str = "## Homes of dependencies\n\n`serde` and `async-trait` are free.\n\n\
        | home | packages |\n|---|---|\n| `spec` | `serde_yaml` |\n| `oci` | `sha2` |\n";
    const CARGO: &str = "[dependencies]\nserde.workspace = true\nserde_yaml.workspace = true\n\
        sha2.workspace = true\n[dev-dependencies]\nother = \"1\"\n";

    fn findings(path: &str, text: &str) -> Vec<String> {
        let page = ("specs/architecture.md", PAGE);
        let tree = Tree::of(&[page, ("engine/Cargo.toml", CARGO), (path, text)]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn at_home_and_free_packages_pass() {
        let text = "use serde::X; use serde_yaml::Value; fn f() { x.sha2(); a::sha2::b(); }";
        assert!(findings("engine/src/spec/model.rs", text).is_empty());
    }

    #[test]
    fn away_from_home_is_refused() {
        for text in
            ["use serde_yaml::Value;", "use serde_yaml as y;", "fn f(v: ::serde_yaml::V) {}"]
        {
            let found = findings("engine/src/plan/make.rs", text);
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].starts_with("engine/src/plan/make.rs:1: `serde_yaml` may stand in"));
        }
    }

    #[test]
    fn a_package_without_a_home_is_refused() {
        let found = findings("engine/oci/Cargo.toml", "[dependencies]\nrand = \"1\"\n");
        assert_eq!(found, ["engine/oci/Cargo.toml:2: `rand` has no home in specs/architecture.md"]);
    }

    #[test]
    fn a_plugin_stands_on_the_sdk_only() {
        let text = "[dependencies]\nengine-plugin-sdk.workspace = true\n# why\nreqwest = \"1\"\n\
            [target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n[dependencies.url]\n";
        let found = findings("plugins/transport-x/Cargo.toml", text);
        let expected = [(4, "reqwest"), (6, "libc"), (7, "url")].map(|(line, package)| {
            format!("plugins/transport-x/Cargo.toml:{line}: a plugin may not stand on `{package}`")
        });
        assert_eq!(found, expected);
    }
}
