//! A YAML document with the place of each word.
//!
//! In goes text, out comes a tree of maps, lists and scalars with byte ranges. It says what the
//! typed reader cannot: where a value stands, and which keys stand twice. What a value *means* is
//! the typed reader's business alone, so the two can never disagree about that.

use super::codes;

use super::offsets::Offsets;
use super::{Fault, Origin, Place, PlacePart};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::BTreeMap;
use std::ops::Range;

/// Maps and lists in each other, at most. Beyond it a reader could run out of stack.
const MAX_DEPTH: usize = 64;
/// Values of a document with aliases written out, at most; a few lines of aliases to aliases
/// could otherwise fill the memory.
const MAX_VALUES: usize = 1_000_000;

/// A document with the place of each word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The top value.
    pub root: Branch,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The bytes of the value.
    pub bytes: Range<usize>,
    /// The value.
    pub value: Value,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A scalar; `plain` if without quotes.
    Scalar {
        /// The text, without quotes and escapes.
        text: String,
        /// Whether it stands without quotes, so that it may be a number or a truth.
        plain: bool,
    },
    /// Entries in the order of the text, those with the same key too.
    Map(Vec<MapEntry>),
    /// Values.
    List(Vec<Branch>),
}

/// An entry of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapEntry {
    /// The key's text.
    pub key: String,
    /// The bytes of the key.
    pub bytes: Range<usize>,
    /// The value.
    pub value: Branch,
}

impl Tree {
    /// Reads a document. Nothing but white space and comments is an empty scalar.
    ///
    /// # Errors
    ///
    /// `spec::not-yaml` where the text is not YAML, is more than one document, has keys that are
    /// not text, or is deeper or larger than the bounds.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader {
            events: Parser::new_from_str(text),
            offsets: Offsets::new(text),
            anchors: BTreeMap::new(),
            values: 0,
        };
        let mut root = None;
        while let Some((event, span)) = reader.next()? {
            match event {
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(reader.fault(span, "more than one document in a file"));
                }
                Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_)
                | Event::DocumentEnd
                | Event::Nothing => {}
                other => root = Some(reader.branch(other, span, 0)?),
            }
        }
        let empty =
            Branch { bytes: 0..0, value: Value::Scalar { text: String::new(), plain: true } };
        Ok(Self { root: root.unwrap_or(empty) })
    }

    /// The value at a place, with its key where it stands in a map.
    pub fn find(&self, place: &Place) -> Option<(Option<&MapEntry>, &Branch)> {
        let mut key = None;
        let mut branch = &self.root;
        for part in place.parts() {
            match (part, &branch.value) {
                (PlacePart::Key(wanted), Value::Map(entries)) => {
                    let entry = entries.iter().find(|entry| entry.key == *wanted)?;
                    (key, branch) = (Some(entry), &entry.value);
                }
                (PlacePart::Index(index), Value::List(values)) => {
                    (key, branch) = (None, values.get(*index)?);
                }
                _ => return None,
            }
        }
        Some((key, branch))
    }

    /// Keys that stand twice in a map, each with its place, the first entry and the later one.
    pub fn duplicates(&self) -> Vec<(Place, &MapEntry, &MapEntry)> {
        let mut found = Vec::new();
        self.root.duplicates(&Place::root(), &mut found);
        found
    }
}

impl Branch {
    fn duplicates<'a>(&'a self, at: &Place, found: &mut Vec<(Place, &'a MapEntry, &'a MapEntry)>) {
        match &self.value {
            Value::Scalar { .. } => {}
            Value::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    value.duplicates(&at.index(index), found);
                }
            }
            Value::Map(entries) => {
                let mut first: BTreeMap<&str, &MapEntry> = BTreeMap::new();
                for entry in entries {
                    match first.get(entry.key.as_str()) {
                        Some(earlier) => found.push((at.key(&entry.key), *earlier, entry)),
                        None => drop(first.insert(&entry.key, entry)),
                    }
                    entry.value.duplicates(&at.key(&entry.key), found);
                }
            }
        }
    }

    fn count(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 1,
            Value::List(values) => 1 + values.iter().map(Self::count).sum::<usize>(),
            Value::Map(entries) => {
                1 + entries.iter().map(|entry| entry.value.count()).sum::<usize>()
            }
        }
    }
}

struct Reader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    offsets: Offsets,
    anchors: BTreeMap<usize, Branch>,
    values: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Fault> {
        self.events.next().transpose().map_err(|fault| {
            let mark = *fault.marker();
            self.fault(Span::new(mark, mark), fault.info())
        })
    }

    /// The value that starts with this event.
    fn branch(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Branch, Fault> {
        if depth > MAX_DEPTH {
            return Err(self.fault(span, "more than 64 maps and lists in each other"));
        }
        self.values += 1;
        let start = self.offsets.byte(span.start.index());
        let (anchor, end, value) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                (anchor, span.end, Value::Scalar { text: text.into_owned(), plain })
            }
            Event::SequenceStart(anchor, _) => {
                let (values, end) = self.list(depth)?;
                (anchor, end, Value::List(values))
            }
            Event::MappingStart(anchor, _) => {
                let (entries, end) = self.map(depth)?;
                (anchor, end, Value::Map(entries))
            }
            Event::Alias(anchor) => return self.alias(anchor, span),
            _ => return Err(self.fault(span, "a value was expected here")),
        };
        if self.values > MAX_VALUES {
            return Err(self.fault(span, "more than a million values"));
        }
        let branch = Branch { bytes: start..self.offsets.byte(end.index()).max(start), value };
        if anchor > 0 {
            self.anchors.insert(anchor, branch.clone());
        }
        Ok(branch)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Branch, Fault> {
        let Some(branch) = self.anchors.get(&anchor).cloned() else {
            return Err(self.fault(span, "an alias that names itself"));
        };
        self.values += branch.count();
        if self.values > MAX_VALUES {
            return Err(self.fault(span, "more than a million values, aliases written out"));
        }
        Ok(branch)
    }

    fn list(&mut self, depth: usize) -> Result<(Vec<Branch>, saphyr_parser::Marker), Fault> {
        let mut values = Vec::new();
        loop {
            match self.next()? {
                Some((Event::SequenceEnd, span)) => return Ok((values, span.end)),
                Some((event, span)) => values.push(self.branch(event, span, depth + 1)?),
                None => return Err(ended()),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<(Vec<MapEntry>, saphyr_parser::Marker), Fault> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = match self.next()? {
                Some((Event::MappingEnd, span)) => return Ok((entries, span.end)),
                Some(next) => next,
                None => return Err(ended()),
            };
            let key = self.branch(event, span, depth + 1)?;
            let Value::Scalar { text, .. } = key.value else {
                return Err(self.fault(span, "a key that is a map or a list"));
            };
            if text.is_empty() {
                return Err(self.fault(span, "a key without a name"));
            }
            let Some((event, span)) = self.next()? else { return Err(ended()) };
            let value = self.branch(event, span, depth + 1)?;
            entries.push(MapEntry { key: text, bytes: key.bytes, value });
        }
    }

    fn fault(&self, span: Span, what: &str) -> Fault {
        Fault::new(codes::NOT_YAML, Origin::Spec, format!("not YAML: {what}"))
            .fact("byte", self.offsets.byte(span.start.index()).to_string())
    }
}

fn ended() -> Fault {
    Fault::new(codes::NOT_YAML, Origin::Spec, "not YAML: the text ends in the middle of a value")
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
