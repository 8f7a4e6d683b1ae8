//! Places in a text: the event parser counts characters, ranges count bytes, people count lines.

/// From characters to bytes.
#[derive(Debug)]
pub(super) struct Offsets {
    /// The first byte of each character; `None` where they are the same numbers.
    bytes: Option<Vec<usize>>,
    /// Bytes of the text.
    len: usize,
}

impl Offsets {
    pub(super) fn new(text: &str) -> Self {
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { bytes, len: text.len() }
    }

    /// The first byte of a character; the end of the text for all beyond it.
    pub(super) fn byte(&self, character: usize) -> usize {
        match &self.bytes {
            Some(bytes) => bytes.get(character).copied().unwrap_or(self.len),
            None => character.min(self.len),
        }
    }
}

/// Where the lines of a text begin.
#[derive(Debug, Clone)]
pub struct LineStarts {
    starts: Vec<usize>,
}

impl LineStarts {
    /// The lines of a text.
    pub fn new(text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The first byte of a line, counted from 1; 0 for lines that are not there.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The line and column of a byte of the same text, both from 1; columns are characters.
    pub fn line_and_column(&self, text: &str, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= byte);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let before = text.get(start..byte).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}
