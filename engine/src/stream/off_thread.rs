//! Runs a codec's steps on threads of their own, so that computing holds up no request.
//!
//! A step is some milliseconds of computing on at most 1 MiB. While one runs, the input of the next
//! is read, and no more: a body that nobody reads makes no steps. Dropped, it ends with the step
//! that runs.

use super::step::{Given, Next, Step, failed};
use super::{Body, Chunks};
use crate::diagnostic::{Fault, Origin};
use crate::oci::Codec;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use tokio::task::{JoinHandle, spawn_blocking};

/// A body that is the output of a codec whose input is `body`.
pub(super) fn off_thread<S: Step>(body: Body, codec: Codec, start: Result<S, Fault>) -> Body {
    let step = match start {
        Ok(step) => step,
        Err(fault) => return Body::new(None, stream::iter([Err(fault)])),
    };
    let working = Working {
        codec,
        input: body.into_chunks(),
        ended: false,
        takes: step.takes(),
        batch: BytesMut::new(),
        at_rest: Some(Rest { step, left: Bytes::new(), last: false, next: Next::Input }),
        running: None,
    };
    let chunks = stream::unfold(Some(working), |working| async {
        let mut working = working?;
        match working.next().await {
            Some(Ok(bytes)) => Some((Ok(bytes), Some(working))),
            Some(Err(fault)) => Some((Err(fault), None)),
            None => None,
        }
    });
    Body::new(None, chunks)
}

struct Working<S> {
    codec: Codec,
    input: Chunks,
    /// Whether the input has ended.
    ended: bool,
    /// Bytes of a step's input.
    takes: usize,
    /// Input of the steps to come.
    batch: BytesMut,
    /// The codec between two steps.
    at_rest: Option<Rest<S>>,
    /// The step that runs.
    running: Option<JoinHandle<Stepped<S>>>,
}

/// What a step leaves: the codec, and what it gave.
type Stepped<S> = (Rest<S>, Result<Bytes, Fault>);

/// A codec between two steps.
struct Rest<S> {
    step: S,
    /// What the step before left of its input.
    left: Bytes,
    /// Whether nothing follows that.
    last: bool,
    next: Next,
}

/// What happened first.
enum Happened<S> {
    Stepped(Rest<S>, Result<Bytes, Fault>),
    Crashed,
    Read(Option<Result<Bytes, Fault>>),
}

impl<S: Step> Working<S> {
    async fn next(&mut self) -> Option<Result<Bytes, Fault>> {
        loop {
            if self.at_rest.as_ref().is_some_and(|rest| rest.next == Next::End) {
                return None;
            }
            self.begin();
            match self.happened().await {
                Happened::Read(None) => self.ended = true,
                Happened::Read(Some(Ok(bytes))) => self.batch.extend_from_slice(&bytes),
                Happened::Read(Some(Err(fault))) => return Some(Err(fault)),
                Happened::Crashed => return Some(Err(failed(self.codec, "it crashed"))),
                Happened::Stepped(rest, result) => {
                    self.at_rest = Some(rest);
                    match result {
                        Ok(bytes) if bytes.is_empty() => {}
                        Ok(bytes) => return Some(Ok(bytes)),
                        Err(fault) => return Some(Err(self.true_cause(fault).await)),
                    }
                }
            }
        }
    }

    /// Begins a step, if there is enough for it and none runs.
    fn begin(&mut self) {
        let again = self.at_rest.as_ref().is_some_and(|rest| rest.next == Next::Again);
        if !again && !self.ended && self.batch.len() < self.takes {
            return;
        }
        let Some(mut rest) = self.at_rest.take() else { return };
        if !again {
            rest.left = self.batch.split_to(self.batch.len().min(self.takes)).freeze();
            rest.last = self.ended && self.batch.is_empty();
        }
        self.running = Some(spawn_blocking(move || {
            let given = rest.step.step(&mut rest.left, rest.last);
            let bytes = given.map(|Given { bytes, next }| {
                rest.next = next;
                bytes
            });
            (rest, bytes)
        }));
    }

    /// Waits for the step that runs and reads on meanwhile.
    async fn happened(&mut self) -> Happened<S> {
        let Self { input, running, .. } = self;
        let reads = !self.ended && self.batch.len() < self.takes;
        let Some(step) = running else { return Happened::Read(input.next().await) };
        tokio::select! {
            biased;
            stepped = step => {
                *running = None;
                stepped.map_or(Happened::Crashed, |(rest, bytes)| Happened::Stepped(rest, bytes))
            }
            read = input.next(), if reads => Happened::Read(read),
        }
    }

    /// A codec finds damage before the digest does, which is only known at the end. What was damaged
    /// on its way may be whole when it is read again, so that fault is the one to be told.
    async fn true_cause(&mut self, found: Fault) -> Fault {
        if found.origin == Origin::Source && !self.ended {
            while let Some(chunk) = self.input.next().await {
                if let Err(cause) = chunk {
                    return cause;
                }
            }
        }
        found
    }
}
