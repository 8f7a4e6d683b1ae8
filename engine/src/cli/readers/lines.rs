//! Lines about a run, one per thing that happened, and a sign of life where nothing happens.

use super::running_items::Book;
use super::words::phrase;
use crate::cli::output_style::Level;
use crate::cli::standard_error::Speaker;
use crate::event::{Event, Reader};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Says in lines what happens. It writes where it is called: a line is short, and a reader of
/// standard error that stops reading may stop the run, as with any program.
pub(in crate::cli) struct Lines {
    speaker: Speaker,
    book: Mutex<Book>,
    started: Instant,
}

impl Lines {
    /// Lines said by this speaker.
    pub(in crate::cli) fn new(speaker: Speaker) -> Self {
        Self { speaker, book: Mutex::default(), started: Instant::now() }
    }

    /// Says how far the run is, so that a watcher of silent processes does not end it.
    pub(in crate::cli) fn beat(&self) {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let text = book.so_far(self.started.elapsed());
        drop(book);
        self.speaker.note(&format!("running: {text}"));
    }
}

impl Reader for Lines {
    fn read(&self, event: &Event) {
        // By far the most frequent event, and words for it are seldom wanted.
        let unwanted = self.speaker.tone().level < Level::Trace;
        if unwanted && matches!(event, Event::Requested { .. }) {
            return;
        }
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let phrase = phrase(&mut book, event);
        drop(book);
        if let Some(phrase) = phrase {
            self.speaker.say(&phrase, event);
        }
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
