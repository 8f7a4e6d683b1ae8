//! The floor `plan` decides and does nothing else: it waits for nothing, opens no place and knows no
//! component.

use crate::{Finding, Rust, Token, Tree};

const FLOOR: &str = "engine/src/plan/";

/// Words of whatever waits or asks.
const BANNED: [&str; 4] = ["async", "tokio", "Session", "Roles"];

/// What the floor may use of `companion`, which asks places otherwise.
const PURE_PART: &str = "names";

/// Words in `plan` that make it more than a function from facts to a plan.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files(FLOOR, ".rs") {
        let rust = Rust::read(text);
        let tokens = rust.tokens();
        for (at, (line, token)) in tokens.iter().enumerate() {
            let Token::Word(word) = token else { continue };
            if BANNED.contains(word) {
                let message = format!("`plan` is pure and names no `{word}`");
                findings.push(Finding::at(path, *line, message));
            }
            if *word == "companion" && follows_crate(tokens, at) && !names_pure_part(tokens, at) {
                let message = format!("`plan` may use `companion::{PURE_PART}` only");
                findings.push(Finding::at(path, *line, message));
            }
        }
    }
    findings
}

/// Whether the word at `at` is a floor: it stands after `crate::`, or in a group after that.
fn follows_crate(tokens: &[(usize, Token)], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|at| tokens[at].1);
    matches!(
        (before(1), before(2)),
        (Some(Token::Path), Some(Token::Word("crate"))) | (Some(Token::Sign('{' | ',')), _)
    )
}

fn names_pure_part(tokens: &[(usize, Token)], at: usize) -> bool {
    let after = tokens.get(at + 1..at + 3).unwrap_or_default();
    matches!(after, [(_, Token::Path), (_, Token::Word(part))] if *part == PURE_PART)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    fn findings(text: &str) -> Vec<String> {
        let tree = Tree::of(&[("engine/src/plan/make.rs", text)]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_only_decides_passes() {
        let text = "//! Never async; no Session.\nuse crate::companion::names::tag;\n\
            /// What a companion is.\npub fn make(companion: &str) { f(companion, 1); }";
        assert_eq!(findings(text), Vec::<String>::new());
        let elsewhere = Tree::of(&[("engine/src/survey/a.rs", "async fn f(s: &dyn Session) {}")]);
        assert!(check(&elsewhere).is_empty());
    }

    #[test]
    fn what_waits_or_asks_is_refused_with_its_line() {
        for planted in [
            "pub async fn make() {}",
            "use tokio::sync::Mutex;",
            "use crate::role::{Edited, Session};",
            "fn make(roles: &Roles) {}",
            "#[tokio::test] fn f() {}",
            "use crate::companion::{names, Referrers};",
            "use crate::companion::Referrers;",
            "use crate::{companion, oci};",
        ] {
            let found = findings(&format!("// fine\n{planted}\n"));
            assert_eq!(found.len(), 1, "{planted}: {found:?}");
            assert!(found[0].starts_with("engine/src/plan/make.rs:2: "), "{found:?}");
        }
    }
}
