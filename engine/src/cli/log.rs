//! The developers' log: lines of `tracing`, between the lines for people.

use super::output_style::Level;
use super::printable;
use super::standard_error::Speaker;
use std::io::{self, Write};
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

/// Writes lines of this program to the speaker from now on. A later call has no effect.
///
/// No variable is read, and no line of a dependency is written: an HTTP library's log may show
/// headers, and they may hold a credential.
pub(super) fn start(speaker: &Speaker) {
    let tone = speaker.tone();
    let level = most(tone.level);
    let filter = filter_fn(move |line| *line.level() <= level && is_ours(line));
    let lines = layer().with_writer(Lines(speaker.clone())).with_ansi(false);
    // Only the first of a process counts; in tests there are many.
    let _first = if tone.json {
        let lines = lines.json().with_filter(filter);
        tracing::subscriber::set_global_default(Registry::default().with(lines))
    } else {
        let lines = lines.without_time().with_filter(filter);
        tracing::subscriber::set_global_default(Registry::default().with(lines))
    };
}

/// The least that is written. People have lines of their own for what matters to them, so what
/// developers call information starts at -v.
fn most(level: Level) -> LevelFilter {
    match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn | Level::Info => LevelFilter::WARN,
        Level::Debug => LevelFilter::INFO,
        Level::Trace => LevelFilter::DEBUG,
    }
}

fn is_ours(line: &Metadata<'_>) -> bool {
    let target = line.target();
    target == "engine" || target.starts_with("engine::") || target.starts_with("engine_oci")
}

/// Makes a writer for each line.
struct Lines(Speaker);

/// Gathers one line and hands it on when it is dropped.
struct Gathering {
    speaker: Speaker,
    text: Vec<u8>,
}

impl MakeWriter<'_> for Lines {
    type Writer = Gathering;

    fn make_writer(&self) -> Gathering {
        Gathering { speaker: self.0.clone(), text: Vec::new() }
    }
}

impl Write for Gathering {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Gathering {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text);
        self.speaker.pass_on(&printable::line(text.trim()));
    }
}
