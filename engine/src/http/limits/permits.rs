//! Limits the requests in flight per host, and their rate.
//!
//! A permit is held from a request to its answer, and to the end of a body that is worth reading.
//! Two exceptions prevent deadlock: one read is let in beyond the limit while nothing else is read,
//! and one other request while there are only bodies. Without the first, a PUT to a registry with
//! `concurrent: 1` would hold the permit that the GET behind its body waits for, where both are at one
//! registry. Without the second, a caller that reads a body and asks something before its end would
//! wait for itself. A registry that is only written never gets more requests than its limit, nor does
//! one that is only read, unless a body stands still: its reader may be waiting for the next permit, so
//! it holds that up for a time only.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long bodies alone may keep a read waiting. As long as a body may be idle.
const BODIES_PATIENCE: Duration = Duration::from_mins(1);

/// Bytes of a body that is on its way when its head is here: sockets hold more. It counts as
/// nothing, so that a guest may collect many answers before it reads the first.
const SMALL_BODY_BYTES: u64 = 64 << 10;

/// The permits of one host.
pub(in crate::http) struct Permits {
    concurrent: usize,
    interval: Option<Duration>,
    /// Who holds a line is next in it. Reads have one of their own, as they must not stand behind
    /// what waits for them.
    line: tokio::sync::Mutex<()>,
    read_line: tokio::sync::Mutex<()>,
    /// When the next may start.
    next_start: tokio::sync::Mutex<Option<Instant>>,
    inside: Mutex<Inside>,
    freed: Notify,
}

/// What a request does while it is in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Load {
    /// It sends a body.
    Send,
    /// It reads a body, which an upload may be waiting for.
    Read,
    /// Neither.
    Ask,
}

#[derive(Default)]
struct Inside {
    sends: usize,
    /// Reads that have no answer yet.
    reads: usize,
    /// Bodies of answers that are being read.
    bodies: usize,
    asks: usize,
    closed_until: Option<Instant>,
}

/// Permission to have one request in flight, given back when it is dropped.
pub(in crate::http) struct Permit {
    permits: Arc<Permits>,
    load: Load,
    held: Held,
}

/// What a permit counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Request,
    Body,
    Nothing,
}

impl Permits {
    /// Permits for `concurrent` requests in flight, at a rate of `per_second`.
    pub(in crate::http) fn new(concurrent: usize, per_second: Option<u32>) -> Arc<Self> {
        let interval =
            per_second.filter(|rate| *rate > 0).map(|rate| Duration::from_secs(1) / rate);
        Arc::new(Self {
            concurrent: concurrent.max(1),
            interval,
            line: tokio::sync::Mutex::default(),
            read_line: tokio::sync::Mutex::default(),
            next_start: tokio::sync::Mutex::default(),
            inside: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Waits for a permit, in line.
    pub(in crate::http) async fn acquire(self: &Arc<Self>, load: Load) -> Permit {
        let line = if load == Load::Read { &self.read_line } else { &self.line };
        let first = line.lock().await;
        let mut overdue = false;
        let permit = loop {
            // Made before looking: it hears every end from now on, polled or not.
            let freed = self.freed.notified();
            match self.try_acquire(load, overdue) {
                Ok(permit) => break permit,
                Err(Some(until)) => tokio::time::sleep_until(until).await,
                Err(None) => overdue = tokio::time::timeout(BODIES_PATIENCE, freed).await.is_err(),
            }
        };
        drop(first);
        if let Some(interval) = self.interval {
            let mut next_start = self.next_start.lock().await;
            let start = next_start.map_or_else(Instant::now, |next| next.max(Instant::now()));
            *next_start = Some(start + interval);
            tokio::time::sleep_until(start).await;
        }
        permit
    }

    /// Lets nobody in for a while.
    pub(in crate::http) fn close_for(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut inside = self.inside();
        inside.closed_until = Some(inside.closed_until.map_or(until, |known| known.max(until)));
    }

    fn try_acquire(self: &Arc<Self>, load: Load, overdue: bool) -> Result<Permit, Option<Instant>> {
        let mut inside = self.inside();
        match inside.closed_until {
            Some(until) if until > Instant::now() => return Err(Some(until)),
            _ => inside.closed_until = None,
        }
        let Inside { sends, reads, bodies, asks, .. } = *inside;
        let beyond = match load {
            Load::Read => reads + asks == 0 && (bodies == 0 || overdue),
            Load::Send | Load::Ask => bodies > 0 && sends + reads + asks == 0,
        };
        if !beyond && sends + reads + bodies + asks >= self.concurrent {
            return Err(None);
        }
        *inside.requests(load) += 1;
        Ok(Permit { permits: Arc::clone(self), load, held: Held::Request })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn requests(&mut self, load: Load) -> &mut usize {
        match load {
            Load::Send => &mut self.sends,
            Load::Read => &mut self.reads,
            Load::Ask => &mut self.asks,
        }
    }
}

impl Permit {
    /// The request is answered. What follows counts as a body where a read went well and it is
    /// large; words about a failure count as nothing, since whoever has them may need another permit
    /// before he has read them.
    pub(in crate::http) fn answered(mut self, answer: &reqwest::Response) -> Self {
        let small = answer.content_length().is_some_and(|size| size <= SMALL_BODY_BYTES);
        let streams = answer.status().is_success() && !small;
        self.followed_by(streams);
        self
    }

    fn followed_by(&mut self, body: bool) {
        if self.held == Held::Request {
            let held = if body && self.load == Load::Read { Held::Body } else { Held::Nothing };
            self.hold(held);
        }
    }

    fn hold(&mut self, held: Held) {
        let mut inside = self.permits.inside();
        match self.held {
            Held::Request => *inside.requests(self.load) -= 1,
            Held::Body => inside.bodies -= 1,
            Held::Nothing => {}
        }
        if held == Held::Body {
            inside.bodies += 1;
        }
        drop(inside);
        self.held = held;
        self.permits.freed.notify_waiters();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.hold(Held::Nothing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    impl Permit {
        fn then(mut self, body: bool) -> Self {
            self.followed_by(body);
            self
        }
    }

    fn now(permits: &Arc<Permits>, load: Load) -> Option<Permit> {
        permits.acquire(load).now_or_never()
    }

    #[tokio::test]
    async fn requests_are_bounded() {
        for load in [Load::Ask, Load::Send, Load::Read] {
            let permits = Permits::new(2, None);
            let first = now(&permits, load).unwrap();
            let _second = now(&permits, load).unwrap();
            assert!(now(&permits, load).is_none(), "{load:?}");
            let first = first.then(true);
            assert_eq!(now(&permits, load).is_none(), load == Load::Read, "its body goes on");
            drop(first);
            assert!(now(&permits, load).is_some(), "{load:?}");
        }
    }

    #[tokio::test]
    async fn an_upload_never_keeps_out_what_it_waits_for() {
        let permits = Permits::new(1, None);
        let put = now(&permits, Load::Send).unwrap();
        assert!(now(&permits, Load::Ask).is_none());
        let mut waiting = Box::pin(permits.acquire(Load::Ask));
        assert!((&mut waiting).now_or_never().is_none());
        let get = now(&permits, Load::Read).expect("although somebody stands in line").then(true);
        assert!(now(&permits, Load::Read).is_none(), "one beyond the number");
        drop((put, get));
        assert!((&mut waiting).now_or_never().is_some());
        drop(waiting);
        let _get = now(&permits, Load::Read).unwrap().then(true);
        let _put = now(&permits, Load::Send).expect("another leg of the same read");
        assert!(now(&permits, Load::Send).is_none());
        let permits = Permits::new(1, None);
        let _refused = now(&permits, Load::Read).unwrap().then(false);
        assert!(now(&permits, Load::Read).is_some(), "for a token, before the refusal is read");
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_that_stand_still_keep_nobody_out_for_ever() {
        let permits = Permits::new(1, None);
        let _body = now(&permits, Load::Read).unwrap().then(true);
        let start = Instant::now();
        let _second = permits.acquire(Load::Read).await;
        assert_eq!(start.elapsed().as_secs(), BODIES_PATIENCE.as_secs());
    }

    #[tokio::test]
    async fn an_end_wakes_both_lines() {
        let permits = Permits::new(1, None);
        let ask = now(&permits, Load::Ask).unwrap();
        let wait = |load| {
            let permits = Arc::clone(&permits);
            async move { drop(permits.acquire(load).await) }
        };
        let end = async {
            tokio::task::yield_now().await;
            drop(ask);
        };
        tokio::join!(wait(Load::Ask), wait(Load::Read), wait(Load::Send), end);
    }

    #[tokio::test]
    async fn the_pace_and_pauses_are_kept() {
        let permits = Permits::new(9, Some(100));
        let start = Instant::now();
        for _ in 0..4 {
            drop(permits.acquire(Load::Ask).await);
        }
        assert!(start.elapsed() >= Duration::from_millis(30));
        let start = Instant::now();
        permits.close_for(Duration::from_millis(60));
        permits.close_for(Duration::from_millis(10));
        drop(permits.acquire(Load::Ask).await);
        assert!(start.elapsed() >= Duration::from_millis(60));
    }
}
