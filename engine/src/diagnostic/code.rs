//! The stable name of a fault.

use super::Kind;

/// The stable name of a fault, with the kind that each such fault has. Every floor keeps its own in
/// `codes.rs`; `specs/faults.md` explains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    text: &'static str,
    kind: Kind,
}

impl Code {
    /// A code, `floor::what`.
    pub const fn new(text: &'static str, kind: Kind) -> Self {
        Self { text, kind }
    }

    /// `floor::what`.
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// The kind of every fault with this code.
    pub const fn kind(self) -> Kind {
        self.kind
    }
}
