//! What is done about a fault follows from its kind, its origin and whether again helps, or from one
//! code as a whole: never from the text of a code.

use crate::declared::is_for_tests;
use crate::{Finding, Rust, Token, Tree};

/// Methods that look into a text.
const LOOKS: [&str; 12] = [
    "starts_with",
    "ends_with",
    "contains",
    "strip_prefix",
    "strip_suffix",
    "split",
    "split_once",
    "rsplit",
    "rsplit_once",
    "eq",
    "matches",
    "find",
];

/// Places in the engine that look into the text of a code, tests excepted.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.files("engine/src/", ".rs").filter(|(path, _)| !is_for_tests(tree, path));
    let mut findings = Vec::new();
    for (path, text) in files {
        let rust = Rust::read(text).without_tests();
        for at in 0..rust.tokens().len() {
            if looks(rust.tokens(), at) {
                let message = "a fault is told by its kind, or by `is` with a whole code";
                findings.push(Finding::at(path, rust.tokens()[at].0, message));
            }
        }
    }
    findings
}

/// Whether `.code` stands at `at` and what follows, or stands before, asks for its text.
fn looks(tokens: &[(usize, Token)], at: usize) -> bool {
    let token = |at: usize| tokens.get(at).map(|(_, token)| *token);
    if token(at) != Some(Token::Sign('.')) || token(at + 1) != Some(Token::Word("code")) {
        return false;
    }
    let mut next = at + 2;
    while token(next) == Some(Token::Sign('.'))
        && matches!(token(next + 1), Some(Token::Word("as_ref" | "as_str" | "clone")))
    {
        next += 4;
    }
    let is_text = |at: usize| {
        let at = if token(at) == Some(Token::Sign('&')) { at + 1 } else { at };
        matches!(token(at), Some(Token::Text(_)))
    };
    match token(next) {
        // `match fault.code {`
        Some(Token::Sign('{')) => true,
        // `matches!(fault.code.as_ref(), "…")`
        Some(Token::Sign(',')) => {
            is_text(next + 1)
                && tokens[..at]
                    .iter()
                    .rev()
                    .take(6)
                    .any(|(_, token)| *token == Token::Word("matches"))
        }
        Some(Token::Sign('=' | '!')) => {
            token(next + 1) == Some(Token::Sign('=')) && is_text(next + 2)
        }
        Some(Token::Sign('.')) => {
            matches!(token(next + 1), Some(Token::Word(method)) if LOOKS.contains(&method))
        }
        _ => {
            // `"…" == fault.code`
            at >= 4 && is_text(at - 4) && token(at - 3) == Some(Token::Sign('='))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    #[test]
    fn looking_into_a_code_is_refused() {
        for source in [
            "if fault.code == \"x::y\" {}",
            "if fault.code != \"x::y\" {}",
            "if fault.code.as_ref() == \"x::y\" {}",
            "if \"x::y\" == fault.code {}",
            "fault.code.ends_with(\"::y\")",
            "fault.code.as_ref().split_once(sign)",
            "match fault.code.as_ref() { _ => {} }",
            "matches!(fault.code.as_ref(), \"x::y\" | \"x::z\")",
        ] {
            let found = check(&Tree::of(&[("engine/src/plan/make.rs", source)]));
            assert_eq!(found.len(), 1, "{source}: {found:?}");
        }
    }

    #[test]
    fn whole_codes_and_tests_may_be_compared() {
        let source = "fault.is(codes::X); a.code == b.code; status.code() == \"x\";\n\
            show(fault.code, \"x\");\n\
            #[cfg(test)] mod tests { fn f() { assert!(fault.code == \"x::y\"); } }";
        assert_eq!(check(&Tree::of(&[("engine/src/plan/make.rs", source)])), []);
    }
}
