//! Just enough of a Rust reader: tokens with their lines, without comments.
//!
//! A search with `contains` would find words in comments and strings; a real parser would cost a
//! dependency and a second of building. This reads every Rust file right for what the rules ask.

/// One token of Rust source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A word: identifier, keyword, number.
    Word(&'a str),
    /// The inside of a string literal, as it is written.
    Text(&'a str),
    /// `::`.
    Path,
    /// Any other sign.
    Sign(char),
}

/// The tokens of one file with their lines, from 1.
#[derive(Debug)]
pub struct Rust<'a>(Vec<(usize, Token<'a>)>);

impl<'a> Rust<'a> {
    /// Reads `text`; comments are dropped, doc comments too.
    pub fn read(text: &'a str) -> Self {
        let mut reader = Reader { text, at: 0, line: 1, tokens: Vec::new() };
        while reader.step() {}
        Self(reader.tokens)
    }

    /// All tokens.
    pub fn tokens(&self) -> &[(usize, Token<'a>)] {
        &self.0
    }

    /// All tokens outside of items under `#[cfg(test)]`.
    #[must_use]
    pub fn without_tests(self) -> Self {
        let mut kept = Vec::with_capacity(self.0.len());
        let mut at = 0;
        while let Some(found) = self.0.get(at) {
            if self.is_test_attribute(at) {
                at = self.end_of_item(at + TEST_ATTRIBUTE.len());
            } else {
                kept.push(*found);
                at += 1;
            }
        }
        Self(kept)
    }

    fn is_test_attribute(&self, at: usize) -> bool {
        let found = self.0[at..].iter().map(|(_, token)| *token).take(TEST_ATTRIBUTE.len());
        found.eq(TEST_ATTRIBUTE)
    }

    /// The place after the item that starts at `at`: after its `;` or its closing brace.
    fn end_of_item(&self, mut at: usize) -> usize {
        let mut depth = 0_usize;
        while let Some((_, token)) = self.0.get(at) {
            at += 1;
            match token {
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign(')' | ']') => depth -= 1,
                Token::Sign('}') => {
                    depth -= 1;
                    if depth == 0 {
                        return at;
                    }
                }
                Token::Sign(';') if depth == 0 => return at,
                _ => {}
            }
        }
        at
    }
}

const TEST_ATTRIBUTE: [Token<'static>; 7] = [
    Token::Sign('#'),
    Token::Sign('['),
    Token::Word("cfg"),
    Token::Sign('('),
    Token::Word("test"),
    Token::Sign(')'),
    Token::Sign(']'),
];

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    tokens: Vec<(usize, Token<'a>)>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Moves on by `bytes`, counting lines, and gives what was passed.
    fn pass(&mut self, bytes: usize) -> &'a str {
        let passed = &self.rest()[..bytes];
        self.line += passed.matches('\n').count();
        self.at += bytes;
        passed
    }

    fn step(&mut self) -> bool {
        let rest = self.rest();
        let line = self.line;
        let Some(first) = rest.chars().next() else { return false };
        if first.is_whitespace() {
            self.pass(first.len_utf8());
        } else if rest.starts_with("//") {
            self.pass(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.pass(comment_length(rest));
        } else if let Some((opening, closing)) = raw_string(rest) {
            self.pass(opening);
            let inside = self.rest().find(&closing).unwrap_or(self.rest().len());
            let text = self.pass(inside);
            self.pass(closing.len().min(self.rest().len()));
            self.tokens.push((line, Token::Text(text)));
        } else if first == '"' {
            self.pass(1);
            let inside = string_length(self.rest());
            let text = self.pass(inside);
            self.pass(1.min(self.rest().len()));
            self.tokens.push((line, Token::Text(text)));
        } else if first == '\'' {
            self.pass(char_length(rest));
        } else if rest.starts_with("::") {
            self.pass(2);
            self.tokens.push((line, Token::Path));
        } else if is_word(first) {
            let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let word = self.pass(length);
            self.tokens.push((line, Token::Word(word)));
        } else {
            self.pass(first.len_utf8());
            self.tokens.push((line, Token::Sign(first)));
        }
        true
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Bytes of a block comment; they nest.
fn comment_length(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Bytes before the closing quote.
fn string_length(inside: &str) -> usize {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    inside.len()
}

/// The length of `r##"` and the closing text, when a raw string starts here.
fn raw_string(rest: &str) -> Option<(usize, String)> {
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let hashes = rest[prefix.len()..].chars().take_while(|c| *c == '#').count();
    let opening = prefix.len() + hashes;
    rest[opening..].starts_with('"').then(|| (opening + 1, format!("\"{}", "#".repeat(hashes))))
}

/// Bytes of a character literal, or of the quote alone when it is a lifetime.
fn char_length(rest: &str) -> usize {
    let mut chars = rest[1..].char_indices();
    match chars.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(rest.len(), |at| at + 4),
        Some((_, c)) if rest[1 + c.len_utf8()..].starts_with('\'') => 2 + c.len_utf8(),
        _ => 1,
    }
}

#[cfg(test)]
#[path = "rust_tests.rs"]
mod tests;
