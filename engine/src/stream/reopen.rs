//! A read that goes on where it broke.
//!
//! In: a way to open some content at an offset. Out: one body that hides breaks. It never checks
//! the bytes: [`Body::verified`] is wrapped around it, so the hash goes on over all pieces.

use super::Body;
use crate::diagnostic::{Backoff, Fault, Origin, Retry};
use crate::stream::codes;
use futures_util::stream;
use std::sync::Arc;
use std::time::Duration;

/// Is told of each break: the byte at which the read goes on, and what broke it.
pub type Told = Arc<dyn Fn(u64, &Fault) + Send + Sync>;

/// How patient a read is.
#[derive(Clone)]
pub struct Reopen {
    /// Breaks in a row before the last fault is passed on. 5.
    pub breaks: u32,
    /// Bytes between two breaks after which they do not count as in a row. 1 MiB.
    pub progress_bytes: u64,
    /// The pauses after breaks in a row, from 200 ms on. One longer than 15 s is not made here, as a
    /// destination is kept waiting meanwhile: the fault is passed on, and the whole attempt waits
    /// with nothing open.
    pub backoff: Backoff,
    /// Is told of each break.
    pub told: Option<Told>,
}

impl Default for Reopen {
    fn default() -> Self {
        Self {
            breaks: 5,
            progress_bytes: 1 << 20,
            backoff: Backoff {
                first: Duration::from_millis(200),
                longest: Duration::from_secs(15),
            },
            told: None,
        }
    }
}

/// A body that is opened when its first chunk is asked for, and opened again at the offset reached
/// when the read breaks with a fault that trying again may mend.
///
/// An end before `size` bytes is a break too (`stream::cut-short`). `open` gets the offset.
pub fn reopening<O, F>(size: Option<u64>, open: O, policy: Reopen) -> Body
where
    O: Fn(u64) -> F + Send + 'static,
    F: Future<Output = Result<Body, Fault>> + Send + 'static,
{
    let reading =
        Reading { open, policy, size, offset: 0, current: None, broke_at: 0, breaks_in_row: 0 };
    let chunks = stream::unfold(Some(reading), |reading| async {
        let mut reading = reading?;
        match reading.next().await {
            Some(Ok(bytes)) => Some((Ok(bytes), Some(reading))),
            Some(Err(fault)) => Some((Err(fault), None)),
            None => None,
        }
    });
    Body::new(size, chunks)
}

struct Reading<O> {
    open: O,
    policy: Reopen,
    size: Option<u64>,
    offset: u64,
    current: Option<Body>,
    broke_at: u64,
    breaks_in_row: u32,
}

impl<O, F> Reading<O>
where
    O: Fn(u64) -> F + Send + 'static,
    F: Future<Output = Result<Body, Fault>> + Send + 'static,
{
    async fn next(&mut self) -> Option<Result<bytes::Bytes, Fault>> {
        loop {
            if self.current.is_none() && self.size == Some(self.offset) {
                // Nothing is left. Asking for it would be refused by registries (416), and the
                // digest tells whether the bytes so far are right.
                return None;
            }
            let fault = match self.read().await {
                Some(Ok(bytes)) => {
                    self.offset += bytes.len() as u64;
                    return Some(Ok(bytes));
                }
                Some(Err(fault)) => fault,
                None if self.size.is_some_and(|size| self.offset < size) => self.cut_short(),
                None => return None,
            };
            if self.size == Some(self.offset) {
                // All bytes came before the break.
                return None;
            }
            if let Err(fault) = self.mend(fault).await {
                return Some(Err(fault));
            }
        }
    }

    async fn read(&mut self) -> Option<Result<bytes::Bytes, Fault>> {
        if self.current.is_none() {
            match (self.open)(self.offset).await {
                Ok(body) => self.current = Some(body),
                Err(fault) => return Some(Err(fault)),
            }
        }
        self.current.as_mut()?.next().await
    }

    /// Waits before the read is opened again, or gives the fault back where that does not help.
    async fn mend(&mut self, fault: Fault) -> Result<(), Fault> {
        self.current = None;
        if self.offset - self.broke_at >= self.policy.progress_bytes {
            self.breaks_in_row = 0;
        }
        self.broke_at = self.offset;
        self.breaks_in_row += 1;
        let Reopen { backoff, .. } = self.policy;
        let pause = backoff.pause(&fault, self.breaks_in_row);
        match pause.filter(|pause| *pause <= backoff.longest) {
            Some(pause) if self.breaks_in_row <= self.policy.breaks => {
                if let Some(told) = &self.policy.told {
                    told(self.offset, &fault);
                }
                tokio::time::sleep(pause).await;
                Ok(())
            }
            _ => Err(fault),
        }
    }

    fn cut_short(&self) -> Fault {
        let size = self.size.unwrap_or_default();
        let message = format!("the content ended after {} of {size} bytes", self.offset);
        Fault::new(codes::CUT_SHORT, Origin::Source, message).retry(Retry::Backoff)
    }
}

#[cfg(test)]
#[path = "reopen_tests.rs"]
mod tests;
