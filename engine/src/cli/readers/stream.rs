//! The stream of events for programs: one JSON object a line.

use crate::cli::printable;
use crate::event::{Event, Reader};
use crate::oci::Digest;
use crate::role::{Clock, timestamp};
use serde::Serialize;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The version of the stream. Within it keys and types may be added, and readers pass over what
/// they do not know; anything else is a new version.
const VERSION: u32 = 1;

/// Progress of one blob is told at most this often.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// Where the stream goes.
pub(in crate::cli) type Out = Box<dyn Write + Send>;

/// Writes each event as a line with `v`, `seq` from 0 without gaps, `ts`, and the event's own keys.
/// The first line is of the type `opened` and says which engine writes.
///
/// A reader that goes away ends the stream and not the run.
pub(in crate::cli) struct EventStream {
    clock: Arc<dyn Clock>,
    pen: Mutex<Pen>,
}

struct Pen {
    /// None once nobody reads any more.
    out: Option<Out>,
    seq: u64,
    /// Progress that is not told yet, of the blobs that move.
    progress: HashMap<Digest, Progress>,
}

struct Progress {
    item: u64,
    bytes: u64,
    told: Duration,
}

#[derive(Serialize)]
struct Line<'a> {
    v: u32,
    seq: u64,
    ts: &'a str,
    #[serde(flatten)]
    what: &'a What<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What<'a> {
    Opened {
        #[serde(rename = "type")]
        kind: &'a str,
        engine: &'a str,
    },
    Event(&'a Event),
}

impl EventStream {
    /// Opens a stream: the first line is written at once.
    pub(in crate::cli) fn open(out: Out, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let mut pen = Pen { out: Some(out), seq: 0, progress: HashMap::new() };
        let opened = What::Opened { kind: "opened", engine: env!("CARGO_PKG_VERSION") };
        match pen.write(clock.since_epoch(), &opened) {
            Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => pen.out = None,
            other => other?,
        }
        Ok(Self { clock, pen: Mutex::new(pen) })
    }
}

impl EventStream {
    /// Whether it ended early: nobody reads it, or it could not be written.
    pub(in crate::cli) fn is_broken(&self) -> bool {
        self.pen.lock().unwrap_or_else(PoisonError::into_inner).out.is_none()
    }
}

impl Reader for EventStream {
    fn read(&self, event: &Event) {
        let now = self.clock.since_epoch();
        let mut pen = self.pen.lock().unwrap_or_else(PoisonError::into_inner);
        let written = if let Event::BlobProgress { digest, bytes } = event {
            pen.progress(now, digest, *bytes)
        } else {
            pen.note(now, event);
            pen.write(now, &What::Event(event))
        };
        if written.is_err() {
            pen.out = None;
        }
    }
}

impl Pen {
    fn note(&mut self, now: Duration, event: &Event) {
        match event {
            Event::BlobStarted { item, digest, .. } => {
                let progress = Progress { item: *item, bytes: 0, told: now };
                self.progress.insert(digest.clone(), progress);
            }
            Event::ItemFinished { item, .. } => {
                self.progress.retain(|_, progress| progress.item != *item);
            }
            _ => {}
        }
    }

    /// Sums the progress of a blob up, and tells it when it was silent for a while.
    fn progress(&mut self, now: Duration, digest: &Digest, bytes: u64) -> io::Result<()> {
        let Some(progress) = self.progress.get_mut(digest) else { return Ok(()) };
        progress.bytes = progress.bytes.saturating_add(bytes);
        if now.saturating_sub(progress.told) < PROGRESS_EVERY {
            return Ok(());
        }
        progress.told = now;
        let bytes = std::mem::take(&mut progress.bytes);
        let event = Event::BlobProgress { digest: digest.clone(), bytes };
        self.write(now, &What::Event(&event))
    }

    fn write(&mut self, now: Duration, what: &What<'_>) -> io::Result<()> {
        let Some(out) = &mut self.out else { return Ok(()) };
        let line = Line { v: VERSION, seq: self.seq, ts: &timestamp(now), what };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        self.seq += 1;
        out.write_all(printable::json(&text).as_bytes())?;
        out.flush()
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
