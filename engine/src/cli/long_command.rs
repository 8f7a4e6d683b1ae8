//! A command that talks to the network: a runtime for it, signals, signs of life, its end.

use super::exit::Exit;
use crate::event::{Event, Events};
use crate::run::{Signal, Stop};
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Threads for calls that block. The engine blocks on the disk at most.
const BLOCKING_THREADS: usize = 32;

/// How long threads that still block may hold up the end of the process.
const LAST_GRACE: Duration = Duration::from_millis(200);

/// What goes on beside a walk.
pub(super) struct Beside<'a> {
    /// Told when the first signal comes.
    pub(super) stop: Stop,
    /// Told when the first signal comes.
    pub(super) events: Events,
    /// Called now and then.
    pub(super) beat: &'a dyn Fn(),
    /// How often.
    pub(super) every: Duration,
}

/// How a walk ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WalkEnd<T> {
    /// By itself, or after it was asked to stop by this signal.
    Done(T, Option<Signal>),
    /// A second signal came: it was dropped where it stood.
    Aborted(Signal),
    /// It panicked; the panic was shown already.
    Panicked,
}

impl<T> WalkEnd<T> {
    /// The exit code, given that of a walk that was not asked to stop.
    pub(super) fn exit(self, of: impl FnOnce(T) -> Exit) -> Exit {
        match self {
            Self::Done(ended, None) => of(ended),
            Self::Done(ended, Some(signal)) => of(ended).or(Exit::of_signal(signal)),
            Self::Aborted(signal) => Exit::of_signal(signal),
            Self::Panicked => Exit::Engine,
        }
    }
}

/// Walks to the end. The walk runs on threads of its own; signals are heard by a runtime of this
/// thread, as one runtime for both is deaf while a call blocks the thread that waits for events.
pub(super) fn walk<T: Send + 'static>(
    walking: impl Future<Output = T> + Send + 'static,
    beside: &Beside<'_>,
) -> io::Result<WalkEnd<T>> {
    let walkers =
        Builder::new_multi_thread().max_blocking_threads(BLOCKING_THREADS).enable_all().build()?;
    let ended = Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut listening = JoinSet::new();
        let signals = listen(&mut listening)?;
        let mut walk = JoinSet::new();
        walk.spawn_on(walking, walkers.handle());
        Ok(attend(walk, signals, beside).await)
    });
    walkers.shutdown_timeout(LAST_GRACE);
    ended
}

/// Hears SIGINT and SIGTERM from now on.
fn listen(listening: &mut JoinSet<()>) -> io::Result<mpsc::Receiver<Signal>> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let (sender, signals) = mpsc::channel(2);
    listening.spawn(async move {
        loop {
            let heard = tokio::select! {
                Some(()) = interrupts.recv() => Signal::Interrupt,
                Some(()) = terminations.recv() => Signal::Terminate,
                else => return,
            };
            if sender.send(heard).await.is_err() {
                return;
            }
        }
    });
    Ok(signals)
}

/// Waits for the end of the walk: the first signal asks it to stop, the second drops it.
async fn attend<T: 'static>(
    mut walk: JoinSet<T>,
    mut signals: mpsc::Receiver<Signal>,
    beside: &Beside<'_>,
) -> WalkEnd<T> {
    let mut asked = None;
    let mut beats = interval_at(Instant::now() + beside.every, beside.every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            ended = walk.join_next() => {
                return match ended {
                    Some(Ok(ended)) => WalkEnd::Done(ended, asked),
                    Some(Err(_)) | None => WalkEnd::Panicked,
                };
            }
            Some(signal) = signals.recv() => {
                if asked.is_some() {
                    return WalkEnd::Aborted(signal);
                }
                asked = Some(signal);
                beside.events.say(&Event::Stopping { signal: name(signal).to_owned() });
                beside.stop.request(signal);
            }
            _ = beats.tick() => (beside.beat)(),
        }
    }
}

fn name(signal: Signal) -> &'static str {
    match signal {
        Signal::Interrupt => "SIGINT",
        Signal::Terminate => "SIGTERM",
    }
}

#[cfg(test)]
#[path = "long_command_tests.rs"]
mod tests;
