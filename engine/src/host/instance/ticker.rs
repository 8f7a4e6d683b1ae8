//! The clock that bounds computing: a thread of its own that ticks while an instance runs.
//!
//! A thread, not a tokio timer: a runtime whose workers are all busy in guests would starve the
//! timer that should stop them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::Duration;
use wasmtime::EngineWeak;

/// How often the epoch moves. A call overruns its limit by two ticks at most.
pub(in crate::host) const TICK: Duration = Duration::from_millis(5);

/// Ticks while somebody holds a [`Ticking`].
pub(in crate::host) struct Ticker {
    running: Arc<AtomicUsize>,
    engines: Engines,
    thread: Thread,
}

/// The engines whose epoch moves.
type Engines = Arc<Mutex<Vec<EngineWeak>>>;

/// Keeps the ticker going.
pub(in crate::host) struct Ticking(Arc<AtomicUsize>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Ticker {
    /// Starts the thread. It ends when the ticker and all that it handed out are gone.
    pub(in crate::host) fn start() -> std::io::Result<Self> {
        let running = Arc::new(AtomicUsize::new(0));
        let engines = Engines::default();
        let (seen, ticked) = (Arc::downgrade(&running), Arc::clone(&engines));
        let builder = thread::Builder::new().name("ticker".to_owned());
        let handle = builder.spawn(move || tick(&seen, &ticked))?;
        Ok(Self { running, engines, thread: handle.thread().clone() })
    }

    /// Moves the epoch of this engine too.
    pub(in crate::host) fn watch(&self, engine: EngineWeak) {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner).push(engine);
    }

    /// Ticks from now until the answer is dropped.
    pub(in crate::host) fn run(&self) -> Ticking {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
        Ticking(Arc::clone(&self.running))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.thread.unpark();
    }
}

fn tick(running: &Weak<AtomicUsize>, engines: &Engines) {
    loop {
        let Some(count) = running.upgrade().map(|running| running.load(Ordering::Acquire)) else {
            return;
        };
        if count == 0 {
            // A lost wake-up costs at most this long, and the thread sees that it should end.
            thread::park_timeout(Duration::from_secs(1));
            continue;
        }
        let watched = engines.lock().unwrap_or_else(PoisonError::into_inner);
        watched.iter().filter_map(EngineWeak::upgrade).for_each(|engine| engine.increment_epoch());
        drop(watched);
        thread::sleep(TICK);
    }
}
