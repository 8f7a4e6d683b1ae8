//! How many requests a host gets, and how fast.
//!
//! A pass is held from the request to the head of its answer, and goes on to count as a *body*
//! while the answer's body is read; a request that carries a body counts as one from its start.
//! Bodies take room from new requests, but never all of it: one request is always let through.
//! That is what keeps copies from waiting for each other. If bodies could fill a host, a PUT to
//! a registry with `concurrent: 1` would hold the pass that the GET behind its body waits for. As
//! it is, whoever holds a request's pass waits for the network alone, within its patience. How
//! many bodies there are is bounded by whoever moves them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The entrance to one host.
pub(super) struct Gate {
    concurrent: usize,
    interval: Option<Duration>,
    /// Who holds this is next; the others wait in line. The time is when the next may start.
    line: tokio::sync::Mutex<Option<Instant>>,
    inside: Mutex<Inside>,
    freed: Notify,
}

#[derive(Default)]
struct Inside {
    requests: usize,
    bodies: usize,
    closed_until: Option<Instant>,
}

/// Leave to have one request in flight, given back when it is dropped.
pub(super) struct Pass {
    gate: Arc<Gate>,
    body: bool,
}

impl Gate {
    /// A gate for `concurrent` requests in flight, and so many in a second.
    pub(super) fn new(concurrent: usize, per_second: Option<u32>) -> Arc<Self> {
        let interval =
            per_second.filter(|rate| *rate > 0).map(|rate| Duration::from_secs(1) / rate);
        Arc::new(Self {
            concurrent: concurrent.max(1),
            interval,
            line: tokio::sync::Mutex::default(),
            inside: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Waits for a pass, in line. `body`: the request carries one.
    pub(super) async fn enter(self: &Arc<Self>, body: bool) -> Pass {
        let mut next_start = self.line.lock().await;
        let pass = loop {
            let freed = self.freed.notified();
            match self.try_enter(body) {
                Ok(pass) => break pass,
                Err(Some(until)) => tokio::time::sleep_until(until).await,
                Err(None) => freed.await,
            }
        };
        if let Some(interval) = self.interval {
            let start = next_start.map_or_else(Instant::now, |next| next.max(Instant::now()));
            *next_start = Some(start + interval);
            tokio::time::sleep_until(start).await;
        }
        pass
    }

    /// Lets nobody in for a while.
    pub(super) fn close_for(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.closed_until = Some(inside.closed_until.map_or(until, |known| known.max(until)));
    }

    fn try_enter(self: &Arc<Self>, body: bool) -> Result<Pass, Option<Instant>> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        match inside.closed_until {
            Some(until) if until > Instant::now() => return Err(Some(until)),
            _ => inside.closed_until = None,
        }
        let room = self.concurrent.saturating_sub(inside.bodies).max(1);
        if inside.requests >= room {
            return Err(None);
        }
        if body {
            inside.bodies += 1;
        } else {
            inside.requests += 1;
        }
        Ok(Pass { gate: Arc::clone(self), body })
    }
}

impl Pass {
    /// The request is answered; the body of the answer follows.
    pub(super) fn into_body(mut self) -> Self {
        if !self.body {
            self.body = true;
            let mut inside = self.gate.inside.lock().unwrap_or_else(PoisonError::into_inner);
            inside.requests -= 1;
            inside.bodies += 1;
            drop(inside);
            self.gate.freed.notify_one();
        }
        self
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.gate.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if self.body {
            inside.bodies -= 1;
        } else {
            inside.requests -= 1;
        }
        drop(inside);
        self.gate.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn requests_are_bounded() {
        let gate = Gate::new(2, None);
        let first = gate.enter(false).await;
        let _second = gate.enter(false).await;
        assert!(gate.enter(false).now_or_never().is_none());
        drop(first);
        assert!(gate.enter(false).now_or_never().is_some());
    }

    #[tokio::test]
    async fn bodies_never_shut_the_gate() {
        let gate = Gate::new(1, None);
        let put = gate.enter(true).now_or_never().unwrap();
        let get = gate.enter(false).now_or_never().unwrap();
        assert!(gate.enter(false).now_or_never().is_none(), "one request at a time");
        let get = get.into_body();
        assert!(gate.enter(true).now_or_never().is_some());
        drop((put, get));
        let gate = Gate::new(3, None);
        let _body = gate.enter(false).await.into_body();
        let _second = (gate.enter(false).await, gate.enter(false).await);
        assert!(gate.enter(false).now_or_never().is_none(), "a body takes room");
    }

    #[tokio::test]
    async fn the_pace_and_pauses_are_kept() {
        let gate = Gate::new(9, Some(100));
        let start = Instant::now();
        for _ in 0..4 {
            drop(gate.enter(false).await);
        }
        assert!(start.elapsed() >= Duration::from_millis(30));
        let start = Instant::now();
        gate.close_for(Duration::from_millis(60));
        gate.close_for(Duration::from_millis(10));
        drop(gate.enter(false).await);
        assert!(start.elapsed() >= Duration::from_millis(60));
    }
}
