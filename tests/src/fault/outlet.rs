//! The way of an answer to the client, where it can break at any byte.

use super::Fault;
use super::head::{Framing, Head};
use super::wire::Wire;
use std::io;

/// The way of an answer to the client.
pub(super) struct Outlet<'a> {
    client: &'a mut Wire,
    fault: Option<&'a Fault>,
    framing: Framing,
    /// Bytes of the answer that went out.
    sent: usize,
    /// Bytes of the body that went by.
    body: usize,
    length: Option<usize>,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As it should; the connection may go on.
    Whole,
    /// The connection is to be closed in order.
    Closed,
    /// The connection is to be reset.
    Reset,
    /// Nothing is to come until the client gives up.
    Silent,
}

impl<'a> Outlet<'a> {
    /// Sends the head; `framing` says how the body follows.
    pub(super) async fn open(
        client: &'a mut Wire,
        fault: Option<&'a Fault>,
        head: &Head,
        framing: Framing,
    ) -> io::Result<(Self, End)> {
        let length = match framing {
            Framing::Length(length) => usize::try_from(length).ok(),
            Framing::Chunked | Framing::Close => None,
        };
        let mut outlet = Self { client, fault, framing, sent: 0, body: 0, length };
        let end = outlet.write(&head.bytes()).await?;
        Ok((outlet, end))
    }

    /// Sends a piece of the body.
    pub(super) async fn piece(&mut self, mut piece: Vec<u8>) -> io::Result<End> {
        if let Some(Fault::Flip { at }) = self.fault {
            let at = self.length.map_or(*at, |length| (*at).min(length.saturating_sub(1)));
            if let Some(byte) = at.checked_sub(self.body).and_then(|at| piece.get_mut(at)) {
                *byte ^= 1;
            }
        }
        self.body += piece.len();
        if self.framing == Framing::Chunked {
            let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
            chunk.append(&mut piece);
            chunk.extend_from_slice(b"\r\n");
            piece = chunk;
        }
        self.write(&piece).await
    }

    /// Ends the body.
    pub(super) async fn finish(mut self) -> io::Result<End> {
        if self.framing == Framing::Chunked {
            let end = self.write(b"0\r\n\r\n").await?;
            if end != End::Whole {
                return Ok(end);
            }
        }
        let closed = self.framing == Framing::Close
            || matches!(self.fault, Some(Fault::WrongLength { .. } | Fault::Cut { .. }));
        Ok(match self.fault {
            // The answer was shorter than the fault is patient: it strikes at the end.
            Some(Fault::ResetAnswer { .. }) => End::Reset,
            _ if closed => End::Closed,
            _ => End::Whole,
        })
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<End> {
        let (most, end) = match self.fault {
            Some(Fault::Stall { after }) => (*after, End::Silent),
            Some(Fault::ResetAnswer { after }) => (*after, End::Reset),
            Some(Fault::Cut { after }) => (*after, End::Closed),
            Some(Fault::Drip { bytes: size, pause }) => {
                for piece in bytes.chunks((*size).max(1)) {
                    self.client.write(piece).await?;
                    tokio::time::sleep(*pause).await;
                }
                return Ok(End::Whole);
            }
            _ => (usize::MAX, End::Whole),
        };
        let left = most.saturating_sub(self.sent).min(bytes.len());
        self.client.write(&bytes[..left]).await?;
        self.sent += left;
        Ok(if left < bytes.len() { end } else { End::Whole })
    }
}
