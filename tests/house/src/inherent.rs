//! The methods of a type stand in the file that declares it.
//!
//! A type whose methods are spread over files is a bag: each file reaches through it for whatever
//! it likes, and no file can be read alone.

use crate::declared::is_for_tests;
use crate::{Finding, Rust, Token, Tree};
use std::collections::BTreeSet;

/// The floors that are held to it.
const FLOORS: [&str; 2] = ["engine/src/survey/", "engine/src/http/"];

/// Types whose methods are spread still, each to be mended by whoever works on its floor.
const LEFT: [&str; 1] = ["Client"];

/// Inherent implementations of types that the file does not declare.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in FLOORS.iter().flat_map(|floor| tree.files(floor, ".rs")) {
        if is_for_tests(tree, path) {
            continue;
        }
        let rust = Rust::read(text).without_tests();
        let declared = declared(rust.tokens());
        for (line, name) in implemented(rust.tokens()) {
            if !declared.contains(name) && !LEFT.contains(&name) {
                let message = format!("methods of `{name}` stand in the file that declares it");
                findings.push(Finding::at(path, line, message));
            }
        }
    }
    findings
}

/// The types that a file declares.
fn declared<'a>(tokens: &[(usize, Token<'a>)]) -> BTreeSet<&'a str> {
    let pairs = tokens.windows(2).filter_map(|pair| match (pair[0].1, pair[1].1) {
        (Token::Word("struct" | "enum" | "union"), Token::Word(name)) => Some(name),
        _ => None,
    });
    pairs.collect()
}

/// The types that a file implements without a trait, with their lines.
fn implemented<'a>(tokens: &[(usize, Token<'a>)]) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (at, (line, token)) in tokens.iter().enumerate() {
        // `impl` as an item, not in a type: `-> impl Trait`, `x: impl Trait`.
        let starts = matches!(
            at.checked_sub(1).map(|before| tokens[before].1),
            None | Some(Token::Sign('}' | ';' | ']' | '{') | Token::Word("unsafe"))
        );
        if *token != Token::Word("impl") || !starts {
            continue;
        }
        if let Some(name) = subject(&tokens[at + 1..]) {
            found.push((*line, name));
        }
    }
    found
}

/// The type after an `impl`; `None` where a trait is implemented.
fn subject<'a>(head: &[(usize, Token<'a>)]) -> Option<&'a str> {
    let mut depth = 0_usize;
    let mut name = None;
    let mut arrow = false;
    for (_, token) in head {
        match token {
            Token::Sign('<') => depth += 1,
            Token::Sign('>') if !arrow => depth = depth.saturating_sub(1),
            Token::Word("for") if depth == 0 => return None,
            Token::Word("where") | Token::Sign('{') if depth == 0 => break,
            // The last word of a path is the type's name.
            Token::Word(word) if depth == 0 => name = Some(*word),
            _ => {}
        }
        arrow = *token == Token::Sign('-');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    const MOD: (&str, &str) = ("engine/src/survey/mod.rs", "mod a;\nmod b;\n#[cfg(test)] mod c;");

    fn findings(text: &str) -> Vec<String> {
        let own = ("engine/src/survey/a.rs", "pub struct Bag<'a>(&'a str); impl Bag<'_> {}");
        let tree = Tree::of(&[MOD, own, ("engine/src/survey/b.rs", text)]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn own_types_and_traits_pass() {
        for text in [
            "struct Own; impl Own { fn f() -> impl Fn() { || () } }",
            "enum Own<T> { A(T) } impl<T: Fn() -> u8> Own<T> where T: Copy {}",
            "use super::a::Bag; impl Default for Bag<'_> {} impl From<Bag<'_>> for u8 {}",
            "mod tests { struct Own; impl Own {} }",
            "#[cfg(test)] mod tests { use super::Bag; impl Bag<'_> {} }",
        ] {
            assert_eq!(findings(text), Vec::<String>::new(), "{text}");
        }
        let test_file = ("engine/src/survey/c.rs", "use super::a::Bag; impl Bag<'_> {}");
        assert!(check(&Tree::of(&[MOD, test_file])).is_empty());
    }

    #[test]
    fn methods_of_a_type_of_another_file_are_refused_with_their_line() {
        for planted in [
            "impl Bag<'_> { fn f() {} }",
            "impl<'a> super::a::Bag<'a> {}",
            "struct Own; impl Own {} impl Bag<'_> where u8: Copy {}",
        ] {
            let found = findings(&format!("use super::a::Bag;\n{planted}"));
            let expected =
                "engine/src/survey/b.rs:2: methods of `Bag` stand in the file that declares it";
            assert_eq!(found, [expected], "{planted}");
        }
        let elsewhere = Tree::of(&[("engine/src/cli/b.rs", "impl Bag {}")]);
        assert!(check(&elsewhere).is_empty(), "a floor that is not held to it yet");
    }
}
