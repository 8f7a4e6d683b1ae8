//! One read that feeds several legs.
//!
//! In: a body. Out: bodies with the same bytes. Nobody drives: whichever leg is polled reads on for
//! all. A background pump would need an owner, and a lock held across an await could be kept by a
//! leg that nobody polls any more; so the source is only locked while it is polled.

use super::{Body, Chunks};
use crate::diagnostic::{Fault, Origin, Retry};
use crate::stream::codes;
use bytes::Bytes;
use futures_util::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Bytes that wait for one leg at most, and one chunk more: chunks are not cut.
const LEG_BUFFER_BYTES: usize = 1 << 20;

/// How long a leg may hold up the others. Half of the 60 s that a call may be idle, so that the
/// other legs' calls live on when one is let go.
pub const LEG_IDLE: Duration = Duration::from_secs(30);

/// Feeds `legs` bodies with one read of `body`. The slowest leg sets the pace, with at most 1 MiB
/// waiting for each. A leg that is dropped is let go; one that takes nothing for `idle` while it
/// holds up the others is let go and ends with `stream::leg-idle`. A fault of `body` ends all.
///
/// One leg is the body itself and costs nothing.
pub fn fan_out(body: Body, legs: usize, idle: Duration) -> Vec<Body> {
    if legs <= 1 {
        return std::iter::once(body).take(legs).collect();
    }
    let size = body.size();
    let wakers = Arc::new(Wakers::default());
    let shared = Shared {
        source: Some(body.into_chunks()),
        legs: (0..legs).map(|_| Leg::default()).collect(),
        idle,
        wakers: Arc::clone(&wakers),
    };
    let shared = Arc::new(Mutex::new(shared));
    let leg = |number| LegReader {
        shared: Arc::clone(&shared),
        wakers: Arc::clone(&wakers),
        number,
        timer: None,
    };
    (0..legs).map(|number| Body::new(size, leg(number))).collect()
}

/// What all legs share.
struct Shared {
    /// `None` once it has ended or failed.
    source: Option<Chunks>,
    legs: Vec<Leg>,
    idle: Duration,
    wakers: Arc<Wakers>,
}

/// What waits for one leg.
struct Leg {
    queue: VecDeque<Result<Bytes, Fault>>,
    bytes: usize,
    /// Since when something waits.
    waits_since: Instant,
    fed: bool,
}

impl Default for Leg {
    fn default() -> Self {
        Self { queue: VecDeque::new(), bytes: 0, waits_since: Instant::now(), fed: true }
    }
}

impl Leg {
    fn push(&mut self, chunk: Result<Bytes, Fault>) {
        if self.fed {
            if self.queue.is_empty() {
                self.waits_since = Instant::now();
            }
            self.bytes += chunk.as_ref().map_or(0, Bytes::len);
            self.queue.push_back(chunk);
        }
    }

    fn pop(&mut self) -> Option<Result<Bytes, Fault>> {
        let chunk = self.queue.pop_front()?;
        self.bytes -= chunk.as_ref().map_or(0, Bytes::len);
        self.waits_since = Instant::now();
        Some(chunk)
    }

    fn is_full(&self) -> bool {
        self.fed && self.bytes >= LEG_BUFFER_BYTES
    }

    /// Lets the leg go; `last` is what it still gets.
    fn let_go(&mut self, last: Option<Fault>) {
        self.fed = false;
        self.bytes = 0;
        self.queue = last.into_iter().map(Err).collect();
    }
}

impl Shared {
    /// Reads one chunk for all legs, unless one of them is full. `Ok` when something changed;
    /// otherwise the time at which the slowest leg is let go, if one is in the way.
    fn read_on(&mut self) -> Result<(), Option<Instant>> {
        let now = Instant::now();
        let idle = self.idle;
        for leg in self.legs.iter_mut().filter(|leg| leg.is_full()) {
            if now.duration_since(leg.waits_since) >= idle {
                leg.let_go(Some(leg_idle(idle)));
            }
        }
        let full = self.legs.iter().filter(|leg| leg.is_full());
        if let Some(since) = full.map(|leg| leg.waits_since).min() {
            return Err(Some(since + idle));
        }
        let Some(source) = self.source.as_mut() else { return Ok(()) };
        let waker = Waker::from(Arc::clone(&self.wakers));
        match source.as_mut().poll_next(&mut Context::from_waker(&waker)) {
            Poll::Pending => return Err(None),
            Poll::Ready(None) => self.source = None,
            Poll::Ready(Some(chunk)) => {
                if chunk.is_err() {
                    self.source = None;
                }
                for leg in &mut self.legs {
                    leg.push(chunk.clone());
                }
            }
        }
        Ok(())
    }
}

/// Wakes every leg: the source has something, or a leg made room.
#[derive(Default)]
struct Wakers(Mutex<Vec<(usize, Waker)>>);

impl Wakers {
    fn add(&self, number: usize, waker: &Waker) {
        let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match wakers.iter_mut().find(|(known, _)| *known == number) {
            Some((_, known)) => known.clone_from(waker),
            None => wakers.push((number, waker.clone())),
        }
    }

    fn wake_all(&self) {
        let wakers = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (_, waker) in wakers {
            waker.wake();
        }
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }
}

/// Reads one leg, and for all legs when its own queue is empty.
struct LegReader {
    shared: Arc<Mutex<Shared>>,
    wakers: Arc<Wakers>,
    number: usize,
    /// Runs while another leg is in the way.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stream for LegReader {
    type Item = Result<Bytes, Fault>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            // Before looking, so that nothing that happens in between is missed.
            this.wakers.add(this.number, cx.waker());
            let blocked = {
                let mut shared = this.shared.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(leg) = shared.legs.get_mut(this.number) else { return Poll::Ready(None) };
                let was_full = leg.is_full();
                if let Some(chunk) = leg.pop() {
                    let made_room = was_full && !leg.is_full();
                    drop(shared);
                    if made_room {
                        this.wakers.wake_all();
                    }
                    return Poll::Ready(Some(chunk));
                }
                if !leg.fed || shared.source.is_none() {
                    return Poll::Ready(None);
                }
                shared.read_on()
            };
            match blocked {
                Ok(()) => this.wakers.wake_all(),
                Err(None) => return Poll::Pending,
                Err(Some(until)) => {
                    let timer = this.timer.insert(Box::pin(tokio::time::sleep_until(until)));
                    if timer.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

impl Drop for LegReader {
    fn drop(&mut self) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leg) = shared.legs.get_mut(self.number) {
            leg.let_go(None);
        }
        drop(shared);
        self.wakers.wake_all();
    }
}

fn leg_idle(idle: Duration) -> Fault {
    let message = format!(
        "the destination took nothing for {} s while others waited for the same content",
        idle.as_secs()
    );
    Fault::new(codes::LEG_IDLE, Origin::Destination, message).retry(Retry::Backoff)
}

#[cfg(test)]
#[path = "fan_out_tests.rs"]
mod tests;
