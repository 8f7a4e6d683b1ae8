//! Standard error: what is said to people, in one place, so that lines never cut into each other
//! or into progress bars.

use super::output_style::{Level, Tone};
use super::printable;
use super::readers::{Mood, Phrase};
use crate::diagnostic::Fault;
use crate::role::{Clock, SystemClock, timestamp};
use indicatif::MultiProgress;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Speaks to people on standard error. Cheap to clone; all clones share the stream.
#[derive(Clone)]
pub(super) struct Speaker {
    tone: Tone,
    stream: Arc<Mutex<Box<dyn Write + Send>>>,
    /// Bars that must make room for a line.
    bars: Option<MultiProgress>,
    clock: Arc<dyn Clock>,
}

/// A line in JSON.
#[derive(Serialize)]
struct Line<'a, T> {
    ts: &'a str,
    level: &'a str,
    msg: &'a str,
    #[serde(flatten)]
    more: T,
}

/// What a line without facts has more.
#[derive(Serialize)]
struct Nothing {}

/// What a line about a fault has more.
#[derive(Serialize)]
struct Faulty<'a> {
    fault: &'a Fault,
}

impl Speaker {
    /// Speaks on this process's standard error.
    pub(super) fn to_stderr(tone: Tone) -> Self {
        Self::new(tone, Box::new(std::io::stderr()), Arc::new(SystemClock))
    }

    /// Speaks on any stream.
    pub(super) fn new(tone: Tone, stream: Box<dyn Write + Send>, clock: Arc<dyn Clock>) -> Self {
        Self { tone, stream: Arc::new(Mutex::new(stream)), bars: None, clock }
    }

    /// The same, making room between bars.
    pub(super) fn around(mut self, bars: MultiProgress) -> Self {
        self.bars = Some(bars);
        self
    }

    /// How it speaks.
    pub(super) fn tone(&self) -> Tone {
        self.tone
    }

    /// Says a phrase, if it is loud enough; `facts` are its event, for JSON.
    pub(super) fn say(&self, phrase: &Phrase, facts: &impl Serialize) {
        if phrase.level > self.tone.level {
            return;
        }
        if self.tone.json {
            return self.say_json(phrase.level, &phrase.plain(), facts);
        }
        let mut text = String::new();
        let (on, off) = if self.tone.colour { phrase.mood.colours() } else { ("", "") };
        // Writing to a string does not fail.
        let _written =
            write!(text, "{on}{:<8}{off} {}", phrase.word, printable::line(&phrase.text));
        self.put(text.trim_end());
        for more in &phrase.more {
            self.put(&format!("         {}", printable::line(more)));
        }
    }

    /// Says how things are, as a plain sentence.
    pub(super) fn note(&self, text: &str) {
        if self.tone.level < Level::Info {
            return;
        }
        if self.tone.json {
            return self.say_json(Level::Info, text, &Nothing {});
        }
        self.put(&printable::line(text));
    }

    /// Shows the summary at the end of a run, unless only faults are wanted. Programs have the
    /// report.
    pub(super) fn summary(&self, text: &str) {
        if self.tone.level >= Level::Info && !self.tone.json && !text.is_empty() {
            self.block(text);
        }
    }

    /// Says a text of several lines, which may have colours, such as a drawn fault.
    pub(super) fn block(&self, text: &str) {
        let text =
            if self.tone.colour { printable::painted(text) } else { printable::lines(text).into() };
        self.put(text.trim_end_matches('\n'));
    }

    /// Says that something went wrong.
    pub(super) fn fault(&self, fault: &Fault) {
        if self.tone.json {
            return self.say_json(Level::Error, &fault.message, &Faulty { fault });
        }
        self.say(&Phrase::about(Level::Error, "error:", Mood::Bad, fault), &Nothing {});
    }

    /// Says that something could not be done, where there is no fault with a code.
    pub(super) fn complain(&self, text: &str) {
        if self.tone.json {
            return self.say_json(Level::Error, text, &Nothing {});
        }
        let (on, off) = if self.tone.colour { Mood::Bad.colours() } else { ("", "") };
        self.put(&format!("{on}error:{off} {}", printable::line(text)));
    }

    /// Passes a finished line of the developers' log on.
    pub(super) fn pass_on(&self, text: &str) {
        self.put(&printable::lines(text));
    }

    fn say_json(&self, level: Level, msg: &str, more: &impl Serialize) {
        let ts = timestamp(self.clock.since_epoch());
        let line = Line { ts: &ts, level: level.word(), msg, more };
        // Only a map with keys that are no text can fail, and there is none.
        if let Ok(text) = serde_json::to_string(&line) {
            self.put(&printable::json(&text));
        }
    }

    /// Writes lines in one piece. Where standard error is gone, the run goes on without a voice.
    fn put(&self, text: &str) {
        let text = format!("{text}\n");
        let write = || {
            let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
            let _written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        };
        match &self.bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }
}
