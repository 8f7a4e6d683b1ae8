//! A `mod.rs` is a table of contents: docs, `mod`, `use`, nothing else.

use crate::{Finding, Rust, Token, Tree};

/// Items in a `mod.rs` that are more than a table of contents.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files("", "/mod.rs") {
        let rust = Rust::read(text);
        for (line, item) in items(rust.tokens()) {
            if !is_contents(&item) {
                let message = "a mod.rs has docs, `mod` and `pub use` only";
                findings.push(Finding::at(path, line, message));
            }
        }
    }
    findings
}

/// The items of a file without their attributes, with the line each starts on.
fn items<'a>(tokens: &[(usize, Token<'a>)]) -> Vec<(usize, Vec<Token<'a>>)> {
    let mut items = Vec::new();
    let mut item: Vec<Token> = Vec::new();
    let mut start = 0;
    let mut braces = 0_usize;
    let mut attribute = 0_usize;
    for (at, (line, token)) in tokens.iter().enumerate() {
        let opens_attribute = *token == Token::Sign('#')
            && matches!(tokens.get(at + 1), Some((_, Token::Sign('[' | '!'))));
        match token {
            Token::Sign('[') if attribute > 0 || item.is_empty() => attribute += 1,
            Token::Sign(']') if attribute > 0 => attribute -= 1,
            _ if attribute > 0 || opens_attribute => {}
            Token::Sign('!') if item.is_empty() => {}
            _ => {
                if item.is_empty() {
                    start = *line;
                }
                item.push(*token);
                match token {
                    Token::Sign('{' | '[' | '(') => braces += 1,
                    Token::Sign('}' | ']' | ')') => braces = braces.saturating_sub(1),
                    _ => {}
                }
                let is_use = item.contains(&Token::Word("use"));
                let ends = *token == Token::Sign(';') || (*token == Token::Sign('}') && !is_use);
                if ends && braces == 0 {
                    items.push((start, std::mem::take(&mut item)));
                }
            }
        }
    }
    items
}

fn is_contents(item: &[Token]) -> bool {
    // After `pub`, `pub(super)` or `pub(in crate::floor)`.
    let public = item.first() == Some(&Token::Word("pub"));
    let limited = public && item.get(1) == Some(&Token::Sign('('));
    let end = item.iter().position(|token| *token == Token::Sign(')')).filter(|_| limited);
    let mut words = item.iter().skip(end.map_or(usize::from(public), |end| end + 1));
    match words.next() {
        Some(Token::Word("use")) => item.first() != Some(&Token::Word("use")),
        Some(Token::Word("mod")) => !item.contains(&Token::Sign('{')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    #[test]
    fn docs_modules_and_reexports_pass() {
        let text = "//! Docs.\n#![expect(x)]\nmod a;\n/// b\n#[cfg(test)]\n#[path = \"b.rs\"]\n\
            pub(crate) mod b;\npub(in crate::plan) mod c;\npub use a::{X,\n Y};\npub(super) use b::Z;\n";
        assert!(check(&Tree::of(&[("engine/src/plan/mod.rs", text)])).is_empty());
    }

    #[test]
    fn anything_else_is_refused_with_its_line() {
        for item in ["fn f() {}", "const X: [u8; 1] = [0];", "use a::X;", "mod t { }", "impl X {}"]
        {
            let text = format!("//! Docs.\nmod a;\n\n{item}\n");
            let found = check(&Tree::of(&[("engine/src/plan/mod.rs", text.as_str())]));
            assert_eq!(found.len(), 1, "{item}: {found:?}");
            assert_eq!(found[0].line, 4);
        }
    }
}
