//! Being asked to stop: the first signal lets what runs come to its end, within a grace.

use std::sync::Arc;
use tokio::sync::watch;

/// What asked for the stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// Says to all parts of a run that it should stop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<Signal>>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::channel(None).0))
    }
}

impl Signal {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }
}

impl Stop {
    /// Asks for a stop; the first signal stays.
    pub fn request(&self, signal: Signal) {
        self.0.send_if_modified(|kept| {
            let first = kept.is_none();
            kept.get_or_insert(signal);
            first
        });
    }

    /// What asked for a stop, if anything did.
    pub fn requested(&self) -> Option<Signal> {
        *self.0.borrow()
    }

    /// Waits until a stop is asked for.
    pub async fn wait(&self) -> Signal {
        let mut seen = self.0.subscribe();
        loop {
            if let Some(signal) = *seen.borrow_and_update() {
                return signal;
            }
            if seen.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_signal_stays_and_wakes_all() {
        let stop = Stop::default();
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.wait().await }
        });
        assert_eq!(stop.requested(), None);
        stop.request(Signal::Terminate);
        stop.request(Signal::Interrupt);
        assert_eq!(waiting.await.unwrap(), Signal::Terminate);
        assert_eq!(stop.requested(), Some(Signal::Terminate));
    }
}
