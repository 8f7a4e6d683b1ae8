//! Every plugin looks the same from outside.

use crate::{Finding, Tree};

/// The roles that a plugin's folder may start with.
const ROLES: [&str; 5] = ["transport-", "signer-", "policy-", "filter-", "transform-"];

/// The files that every plugin has.
const FILES: [&str; 5] =
    ["Cargo.toml", "src/lib.rs", "plugin.toml", "settings.schema.json", "README.md"];

/// The headings of every plugin's README, in this order.
const HEADINGS: [&str; 5] = ["What it does", "Settings", "Wants", "Errors", "Example"];

/// Plugins that look different.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let ours = tree.folders("plugins/").into_iter().map(|name| ("plugins", name));
    let examples =
        tree.folders("examples/plugin/").into_iter().map(|name| ("examples/plugin", name));
    for (home, name) in ours.chain(examples).filter(|(_, name)| *name != "sdk") {
        let folder = format!("{home}/{name}");
        if !ROLES.iter().any(|role| name.starts_with(role)) {
            findings.push(Finding::whole(&folder, "the name does not start with a role"));
        }
        for file in FILES {
            if tree.text(&format!("{folder}/{file}")).is_none() {
                findings.push(Finding::whole(&folder, format!("`{file}` is missing")));
            }
        }
        for manifest in ["Cargo.toml", "plugin.toml"] {
            let path = format!("{folder}/{manifest}");
            if let Some(text) = tree.text(&path).filter(|text| !has_name(text, name)) {
                let line = text.lines().position(|line| line.starts_with("name")).unwrap_or(0);
                let message = format!("the name is not that of the folder, `{name}`");
                findings.push(Finding::at(&path, line + 1, message));
            }
        }
        let readme = format!("{folder}/README.md");
        if tree.text(&readme).is_some_and(|text| headings(text) != HEADINGS) {
            let message = format!("the headings are not {}", HEADINGS.join(", "));
            findings.push(Finding::whole(&readme, message));
        }
    }
    findings
}

fn has_name(manifest: &str, name: &str) -> bool {
    let wanted = format!("name=\"{name}\"");
    manifest.lines().any(|line| line.replace(' ', "") == wanted)
}

/// The second-level headings outside of code blocks.
fn headings(readme: &str) -> Vec<&str> {
    let prose = readme.split("\n```").step_by(2);
    prose.flat_map(str::lines).filter_map(|line| line.strip_prefix("## ")).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    const README: &str = "# x\n## What it does\n## Settings\n## Wants\n## Errors\n## Example\n\
        \n```yaml\n## no heading\n```\n";

    fn complete() -> Vec<(&'static str, &'static str)> {
        vec![
            ("plugins/transport-x/Cargo.toml", "[package]\nname = \"transport-x\"\n"),
            ("plugins/transport-x/src/lib.rs", ""),
            ("plugins/transport-x/plugin.toml", "name = \"transport-x\"\n"),
            ("plugins/transport-x/settings.schema.json", "{}"),
            ("plugins/transport-x/README.md", README),
            ("plugins/sdk/Cargo.toml", "[package]\nname = \"sdk\"\n"),
        ]
    }

    #[test]
    fn a_complete_plugin_passes() {
        assert_eq!(check(&Tree::of(&complete())), []);
    }

    #[test]
    fn a_missing_file_is_found() {
        for missing in 0..5 {
            let mut files = complete();
            let (path, _) = files.remove(missing);
            let found = check(&Tree::of(&files));
            assert_eq!(found.len(), 1, "{path}");
            assert!(path.ends_with(found[0].message.split('`').nth(1).unwrap()));
        }
    }

    #[test]
    fn other_names_and_headings_are_found() {
        let mut files = complete();
        files[2].1 = "\nname = \"transport-y\"";
        files[4].1 = "## Settings\n## What it does\n";
        files.push(("plugins/thing/Cargo.toml", "name = \"thing\""));
        let found: Vec<String> = check(&Tree::of(&files)).iter().map(ToString::to_string).collect();
        assert!(found.contains(&"plugins/thing: the name does not start with a role".to_owned()));
        assert!(found.iter().any(|f| f.starts_with("plugins/transport-x/plugin.toml:2:")));
        assert!(found.iter().any(|f| f.starts_with("plugins/transport-x/README.md: the headings")));
    }
}
