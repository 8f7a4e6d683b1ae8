//! Waiting that a call is not to blame for: for its turn at a registry's limits, or because the
//! registry asked for patience. It does not count towards the call's time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Adds up the waiting of one call, whose requests may wait side by side.
#[derive(Debug, Clone, Default)]
pub struct UncountedTime(Arc<Mutex<Tally>>);

/// While this lives, the call waits.
#[derive(Debug)]
pub struct Waiting(UncountedTime);

#[derive(Debug, Default)]
struct Tally {
    waiting: u32,
    since: Option<Instant>,
    total: Duration,
}

impl UncountedTime {
    /// The call waits from now until the answer is dropped.
    #[must_use = "waiting ends when this is dropped"]
    pub fn wait(&self) -> Waiting {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tally.waiting += 1;
        tally.since.get_or_insert_with(Instant::now);
        drop(tally);
        Waiting(self.clone())
    }

    /// How long the call has waited so far.
    pub fn total(&self) -> Duration {
        let tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tally.total + tally.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut tally = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        tally.waiting = tally.waiting.saturating_sub(1);
        if tally.waiting == 0
            && let Some(since) = tally.since.take()
        {
            tally.total += since.elapsed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_side_by_side_counts_once() {
        let uncounted = UncountedTime::default();
        assert_eq!(uncounted.total(), Duration::ZERO);
        let (one, two) = (uncounted.wait(), uncounted.wait());
        drop(one);
        std::thread::sleep(Duration::from_millis(5));
        drop(two);
        let total = uncounted.total();
        assert!(total >= Duration::from_millis(5));
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(uncounted.total(), total, "nobody waits any more");
    }
}
