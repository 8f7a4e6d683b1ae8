//! Instances of one place that wait for their next call.
//!
//! A call that asks a registry something is mostly waiting; to make an instance for it, to have its memory grow
//! and to take it apart was a third of what an unchanged tag costs. So an instance that ended its call well
//! is used again, by the same step at the same place and side alone: what it may remember there is
//! what `notes` would carry. Rights, budgets and faults begin anew with each call.
//!
//! How many instances there are follows from how fast answers come, which nobody has to measure: a call
//! waits a moment for one that comes back, and has a new one made when none does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Instances that are made without waiting for one that comes back.
const AT_ONCE: usize = 4;
/// How long a call waits for an instance. Registries nearby answer within it; where one takes 20 ms, a
/// run loses a moment once.
const WAIT: Duration = Duration::from_millis(3);
/// Instances of a place that wait; a run of one image has about as many calls at once.
const MOST: usize = 16;

/// Instances between two calls.
pub(in crate::host) struct IdleInstances<I> {
    idle: Mutex<Vec<I>>,
    /// A permit for each that is in `idle`.
    back: Semaphore,
    alive: Arc<AtomicUsize>,
}

/// Counts an instance for as long as it is there.
pub(in crate::host) struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<I> Default for IdleInstances<I> {
    fn default() -> Self {
        Self { idle: Mutex::default(), back: Semaphore::new(0), alive: Arc::default() }
    }
}

impl<I> IdleInstances<I> {
    /// One that is idle now or in a moment; else the count of a new one that is to be made.
    pub(super) async fn take(&self) -> Result<I, Alive> {
        let few = self.alive.load(Ordering::Relaxed) < AT_ONCE;
        let permit = match self.back.try_acquire() {
            Ok(permit) => Some(permit),
            Err(_) if few => None,
            Err(_) => timeout(WAIT, self.back.acquire()).await.ok().and_then(Result::ok),
        };
        let taken = permit.and_then(|permit| {
            permit.forget();
            // The last one: its memory is still in the processor's cache.
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
        });
        taken.ok_or_else(|| {
            self.alive.fetch_add(1, Ordering::Relaxed);
            Alive(Arc::clone(&self.alive))
        })
    }

    /// Keeps an instance for the next call, if there are not too many.
    pub(super) fn keep(&self, instance: I) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST {
            idle.push(instance);
            self.back.add_permits(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_are_made_at_once_and_more_when_none_comes_back() {
        let instances = IdleInstances::default();
        let mut alive = Vec::new();
        let begun = tokio::time::Instant::now();
        for _ in 0..AT_ONCE {
            alive.push(instances.take().await.unwrap_err());
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
        let (taken, ()) = tokio::join!(instances.take(), async { instances.keep("back") });
        assert_eq!(taken.ok(), Some("back"));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        alive.push(instances.take().await.unwrap_err());
        assert_eq!(begun.elapsed(), WAIT);
        alive.clear();
        alive.push(instances.take().await.unwrap_err());
        assert_eq!(begun.elapsed(), WAIT, "those that are gone do not count");
    }

    #[tokio::test]
    async fn not_more_than_so_many_wait() {
        let instances = IdleInstances::default();
        (0..2 * MOST).for_each(|number| instances.keep(number));
        assert_eq!(instances.take().await.ok(), Some(MOST - 1), "the last one first");
        assert_eq!(instances.idle.lock().unwrap().len(), MOST - 1);
    }
}
