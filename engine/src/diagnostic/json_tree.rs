//! A JSON text as a tree: where each of its words stands.
//!
//! `serde_json` alone says whether the text is JSON and what its strings mean; what is found here is
//! only where they are. The reader of YAML does not serve: it takes texts that are no JSON, and
//! refuses the empty key, which a policy.json has for all images of a transport.

use super::offsets::LineStarts;
use super::{Branch, MapEntry, Tree, Value};

/// Why a text is not JSON, and where that shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJson {
    /// The byte.
    pub byte: usize,
    /// What is wrong, in the words of the parser.
    pub why: String,
}

/// Reads a JSON text. Of members that stand twice both are in the tree.
///
/// # Errors
///
/// [`NotJson`], also where more than 127 objects and lists stand in each other.
pub fn json_tree(text: &str) -> Result<Tree, NotJson> {
    if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
        return Err(not_json(text, &error));
    }
    let mut scanner = Scanner { text, at: 0 };
    let root = scanner.value();
    let why = || "a value was expected here".to_owned();
    root.map(|root| Tree { root }).ok_or_else(|| NotJson { byte: scanner.at, why: why() })
}

fn not_json(text: &str, error: &serde_json::Error) -> NotJson {
    let (line, column) = (error.line(), error.column());
    let start = LineStarts::new(text).start(line);
    let mut byte = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    // The place is shown by whoever shows the fault.
    let said = error.to_string();
    let why = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    NotJson { byte, why: why.to_owned() }
}

/// Walks through a text that is JSON.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.get(self.at..)?;
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over a byte, where it comes next.
    fn pass(&mut self, byte: u8) -> Option<()> {
        if self.peek()? == byte {
            self.at += 1;
        }
        Some(())
    }

    fn value(&mut self) -> Option<Branch> {
        let first = self.peek()?;
        let start = self.at;
        let value = match first {
            b'{' => self.map()?,
            b'[' => self.list()?,
            b'"' => Value::Scalar { text: self.string()?, plain: false },
            _ => Value::Scalar { text: self.word()?, plain: true },
        };
        Some(Branch { bytes: start..self.at, value })
    }

    fn map(&mut self) -> Option<Value> {
        self.pass(b'{')?;
        let mut entries = Vec::new();
        while self.peek()? != b'}' {
            let start = self.at;
            let key = self.string()?;
            let bytes = start..self.at;
            self.pass(b':')?;
            let value = self.value()?;
            entries.push(MapEntry { key, bytes, value });
            self.pass(b',')?;
        }
        self.pass(b'}')?;
        Some(Value::Map(entries))
    }

    fn list(&mut self) -> Option<Value> {
        self.pass(b'[')?;
        let mut values = Vec::new();
        while self.peek()? != b']' {
            values.push(self.value()?);
            self.pass(b',')?;
        }
        self.pass(b']')?;
        Some(Value::List(values))
    }

    /// A string, from its first quote to its last.
    fn string(&mut self) -> Option<String> {
        let rest = self.text.get(self.at..)?;
        let mut escaped = false;
        let ends = |(_, byte): &(usize, u8)| {
            let is_end = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            is_end
        };
        let (end, _) = rest.bytes().enumerate().skip(1).find(ends)?;
        let written = rest.get(..=end)?;
        self.at += written.len();
        serde_json::from_str(written).ok()
    }

    /// A number, a truth value or `null`.
    fn word(&mut self) -> Option<String> {
        let rest = self.text.get(self.at..)?;
        let end = rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
        self.at += end;
        // Without a letter the walk would stand still.
        rest.get(..end).filter(|word| !word.is_empty()).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;

    #[test]
    fn words_stand_where_they_stand() {
        let text = "{\n\t\"ä\": [1, true, null, \"q\\\"}\"],\n\t\"\": {\"x\": {}, \"y\": []}, \"n\":-1.5e3}\n";
        let tree = json_tree(text).unwrap();
        let word = |place: Place| {
            let (_, branch) = tree.find(&place).unwrap();
            (&text[branch.bytes.clone()], &branch.value)
        };
        let list = Place::root().key("ä");
        let scalar = |text: &str, plain| Value::Scalar { text: text.to_owned(), plain };
        assert_eq!(word(list.index(0)), ("1", &scalar("1", true)));
        assert_eq!(word(list.index(2)), ("null", &scalar("null", true)));
        assert_eq!(word(list.index(3)), ("\"q\\\"}\"", &scalar("q\"}", false)));
        assert_eq!(word(Place::root().key("").key("x")), ("{}", &Value::Map(Vec::new())));
        assert_eq!(word(Place::root().key("").key("y")), ("[]", &Value::List(Vec::new())));
        assert_eq!(word(Place::root().key("n")).0, "-1.5e3");
    }

    #[test]
    fn members_that_stand_twice_are_both_there() {
        let text = r#"{"a": {"x": 1, "\u0078": 2}}"#;
        let tree = json_tree(text).unwrap();
        let found: Vec<_> = tree.duplicates();
        let [(place, first, later)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(place.to_string(), "a.x");
        assert_eq!(
            (&text[first.bytes.clone()], &text[later.bytes.clone()]),
            (r#""x""#, r#""\u0078""#)
        );
    }

    #[test]
    fn what_is_no_json_says_where() {
        for (text, byte) in [
            ("", 0),
            ("{", 0),
            ("{\"a\": 1,}", 8),
            ("{\"a\": 1}\nx", 9),
            ("{a: 1}", 1),
            ("[1, 2", 4),
        ] {
            let refused = json_tree(text).unwrap_err();
            assert_eq!(refused.byte, byte, "{text}: {refused:?}");
            assert!(!refused.why.contains(" at line "), "{refused:?}");
        }
        assert!(json_tree(r#"{"\ud800": 1}"#).is_err(), "half a character");
        assert!(json_tree(&format!("{}{}", "[".repeat(200), "]".repeat(200))).is_err());
    }
}
