//! How a run is listened to: the arguments, and what they come to.

use super::listeners::Listeners;
use crate::cli::exit::Exit;
use crate::cli::output_style::{Level, LogFormat, Voice, capable};
use crate::cli::readers::{Audit, Bars, EventStream, Lines, Out};
use crate::cli::refusal::unwritable;
use crate::cli::standard_error::Speaker;
use crate::event::{Events, Reader};
use crate::role::{Surroundings, SystemClock};
use clap::{Args, ValueEnum};
use std::fs::File;
use std::io::{self, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The arguments of every command that takes its time.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(in crate::cli) struct Listening {
    #[command(flatten)]
    pub(in crate::cli) voice: Voice,

    /// How progress is shown on standard error; auto: bars on a terminal, else lines
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Progress::Auto)]
    pub(in crate::cli) progress: Progress,

    /// Write every event as a JSON line to this file, or to standard output for -
    #[arg(long, value_name = "FILE|-")]
    pub(in crate::cli) events: Option<PathBuf>,

    /// Add what matters to security to this file: credentials and keys used, grants refused, verdicts,
    /// tags moved
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) audit: Option<PathBuf>,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Progress {
    /// Bars on a terminal, else plain
    Auto,
    /// Bars
    Tty,
    /// A line per finished item, and one every 30 s
    Plain,
    /// Only what went wrong
    None,
}

impl Listening {
    /// Sets them up; a fault has been said already.
    pub(super) fn start(&self, surroundings: &Surroundings) -> Result<Listeners, Exit> {
        let mut tone = self.voice.tone(surroundings);
        let progress = self.progress(surroundings);
        if progress == Progress::None {
            tone.level = tone.level.min(Level::Warn);
        }
        let mut speaker = Speaker::to_stderr(tone);
        let mut readers: Vec<Arc<dyn Reader>> = Vec::new();
        let mut bars = None;
        if progress == Progress::Tty {
            let place = Bars::place();
            speaker = speaker.around(place.clone());
            bars = Some(Arc::new(Bars::new(place)));
        }
        crate::cli::log::start(&speaker);
        if let Some(path) = &self.events {
            let stream = open(path)
                .and_then(|out| EventStream::open(out, Arc::new(SystemClock)))
                .map_err(|fault| unwritable(&speaker, &(path.clone(), fault)))?;
            readers.push(Arc::new(stream));
        }
        let audit = match &self.audit {
            Some(path) => {
                let audit = Audit::open(path, Arc::new(SystemClock))
                    .map_err(|fault| unwritable(&speaker, &(path.clone(), fault)))?;
                Some(Arc::new(audit))
            }
            None => None,
        };
        readers.extend(audit.iter().map(|audit| Arc::clone(audit) as Arc<dyn Reader>));
        let lines = Arc::new(Lines::new(speaker.clone()));
        readers.push(Arc::clone(&lines) as Arc<dyn Reader>);
        readers.extend(bars.iter().map(|bars| Arc::clone(bars) as Arc<dyn Reader>));
        let events = Events::new(readers);
        let lines = (progress == Progress::Plain).then_some(lines);
        Ok(Listeners::new(speaker, events, lines, bars).audited(audit))
    }

    /// Whether standard output is taken by the stream of events.
    pub(super) fn takes_stdout(&self) -> bool {
        self.events.as_deref() == Some(Path::new("-"))
    }

    /// What `auto` comes to. JSON lines and bars do not go together.
    fn progress(&self, surroundings: &Surroundings) -> Progress {
        match self.progress {
            Progress::Auto | Progress::Tty if self.voice.log_format == LogFormat::Json => {
                Progress::Plain
            }
            Progress::Auto if self.voice.quiet => Progress::None,
            Progress::Auto if capable(surroundings) => Progress::Tty,
            // Bars in a file are nothing, and a sign of life is needed there.
            Progress::Tty if surroundings.terminal => Progress::Tty,
            Progress::Auto | Progress::Tty => Progress::Plain,
            chosen => chosen,
        }
    }
}

/// Opens where events go. A file starts anew; a pipe is written as it is.
fn open(path: &Path) -> io::Result<Out> {
    if path == Path::new("-") {
        return Ok(Box::new(stdout()));
    }
    Ok(Box::new(File::create(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output_style::When;

    #[test]
    fn bars_need_a_terminal_and_give_way_to_json() {
        for (progress, terminal, log_format, quiet, comes_to) in [
            (Progress::Auto, true, LogFormat::Text, false, Progress::Tty),
            (Progress::Auto, false, LogFormat::Text, false, Progress::Plain),
            (Progress::Auto, true, LogFormat::Json, false, Progress::Plain),
            (Progress::Auto, true, LogFormat::Text, true, Progress::None),
            (Progress::Tty, false, LogFormat::Text, false, Progress::Plain),
            (Progress::Tty, true, LogFormat::Text, true, Progress::Tty),
            (Progress::Tty, true, LogFormat::Json, false, Progress::Plain),
            (Progress::None, true, LogFormat::Json, false, Progress::None),
            (Progress::Plain, true, LogFormat::Text, false, Progress::Plain),
        ] {
            let voice = Voice { verbose: 0, quiet, log_format, color: When::Auto };
            let listening = Listening { voice, progress, events: None, audit: None };
            let around = Surroundings { terminal, ..Surroundings::default() };
            assert_eq!(listening.progress(&around), comes_to, "{listening:?} {terminal}");
        }
    }
}
