//! A body in slices.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Bytes of one slice. A body in one piece would be dropped, and with it the guard, as soon as
/// it was handed to the connection; in slices it lives about as long as it is on its way.
const SLICE_BYTES: usize = 64 * 1024;

/// Content in memory that is sent slice by slice and holds a guard meanwhile.
pub struct Slices {
    rest: Bytes,
    _guard: Box<dyn Send>,
}

impl Slices {
    /// A body of these bytes.
    pub fn new(bytes: Bytes, guard: Box<dyn Send>) -> Self {
        Self { rest: bytes, _guard: guard }
    }
}

impl Body for Slices {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(SLICE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
