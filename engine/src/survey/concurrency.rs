//! Many questions at once, with a bound.

use std::panic::resume_unwind;
use tokio::task::JoinSet;

/// Runs `act` on each of `all`, at most `at_once` at a time, and gives the answers in the order of
/// `all`.
///
/// `all` is a list and not an iterator, as a borrowing one would keep the survey from being `Send`.
/// Each runs as a task of its own, since components compute: in one task they would all share one
/// core. Dropping the future ends them all.
pub(super) async fn concurrently<T, R, F>(
    all: Vec<T>,
    at_once: usize,
    act: impl Fn(T) -> F,
) -> Vec<R>
where
    R: Send + 'static,
    F: Future<Output = R> + Send + 'static,
{
    let mut running = JoinSet::new();
    let mut answers = Vec::new();
    let mut waiting = all.into_iter().enumerate();
    loop {
        while running.len() < at_once.max(1) {
            let Some((place, next)) = waiting.next() else { break };
            let answer = act(next);
            running.spawn(async move { (place, answer.await) });
        }
        match running.join_next().await {
            Some(Ok(answer)) => answers.push(answer),
            // A panic in a task is a bug of ours: it goes on here, so that the run ends with it.
            Some(Err(fault)) if fault.is_panic() => resume_unwind(fault.into_panic()),
            Some(Err(_)) => {}
            None => break,
        }
    }
    answers.sort_unstable_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::concurrently;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn the_order_stays_and_the_bound_holds() {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let answers = concurrently((0..100_usize).collect(), 7, |number| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                for _ in 0..number % 5 {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                number
            }
        });
        assert_eq!(answers.await, (0..100).collect::<Vec<_>>());
        let most = most.load(Ordering::SeqCst);
        assert!((2..=7).contains(&most), "{most} at once");
    }
}
