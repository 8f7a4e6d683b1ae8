//! Those who listen to a run, and the walk that they listen to.

use crate::cli::exit::Exit;
use crate::cli::long_command::{Beside, walk};
use crate::cli::passphrase_prompt::without_bars;
use crate::cli::readers::{Audit, Bars, Lines};
use crate::cli::refusal::refused;
use crate::cli::standard_error::Speaker;
use crate::event::Events;
use crate::run::{Refused, Request};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// How often a sign of life is given: CI systems end jobs that are silent for minutes.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How often bars turn while nothing happens.
const TURN: Duration = Duration::from_millis(500);

/// Those who listen, set up.
pub(super) struct Listeners {
    speaker: Speaker,
    events: Events,
    /// Lines that give a sign of life; none where bars do, or nobody wants one.
    lines: Option<Arc<Lines>>,
    bars: Option<Arc<Bars>>,
    audit: Option<Arc<Audit>>,
}

impl Listeners {
    /// A speaker that knows of the bars, and events that reach all readers.
    pub(super) fn new(
        speaker: Speaker,
        events: Events,
        lines: Option<Arc<Lines>>,
        bars: Option<Arc<Bars>>,
    ) -> Self {
        Self { speaker, events, lines, bars, audit: None }
    }

    /// The same with an audit, which must be whole in the end.
    pub(super) fn audited(self, audit: Option<Arc<Audit>>) -> Self {
        Self { audit, ..self }
    }

    /// Who speaks to people, between bars if there are any.
    pub(super) fn speaker(&self) -> &Speaker {
        &self.speaker
    }

    /// Makes a request heard, walks to the end, and shows what came of it. All else that can come
    /// of a walk is said here.
    pub(super) fn walk<T, F>(
        &self,
        mut request: Request,
        take: impl FnOnce(Request) -> F,
        show: impl FnOnce(T) -> Exit,
    ) -> Exit
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Refused>> + Send + 'static,
    {
        request.events = self.events.clone();
        request.ask = without_bars(request.ask, self.bars.as_ref());
        let beside = Beside {
            stop: request.stop.clone(),
            events: self.events.clone(),
            beat: &|| self.beat(),
            every: if self.bars.is_some() { TURN } else { HEARTBEAT },
        };
        let ended = walk(take(request), &beside);
        if let Some(bars) = &self.bars {
            bars.clear();
        }
        let audited = self.audit.as_ref().is_none_or(|audit| !audit.is_broken());
        if !audited {
            self.speaker.complain("the audit could not be written: it is not whole");
        }
        let exit = match ended {
            Ok(ended) => ended.exit(|result| match result {
                Ok(came) => show(came),
                Err(faults) => refused(&self.speaker, &faults),
            }),
            Err(fault) => {
                self.speaker.complain(&format!("cannot start: {fault}"));
                Exit::Engine
            }
        };
        exit.or(if audited { Exit::Done } else { Exit::Unwritten })
    }

    fn beat(&self) {
        if let Some(bars) = &self.bars {
            bars.beat();
        }
        if let Some(lines) = &self.lines {
            lines.beat();
        }
    }
}
