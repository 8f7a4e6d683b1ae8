//! One thing said to people.

use crate::cli::output_style::Level;
use crate::diagnostic::Fault;

/// One thing said to people. Its texts may come from outside: who prints it cleans them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Phrase {
    /// How much it matters.
    pub(in crate::cli) level: Level,
    /// The word in front, ours, such as `copied`.
    pub(in crate::cli) word: &'static str,
    /// The colour of the word.
    pub(in crate::cli) mood: Mood,
    /// What follows it.
    pub(in crate::cli) text: String,
    /// Lines below it.
    pub(in crate::cli) more: Vec<String>,
}

/// The colour of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Mood {
    /// Something was done.
    Good,
    /// Something is odd.
    Odd,
    /// Something failed.
    Bad,
    /// All else.
    Plain,
}

impl Phrase {
    /// A phrase of one line.
    pub(super) fn new(level: Level, word: &'static str, mood: Mood, text: String) -> Self {
        Self { level, word, mood, text, more: Vec::new() }
    }

    /// A phrase about a fault: its message and place, what to do below.
    pub(in crate::cli) fn about(
        level: Level,
        word: &'static str,
        mood: Mood,
        fault: &Fault,
    ) -> Self {
        let text = match &fault.place {
            Some(place) if !fault.message.contains(place.as_str()) => {
                format!("{place}: {}", fault.message)
            }
            _ => fault.message.clone(),
        };
        Self::new(level, word, mood, text).with_help(fault)
    }

    /// Adds what to do about a fault.
    pub(super) fn with_help(mut self, fault: &Fault) -> Self {
        self.more.extend(fault.help.iter().map(|help| format!("help: {help}")));
        self
    }

    /// All of the first line, without colours.
    pub(in crate::cli) fn plain(&self) -> String {
        format!("{} {}", self.word, self.text)
    }
}

impl Mood {
    /// What switches its colour on and off.
    pub(in crate::cli) fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Good => ("\u{1b}[32m", "\u{1b}[0m"),
            Self::Odd => ("\u{1b}[33m", "\u{1b}[0m"),
            Self::Bad => ("\u{1b}[31m", "\u{1b}[0m"),
            Self::Plain => ("", ""),
        }
    }
}
