//! Names that say nothing, or that say what another of our words says, are refused: files, folders
//! and types. `specs/glossary.md` has the words, and those that never stand for them.

use crate::{Finding, Rust, Table, Token, Tree};

/// Words that say nothing. They are refused everywhere.
const BANNED: [&str; 6] = ["util", "helper", "common", "misc", "manager", "handler"];

const ROOTS: [&str; 4] = ["engine/", "plugins/", "tests/", "wit/"];
const GLOSSARY: &str = "specs/glossary.md";

/// Names that use a word of another row on purpose: path and name, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// Words that are refused in the names of files, folders and types.
pub fn check(tree: &Tree) -> Vec<Finding> {
    check_with(tree, EXCEPTIONS)
}

fn check_with(tree: &Tree, exceptions: &[(&str, &str, &str)]) -> Vec<Finding> {
    let never = Never::read(tree);
    let mut findings = Vec::new();
    let mut used = Vec::new();
    for (path, text) in ROOTS.iter().flat_map(|root| tree.files(root, "")) {
        let mut names = vec![(None, path.rsplit('/').next().unwrap_or(path))];
        if path.rsplit_once('.').is_some_and(|(_, end)| end == "rs") {
            names.extend(types(text).into_iter().map(|(line, name)| (Some(line), name)));
        }
        for (line, name) in names {
            let Some(why) = refused(&never, path, line.is_some(), name) else { continue };
            let exception = exceptions.iter().find(|(at, of, _)| *at == path && *of == name);
            match (exception, line) {
                (Some(exception), _) => used.push(exception),
                (None, None) => findings.push(Finding::whole(path, why)),
                (None, Some(line)) => findings.push(Finding::at(path, line, why)),
            }
        }
        for folder in path.split('/').rev().skip(1) {
            if let Some(word) = parts(folder).find_map(|part| is_one_of(&part, &BANNED)) {
                findings.push(Finding::whole(path, format!("`{word}` is no name for a folder")));
            }
        }
    }
    for exception in exceptions.iter().filter(|exception| !used.contains(exception)) {
        let (path, name, _) = exception;
        let message = format!("`{name}` needs no exception any more: take it off the list");
        findings.push(Finding::whole(path, message));
    }
    findings
}

fn refused(never: &Never, path: &str, is_type: bool, name: &str) -> Option<String> {
    let what = if is_type { "a type" } else { "a file" };
    if is_type && name == "Engine" {
        return Some("`Engine` is wasmtime's word".to_owned());
    }
    if let Some(word) = parts(name).find_map(|part| is_one_of(&part, &BANNED)) {
        return Some(format!("`{name}`: `{word}` says nothing in the name of {what}"));
    }
    let (word, instead) = parts(name).find_map(|part| never.on(path, &part))?;
    Some(format!("`{name}`: here `{word}` is said as {instead}, see {GLOSSARY}"))
}

/// The words of the glossary's `never` column, by floor.
struct Never(Vec<Row>);

struct Row {
    floors: Vec<String>,
    never: Vec<String>,
    instead: String,
}

impl Never {
    fn read(tree: &Tree) -> Self {
        let text = tree.text(GLOSSARY).unwrap_or_default();
        let table = Table::find(text, "word");
        let lines: Vec<&str> = text.lines().collect();
        let rows = table.iter().flat_map(Table::rows).filter_map(|(number, cells)| {
            let instead = lines.get(number - 1)?.trim_matches('|').split('|').next()?.trim();
            let (floors, never) = (cells.get(2)?.clone(), cells.get(3)?.clone());
            Some(Row { floors, never, instead: instead.to_owned() })
        });
        Self(rows.collect())
    }

    fn on(&self, path: &str, part: &str) -> Option<(String, &str)> {
        let floor = floor(path)?;
        let mut rows = self.0.iter().filter(|row| row.floors.iter().any(|one| one == floor));
        rows.find_map(|row| {
            let never: Vec<&str> = row.never.iter().map(String::as_str).collect();
            Some((is_one_of(part, &never)?.to_owned(), row.instead.as_str()))
        })
    }
}

/// The floor that a file belongs to: `engine/src/plan/item.rs` to `plan`.
fn floor(path: &str) -> Option<&str> {
    if path.starts_with("engine/oci/src/") {
        return Some("oci");
    }
    let (floor, _) = path.strip_prefix("engine/src/")?.split_once('/')?;
    Some(floor)
}

/// The word that `part` is, or is the plural of.
fn is_one_of<'a>(part: &str, words: &[&'a str]) -> Option<&'a str> {
    let singular = part.strip_suffix('s').unwrap_or(part);
    words.iter().copied().find(|word| *word == part || *word == singular)
}

/// The words of a name, in small letters: `HttpBase` and `http_base` are `http` and `base`.
fn parts(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(['.', '-', '_']).flat_map(|part| {
        let mut starts: Vec<usize> =
            part.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(at, _)| at).collect();
        if starts.first() != Some(&0) {
            starts.insert(0, 0);
        }
        starts.push(part.len());
        let words = starts.windows(2).map(|pair| part[pair[0]..pair[1]].to_lowercase());
        words.collect::<Vec<_>>()
    })
}

/// The types that a file declares, with their lines. The names of types in an implementation are
/// its trait's choice.
fn types(text: &str) -> Vec<(usize, &str)> {
    let rust = Rust::read(text);
    let mut types = Vec::new();
    let mut blocks = Blocks::default();
    for pair in rust.tokens().windows(2) {
        blocks.follow(pair[0].1);
        let [(_, Token::Word(keyword)), (line, Token::Word(name))] = pair else { continue };
        let declares = matches!(*keyword, "struct" | "enum" | "trait" | "type" | "union");
        if declares && !blocks.in_implementation() {
            types.push((*line, *name));
        }
    }
    types
}

/// The blocks around a token.
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

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
