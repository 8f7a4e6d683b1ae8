//! Progress bars on a terminal: one for the items, and one for each of the first few blobs that
//! move.

use crate::cli::printable;
use crate::event::{Event, Reader};
use crate::oci::Digest;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Blobs that have a line; the others are counted in the first line.
const MOST_LINES: usize = 8;

/// Drawings a second at most. More makes a terminal flicker, and costs bytes over a slow line.
const DRAWINGS_A_SECOND: u8 = 8;

const ITEMS: &str = "[{bar:24}] {pos}/{len} images  {wide_msg}";
const SURVEY: &str = "{spinner} {wide_msg}";
const BLOB: &str = "  {msg:19} [{bar:20}] {binary_bytes:>10} / {binary_total_bytes}";
const BLOB_WITHOUT_SIZE: &str = "  {msg:19} {spinner} {binary_bytes}";

/// Draws bars. Where it draws is a [`MultiProgress`], that the speaker knows too, so lines and bars
/// make room for each other.
pub(in crate::cli) struct Bars {
    drawing: Mutex<Drawing>,
}

struct Drawing {
    all: MultiProgress,
    items: ProgressBar,
    /// Items that began.
    running: HashMap<u64, String>,
    blobs: HashMap<Digest, Blob>,
}

/// A blob that moves.
struct Blob {
    item: u64,
    size: Option<u64>,
    bytes: u64,
    line: Option<ProgressBar>,
}

impl Bars {
    /// The place on standard error where bars are drawn.
    pub(in crate::cli) fn place() -> MultiProgress {
        MultiProgress::with_draw_target(target())
    }

    /// Bars that are drawn there.
    pub(in crate::cli) fn new(all: MultiProgress) -> Self {
        let items = all.add(ProgressBar::new_spinner().with_style(style(SURVEY)));
        let (running, blobs) = (HashMap::new(), HashMap::new());
        Self { drawing: Mutex::new(Drawing { all, items, running, blobs }) }
    }

    /// Draws again, so that what turns goes on turning.
    pub(in crate::cli) fn beat(&self) {
        self.drawing.lock().unwrap_or_else(PoisonError::into_inner).items.tick();
    }

    /// Takes all bars away until the guard is dropped: what is typed at a prompt stays readable.
    pub(in crate::cli) fn hidden(self: &Arc<Self>) -> Hidden {
        let drawing = self.drawing.lock().unwrap_or_else(PoisonError::into_inner);
        // A terminal that is gone needs no clearing.
        let _cleared = drawing.all.clear();
        drawing.all.set_draw_target(ProgressDrawTarget::hidden());
        Hidden(Arc::clone(self))
    }

    /// Takes all bars away; nothing is drawn from now on.
    pub(in crate::cli) fn clear(&self) {
        let mut drawing = self.drawing.lock().unwrap_or_else(PoisonError::into_inner);
        for blob in drawing.blobs.drain().filter_map(|(_, blob)| blob.line) {
            blob.finish_and_clear();
        }
        drawing.items.finish_and_clear();
        // A terminal that is gone needs no clearing.
        let _cleared = drawing.all.clear();
    }
}

/// Bars that are not drawn as long as this is there.
pub(in crate::cli) struct Hidden(Arc<Bars>);

impl Drop for Hidden {
    fn drop(&mut self) {
        let drawing = self.0.drawing.lock().unwrap_or_else(PoisonError::into_inner);
        drawing.all.set_draw_target(target());
    }
}

fn target() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr_with_hz(DRAWINGS_A_SECOND)
}

impl Reader for Bars {
    fn read(&self, event: &Event) {
        self.drawing.lock().unwrap_or_else(PoisonError::into_inner).note(event);
    }
}

impl Drawing {
    fn note(&mut self, event: &Event) {
        match event {
            Event::SurveyStarted { place, .. } => {
                self.items
                    .set_message(printable::line(&format!("looking at {place}")).into_owned());
            }
            Event::PlanReady { totals, .. } => {
                self.items.set_style(style(ITEMS));
                self.items.set_length(totals.copy + totals.moved);
                self.items.set_message("");
            }
            Event::ItemStarted { item, destination, .. } => {
                self.running.insert(*item, destination.clone());
                self.items.set_message(self.about());
            }
            Event::ItemFinished { item, .. } => self.end_item(*item),
            Event::BlobStarted { item, digest, size } => {
                let blob = Blob { item: *item, size: *size, bytes: 0, line: None };
                if let Some(before) = self.blobs.insert(digest.clone(), blob) {
                    end_line(before.line, &self.all);
                }
                self.give_lines();
            }
            Event::BlobProgress { digest, bytes } => {
                if let Some(blob) = self.blobs.get_mut(digest) {
                    blob.bytes = blob.bytes.saturating_add(*bytes);
                    if let Some(line) = &blob.line {
                        line.set_position(blob.bytes);
                    }
                }
            }
            Event::BlobFinished { digest, .. } => {
                if let Some(blob) = self.blobs.remove(digest) {
                    end_line(blob.line, &self.all);
                    self.give_lines();
                }
            }
            _ => {}
        }
    }

    fn end_item(&mut self, item: u64) {
        if self.running.remove(&item).is_some() {
            self.items.inc(1);
        }
        // A failed item leaves blobs that never come to their own end.
        let gone = self.blobs.extract_if(|_, blob| blob.item == item);
        for (_, blob) in gone.collect::<Vec<_>>() {
            end_line(blob.line, &self.all);
        }
        self.give_lines();
        self.items.set_message(self.about());
    }

    /// Gives lines to blobs that have none, as long as there are any to give.
    fn give_lines(&mut self) {
        let taken = self.blobs.values().filter(|blob| blob.line.is_some()).count();
        let waiting = self.blobs.iter_mut().filter(|(_, blob)| blob.line.is_none());
        for (digest, blob) in waiting.take(MOST_LINES.saturating_sub(taken)) {
            let line = match blob.size {
                Some(size) => ProgressBar::new(size).with_style(style(BLOB)),
                None => ProgressBar::new_spinner().with_style(style(BLOB_WITHOUT_SIZE)),
            };
            let line = self.all.add(line.with_message(super::words::short(digest)));
            line.set_position(blob.bytes);
            blob.line = Some(line);
        }
    }

    /// What stands behind the items' bar: one name, and how many more.
    fn about(&self) -> String {
        let hidden = self.blobs.values().filter(|blob| blob.line.is_none()).count();
        let Some((_, name)) = self.running.iter().min_by_key(|(item, _)| **item) else {
            return String::new();
        };
        let mut parts = vec![printable::line(name).into_owned()];
        if self.running.len() > 1 {
            parts.push(format!("{} more", self.running.len() - 1));
        }
        if hidden > 0 {
            parts.push(format!("{hidden} blobs not shown"));
        }
        parts.join(", ")
    }
}

fn end_line(line: Option<ProgressBar>, all: &MultiProgress) {
    if let Some(line) = line {
        line.finish_and_clear();
        all.remove(&line);
    }
}

/// A style of one of the templates above; a test parses them all.
fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=>-")
}

#[cfg(test)]
#[path = "bars_tests.rs"]
mod tests;
