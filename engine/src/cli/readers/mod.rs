//! Readers of events: lines for people or programs, progress bars, and the stream of events.

mod audit;
mod bars;
mod lines;
mod phrase;
mod running_items;
#[cfg(test)]
mod sample;
mod stream;
mod words;

pub(super) use audit::Audit;
pub(super) use bars::Bars;
pub(super) use lines::Lines;
pub(super) use phrase::{Mood, Phrase};
pub(super) use stream::{EventStream, Out};
