//! Names set in groups: while one `tag` call runs, the next ones gather, and go together.
//!
//! An index of 10,000 names that is written once per name is written 10,000 times; gathered, it
//! is written as often as one write takes.

use super::place::Place;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::host::codes;
use crate::role::Naming;
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

/// Names of one call, at most. Source: `wit/transport.wit`, `tag`.
const MAX_GROUP: usize = 10_000;

type OutcomeSender = oneshot::Sender<Result<(), Fault>>;

/// Names that wait for the next call.
#[derive(Default)]
pub(in crate::host) struct Names {
    waiting: Mutex<Vec<(Naming, OutcomeSender)>>,
    turn: tokio::sync::Mutex<()>,
}

impl Names {
    /// Sets one name, together with those that wait beside it.
    pub(in crate::host) async fn set(&self, place: &Place, naming: Naming) -> Result<(), Fault> {
        let (sender, mut answer) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((naming, sender));
        loop {
            let turn = self.turn.lock().await;
            match answer.try_recv() {
                Ok(done) => return done,
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Closed) => return Err(stopped()),
            }
            let (namings, answers): (Vec<_>, Vec<_>) = self.next_group().into_iter().unzip();
            let results = place.tag_group(namings).await;
            for (answer, result) in answers.into_iter().zip(results) {
                // Whoever asked may have been stopped; the name is set all the same.
                drop(answer.send(result));
            }
            drop(turn);
        }
    }

    fn next_group(&self) -> Vec<(Naming, OutcomeSender)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(MAX_GROUP);
        waiting.drain(..count).collect()
    }
}

/// The task that was setting this name for us was dropped in the middle.
fn stopped() -> Fault {
    let message = "the call that was to set the name was stopped";
    Fault::new(codes::STOPPED, Origin::Local, message).retry(Retry::Backoff)
}
