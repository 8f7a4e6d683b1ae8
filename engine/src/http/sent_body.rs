//! A body on its way out, with the time of its last bytes.

use crate::diagnostic::Fault;
use crate::stream::{Body, Chunks};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// When the last bytes of a request's body were taken, in milliseconds since its start;
/// `WAITING` while the body's own source is being waited for, which has bounds of its own.
pub(super) struct SendProgress {
    start: Instant,
    last: AtomicU64,
    /// Is told when all bytes were taken.
    end: Notify,
}

const WAITING: u64 = u64::MAX;

impl SendProgress {
    fn new() -> Self {
        Self { start: Instant::now(), last: AtomicU64::new(0), end: Notify::new() }
    }

    fn note(&self, waiting: bool) {
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(WAITING - 1);
        self.last.store(if waiting { WAITING } else { millis }, Ordering::Relaxed);
    }

    /// Ends when all bytes were taken.
    pub(super) async fn ended(&self) {
        self.end.notified().await;
    }

    /// Ends when the other side took nothing, and answered nothing, for `idle`.
    pub(super) async fn stalled(&self, idle: Duration) {
        loop {
            let last = match self.last.load(Ordering::Relaxed) {
                WAITING => self.start.elapsed(),
                last => Duration::from_millis(last),
            };
            let until = self.start + last + idle;
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

/// A body on its way out.
pub(super) struct SentBody {
    chunks: Chunks,
    /// Bytes that are not sent yet, where the body has a size: its end is then never asked for.
    left: Option<u64>,
    progress: Arc<SendProgress>,
}

impl SentBody {
    /// A body, and the progress of sending it.
    pub(super) fn new(body: Body) -> (Self, Arc<SendProgress>) {
        let progress = Arc::new(SendProgress::new());
        let left = body.size();
        (Self { chunks: body.into_chunks(), left, progress: Arc::clone(&progress) }, progress)
    }
}

impl Stream for SentBody {
    type Item = Result<Bytes, Fault>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.chunks.poll_next_unpin(context);
        self.progress.note(polled.is_pending());
        if let (Poll::Ready(Some(Ok(bytes))), Some(left)) = (&polled, &mut self.left) {
            *left = left.saturating_sub(bytes.len() as u64);
        }
        if matches!(polled, Poll::Ready(None)) || self.left == Some(0) {
            self.progress.end.notify_one();
        }
        polled
    }
}
