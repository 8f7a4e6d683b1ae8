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

/// The line and column of a byte, both from 1; columns are characters.
pub(super) fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
