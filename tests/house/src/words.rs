//! Names that say nothing are refused: files, folders and types.

use crate::{Finding, Rust, Token, Tree};

/// Words that say nothing, or say what another of our words says.
const BANNED: [&str; 15] = [
    "util", "helper", "common", "misc", "manager", "handler", "service", "context", "data", "info",
    "impl", "target", "task", "job", "node",
];

const ROOTS: [&str; 4] = ["engine/", "plugins/", "tests/", "wit/"];

/// Banned words in the names of files, folders and types.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, _) in ROOTS.iter().flat_map(|root| tree.files(root, "")) {
        for word in path.split(['/', '.', '-', '_']).filter_map(banned) {
            findings.push(Finding::whole(path, format!("`{word}` is no name for a file")));
        }
    }
    for (path, text) in ROOTS.iter().flat_map(|root| tree.files(root, ".rs")) {
        findings.extend(types(path, text));
    }
    findings
}

fn banned(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let singular = word.strip_suffix('s').unwrap_or(&word);
    BANNED.into_iter().find(|banned| *banned == word || *banned == singular)
}

fn types(path: &str, text: &str) -> Vec<Finding> {
    let rust = Rust::read(text);
    let mut findings = Vec::new();
    let mut blocks = Blocks::default();
    for pair in rust.tokens().windows(2) {
        blocks.follow(pair[0].1);
        let [(_, Token::Word(keyword)), (line, Token::Word(name))] = pair else { continue };
        let declares = matches!(*keyword, "struct" | "enum" | "trait" | "type" | "union");
        if !declares || blocks.in_implementation() {
            continue;
        }
        if let Some(word) = camel(name).iter().find_map(|word| banned(word)) {
            let message = format!("`{name}`: `{word}` says nothing in the name of a type");
            findings.push(Finding::at(path, *line, message));
        }
        if *name == "Engine" {
            findings.push(Finding::at(path, *line, "`Engine` is wasmtime's word"));
        }
    }
    findings
}

/// The blocks around a token. The names of types in an implementation are its trait's choice.
#[derive(Default)]
struct Blocks {
    open: Vec<bool>,
    head: Vec<&'static str>,
}

impl Blocks {
    fn follow(&mut self, token: Token) {
        match token {
            Token::Word("impl") => self.head.push("impl"),
            Token::Word("fn") => self.head.push("fn"),
            Token::Sign('{') => {
                self.open.push(self.head == ["impl"]);
                self.head.clear();
            }
            Token::Sign('}') => {
                self.open.pop();
                self.head.clear();
            }
            Token::Sign(';') => self.head.clear(),
            _ => {}
        }
    }

    fn in_implementation(&self) -> bool {
        self.open.last() == Some(&true)
    }
}

/// The words of a type's name: `HttpBase` is `Http` and `Base`.
fn camel(name: &str) -> Vec<&str> {
    let mut starts: Vec<usize> =
        name.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(at, _)| at).collect();
    starts.push(name.len());
    starts.windows(2).map(|pair| &name[pair[0]..pair[1]]).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Tree;

    #[test]
    fn empty_names_are_refused() {
        let tree = Tree::of(&[
            ("engine/src/plan/utils.rs", ""),
            ("engine/src/common/mod.rs", ""),
            ("engine/src/plan/item.rs", "struct A;\npub struct ItemManager;\nenum Engine {}"),
            ("engine/src/plan/metadata.rs", "struct Metadata; // struct Data\nfn data() {}"),
            (
                "engine/src/plan/body.rs",
                "impl<T> Body for X<T> { type Data = T; type Error = (); }",
            ),
        ]);
        let found: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 4, "{found:#?}");
        assert_eq!(found[0], "engine/src/common/mod.rs: `common` is no name for a file");
        assert!(found[2].starts_with("engine/src/plan/item.rs:2: `ItemManager`: `manager`"));
        assert!(found[3].starts_with("engine/src/plan/item.rs:3: `Engine`"));
    }
}
