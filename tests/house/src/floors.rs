//! The floors of the engine: an import may only point down.
//!
//! What may import what is read from the table in `specs/architecture.md`, so that the page and
//! the sources cannot disagree.

use crate::{Finding, Rust, Table, Token, Tree};

/// The page that holds the tables.
pub const ARCHITECTURE: &str = "specs/architecture.md";

const SOURCES: &str = "engine/src/";

/// Everything that breaks the order of floors.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(table) = tree.text(ARCHITECTURE).and_then(|text| Table::find(text, "floor")) else {
        return vec![Finding::whole(ARCHITECTURE, "the table of floors is missing")];
    };
    let floors = Floors(&table);
    let mut findings = floors.disorder();
    findings.extend(floors.unnamed(tree));
    for (path, text) in tree.files(SOURCES, ".rs") {
        let Some((floor, depth)) = place(path) else { continue };
        for (line, named) in imports(&Rust::read(text), depth) {
            if let Some(message) = floors.refuses(floor, named) {
                findings.push(Finding::at(path, line, message));
            }
        }
    }
    findings
}

/// The floor a source file belongs to, and how many modules deep it stands; `None` for the roots
/// `lib.rs` and `main.rs`, which belong to no floor.
pub fn place(path: &str) -> Option<(&str, usize)> {
    let inside = path.strip_prefix(SOURCES)?.strip_suffix(".rs")?;
    if matches!(inside, "lib" | "main") {
        return None;
    }
    let parts: Vec<&str> = inside.split('/').collect();
    let file = parts.last()?;
    let is_folder_itself = *file == "mod";
    let is_tests_of_a_file = file.ends_with("_tests");
    Some((parts[0], parts.len() - usize::from(is_folder_itself) + usize::from(is_tests_of_a_file)))
}

struct Floors<'a>(&'a Table);

impl Floors<'_> {
    fn names(&self) -> Vec<&str> {
        self.0.rows().map(|(_, cells)| cells[0].first().map_or("", String::as_str)).collect()
    }

    /// Rows of the table itself that point up or at nothing: without them there is no cycle.
    fn disorder(&self) -> Vec<Finding> {
        let names = self.names();
        let mut findings = Vec::new();
        for (at, (line, cells)) in self.0.rows().enumerate() {
            for allowed in cells.get(1).into_iter().flatten() {
                let lower = names[at + 1..].contains(&allowed.as_str()) || allowed == "oci";
                if !lower {
                    let message =
                        format!("`{}` may not import `{allowed}`: no lower floor", names[at]);
                    findings.push(Finding::at(ARCHITECTURE, line, message));
                }
            }
        }
        findings
    }

    /// Folders without a row and rows without a folder.
    fn unnamed(&self, tree: &Tree) -> Vec<Finding> {
        let names = self.names();
        let folders = tree.folders(SOURCES);
        let homeless = folders.iter().filter(|folder| !names.contains(folder)).map(|folder| {
            Finding::whole(&format!("{SOURCES}{folder}"), "a floor without a row in the table")
        });
        let empty = names
            .iter()
            .filter(|name| !folders.contains(name))
            .map(|name| Finding::whole(ARCHITECTURE, format!("the floor `{name}` has no folder")));
        homeless.chain(empty).collect()
    }

    fn refuses(&self, floor: &str, named: &str) -> Option<String> {
        let known = self.names().contains(&named) || named == "oci";
        let allowed = self.0.words(floor)?;
        if floor == named || allowed.iter().any(|word| word == named) {
            None
        } else if known {
            Some(format!("`{floor}` may not import `{named}`; {ARCHITECTURE} says what it may"))
        } else {
            Some(format!("`crate::{named}` is no floor; say where it lives"))
        }
    }
}

/// Every module directly below the crate's root that a file names, with the line.
fn imports<'a>(rust: &Rust<'a>, depth: usize) -> Vec<(usize, &'a str)> {
    let tokens = rust.tokens();
    let mut found = Vec::new();
    let mut inline = Inline::default();
    let mut at = 0;
    while let Some((line, token)) = tokens.get(at) {
        inline.follow(tokens, at);
        let before = at.checked_sub(1).map(|before| tokens[before].1);
        let starts_a_path = before != Some(Token::Path);
        match token {
            Token::Word("engine_oci") if starts_a_path => found.push((*line, "oci")),
            Token::Word("crate") if starts_a_path => found.extend(named_after(tokens, at + 1)),
            Token::Word("super") if starts_a_path => {
                let (climbed, next) = climb(tokens, at);
                if climbed >= depth + inline.depth() {
                    found.extend(named_after(tokens, next));
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// How many `super` stand in a row from `at`, and the place after the last.
fn climb(tokens: &[(usize, Token)], mut at: usize) -> (usize, usize) {
    let mut climbed = 1;
    while tokens.get(at + 2).is_some_and(|(_, token)| *token == Token::Word("super")) {
        climbed += 1;
        at += 2;
    }
    (climbed, at + 1)
}

/// The names that follow a `::` at `at`: one, or each of a group in braces.
fn named_after<'a>(tokens: &[(usize, Token<'a>)], at: usize) -> Vec<(usize, &'a str)> {
    if tokens.get(at).map(|(_, token)| *token) != Some(Token::Path) {
        return Vec::new();
    }
    match tokens.get(at + 1) {
        Some((line, Token::Word(name))) => vec![(*line, *name)],
        Some((_, Token::Sign('{'))) => group(&tokens[at + 2..]),
        _ => Vec::new(),
    }
}

/// The first word of each entry of a `use` group.
fn group<'a>(tokens: &[(usize, Token<'a>)]) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    let mut depth = 1;
    let mut first = true;
    for (line, token) in tokens {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => depth -= 1,
            Token::Sign(',') if depth == 1 => first = true,
            Token::Word(name) if depth == 1 && first => {
                found.push((*line, *name));
                first = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// How many inline modules (`mod tests { … }`) are open.
#[derive(Default)]
struct Inline {
    braces: usize,
    opened: Vec<usize>,
}

impl Inline {
    fn follow(&mut self, tokens: &[(usize, Token)], at: usize) {
        match tokens[at].1 {
            Token::Sign('{') => {
                let is_module = at >= 2
                    && tokens[at - 2].1 == Token::Word("mod")
                    && matches!(tokens[at - 1].1, Token::Word(_));
                if is_module {
                    self.opened.push(self.braces);
                }
                self.braces += 1;
            }
            Token::Sign('}') => {
                self.braces = self.braces.saturating_sub(1);
                if self.opened.last() == Some(&self.braces) {
                    self.opened.pop();
                }
            }
            _ => {}
        }
    }

    fn depth(&self) -> usize {
        self.opened.len()
    }
}

#[cfg(test)]
#[path = "floors_tests.rs"]
mod tests;
