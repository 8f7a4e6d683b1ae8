//! Faults, drawn under the words that they are about.
//!
//! In go the text of a file and faults with places, out comes text for a terminal or a log. Only
//! here is the file's tree asked for places; a run without faults never pays for it.

use super::codes;

use super::offsets::LineStarts;
use super::{Branch, Fault, Place, Tree, Value};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};
use std::fmt::{self, Write as _};
use std::ops::Range;

/// Faults with a frame, at most; a line is enough for those after them. Nobody reads more, and each
/// frame costs a walk through the file.
const MAX_FRAMES: usize = 100;
/// Characters in a line of a drawing, at most.
const WIDTH: usize = 100;

/// A file that faults are drawn into.
#[derive(Debug, Clone)]
pub struct Drawing {
    name: String,
    text: String,
    lines: LineStarts,
    tree: Option<Tree>,
    color: bool,
}

impl Drawing {
    /// A file by its name and text; `color` paints for a terminal.
    pub fn new(name: impl Into<String>, text: &str, color: bool) -> Self {
        let tree = Tree::parse(text).ok();
        let text = tree.as_ref().map_or_else(|| text.to_owned(), |tree| masked(text, tree));
        Self { name: name.into(), lines: LineStarts::new(&text), text, tree, color }
    }

    /// What has no text, such as a spec that was built in memory: faults are drawn with the paths of
    /// their places, as there are no lines.
    pub fn without_text(name: impl Into<String>) -> Self {
        let (text, tree) = (String::new(), None);
        Self { name: name.into(), lines: LineStarts::new(&text), text, tree, color: false }
    }

    /// Draws faults, in the order of their places. Each begins with a line
    /// `file:line:column: message [code]`, then the words in a frame, then help.
    pub fn draw(&self, faults: &[Fault]) -> String {
        let mut placed: Vec<(Option<Range<usize>>, &Fault)> =
            faults.iter().map(|fault| (self.bytes(fault), fault)).collect();
        placed.sort_by_key(|(bytes, _)| bytes.as_ref().map_or(0, |bytes| bytes.start));
        let mut text = String::new();
        for (number, (bytes, fault)) in placed.into_iter().enumerate() {
            let framed = number < MAX_FRAMES;
            if number > 0 && framed {
                text.push('\n');
            }
            self.write_line(bytes.as_ref(), fault, &mut text);
            match bytes {
                Some(bytes) if framed => self.draw_frame(&bytes, fault, &mut text),
                _ => {
                    if let Some(help) = fault.help.as_ref().filter(|_| framed) {
                        text.extend(["  help: ", help, "\n"]);
                    }
                }
            }
        }
        text
    }

    /// The bytes of the file that a fault is about; `None` if it is about none.
    fn bytes(&self, fault: &Fault) -> Option<Range<usize>> {
        if let Some(start) = fault.fact_of("byte").and_then(|byte| byte.parse().ok()) {
            return Some(self.word_at(start));
        }
        let place = Place::read(fault.place.as_deref()?);
        let tree = self.tree.as_ref()?;
        // A place that is not in the file, such as a key that is missing, is drawn at what it
        // would be in.
        let mut at = Some(place);
        while let Some(place) = at {
            if let Some((key, value)) = tree.find(&place) {
                let of_key = fault.is(codes::UNKNOWN_KEY)
                    || !matches!(&value.value, Value::Scalar { text, .. } if !text.is_empty());
                let flow = key.is_none() && !matches!(value.value, Value::Scalar { .. });
                return Some(match key {
                    Some(entry) if of_key => entry.bytes.clone(),
                    _ if flow => self.first_line(&value.bytes),
                    _ => value.bytes.clone(),
                });
            }
            at = place.parent();
        }
        None
    }

    /// `file:line:column: message [code]`
    fn write_line(&self, bytes: Option<&Range<usize>>, fault: &Fault, text: &mut String) {
        let place = match (bytes, &fault.place, &self.tree) {
            (Some(bytes), ..) => {
                let (line, column) = self.lines.line_and_column(&self.text, bytes.start);
                format!("{}:{line}:{column}", self.name)
            }
            (None, Some(path), None) if !path.is_empty() => format!("{}: {path}", self.name),
            (None, ..) => self.name.clone(),
        };
        text.extend([&place, ": ", &fault.message, " [", &fault.code, "]\n"]);
    }

    fn draw_frame(&self, bytes: &Range<usize>, fault: &Fault, text: &mut String) {
        let mut labels = vec![LabeledSpan::new_primary_with_span(None, (bytes.start, bytes.len()))];
        if let Some(first) = fault.fact_of("first-byte").and_then(|byte| byte.parse().ok()) {
            let first = self.word_at(first);
            let label = Some("first here".to_owned());
            labels.push(LabeledSpan::new_with_span(label, (first.start, first.len())));
        }
        let frame = Frame { file: self, labels, help: fault.help.clone() };
        let theme =
            if self.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(WIDTH);
        let mut drawn = String::new();
        // Writing to a string does not fail.
        if handler.render_report(&mut drawn, &frame).is_ok() {
            // What stands above the frame is the message, which was just written as a line.
            let lines = drawn.lines().skip_while(|line| !line.contains('╭'));
            for line in lines.map(str::trim_end).filter(|line| !line.is_empty()) {
                text.push_str(line);
                text.push('\n');
            }
        }
    }

    /// The word that starts at a byte: up to white space or what ends a YAML word.
    fn word_at(&self, start: usize) -> Range<usize> {
        let rest = self.text.get(start..).unwrap_or_default();
        let len = rest.find(|c: char| c.is_whitespace() || ":,]}".contains(c));
        start..start + len.unwrap_or(rest.len()).max(rest.chars().next().map_or(0, char::len_utf8))
    }

    fn first_line(&self, bytes: &Range<usize>) -> Range<usize> {
        let text = self.text.get(bytes.clone()).unwrap_or_default();
        let len = text.find('\n').unwrap_or(text.len());
        bytes.start..bytes.start + len
    }
}

/// The text without the values of keys that are called like a secret: somebody who wrote a
/// password into the file shall not find it in the log of a pipeline as well.
fn masked(text: &str, tree: &Tree) -> String {
    let mut secrets = Vec::new();
    find_secrets(&tree.root, &mut secrets);
    let mut bytes = text.as_bytes().to_vec();
    for range in secrets {
        let word = bytes.get_mut(range).unwrap_or_default();
        word.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
    }
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(text.len()))
}

fn find_secrets(branch: &Branch, found: &mut Vec<Range<usize>>) {
    const SECRETS: [&str; 3] = ["password", "secret", "token"];
    match &branch.value {
        Value::Scalar { .. } => {}
        Value::List(values) => values.iter().for_each(|value| find_secrets(value, found)),
        Value::Map(entries) => {
            for entry in entries {
                let scalar = matches!(entry.value.value, Value::Scalar { .. });
                if scalar && SECRETS.iter().any(|word| entry.key.to_lowercase().ends_with(word)) {
                    found.push(entry.value.bytes.clone());
                }
                find_secrets(&entry.value, found);
            }
        }
    }
}

impl SourceCode for Drawing {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let read = self.text.read_span(span, lines_before, lines_after)?;
        // miette's own column counts bytes.
        let column = match read.column() {
            0 => 0,
            _ => self.lines.line_and_column(&self.text, span.offset()).1.saturating_sub(1),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            read.data(),
            *read.span(),
            read.line(),
            column,
            read.line_count(),
        )))
    }
}

/// One fault, as miette wants it.
struct Frame<'a> {
    file: &'a Drawing,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Frame")
    }
}

impl fmt::Display for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('-')
    }
}

impl std::error::Error for Frame<'_> {}

impl miette::Diagnostic for Frame<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.file)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display + 'a>)
    }
}

#[cfg(test)]
#[path = "drawing_tests.rs"]
mod tests;
