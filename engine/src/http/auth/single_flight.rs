//! One caller goes first; the others wait for its result.
//!
//! A lock alone would make a hundred callers find out one after the other, each with its own
//! timeout, that a host is down. So whoever waited while somebody else failed fails with them.

use crate::diagnostic::Fault;
use std::sync::{Mutex, PoisonError};

/// What is found out by one caller at a time, and the last failure to do so.
#[derive(Default)]
pub(in crate::http) struct SingleFlight<T> {
    found: tokio::sync::Mutex<T>,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    ended: u64,
    fault: Option<Fault>,
}

/// The turn of one caller, which ends when this is dropped.
pub(in crate::http) type FlightGuard<'a, T> = tokio::sync::MutexGuard<'a, T>;

impl<T> SingleFlight<T> {
    /// Waits for the turn.
    ///
    /// # Errors
    ///
    /// What the one before failed with, if that happened while this caller waited.
    pub(in crate::http) async fn take(&self) -> Result<FlightGuard<'_, T>, Fault> {
        let before = self.last().ended;
        let taken = self.found.lock().await;
        let last = self.last();
        match &last.fault {
            Some(fault) if last.ended != before => Err(fault.clone()),
            _ => Ok(taken),
        }
    }

    /// Says how a turn went, before it is given back.
    pub(in crate::http) fn end(&self, fault: Option<&Fault>) {
        let mut last = self.last();
        last.ended = last.ended.wrapping_add(1);
        last.fault = fault.cloned();
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Origin;
    use crate::diagnostic::{Code, Kind};
    use futures_util::FutureExt;

    #[tokio::test]
    async fn who_waited_fails_with_the_first() {
        let turn = SingleFlight::<u32>::default();
        let first = turn.take().await.unwrap();
        let mut second = Box::pin(turn.take());
        let mut third = Box::pin(turn.take());
        assert!((&mut second).now_or_never().is_none() && (&mut third).now_or_never().is_none());
        turn.end(Some(&Fault::new(Code::new("x::y", Kind::Other), Origin::Source, "down")));
        drop(first);
        assert_eq!(second.await.unwrap_err().code, "x::y");
        assert_eq!(third.await.unwrap_err().code, "x::y");
        assert!(turn.take().await.is_ok(), "who comes later tries again");
    }

    #[tokio::test]
    async fn who_waited_goes_on_with_what_was_found() {
        let turn = SingleFlight::<u32>::default();
        let mut first = turn.take().await.unwrap();
        let mut second = Box::pin(turn.take());
        assert!((&mut second).now_or_never().is_none());
        *first = 5;
        turn.end(None);
        drop(first);
        assert_eq!(*second.await.unwrap(), 5);
    }
}
