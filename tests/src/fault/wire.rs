//! One TCP connection, read as HTTP/1.1.

use super::head::{Framing, Head};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of the largest head.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// How long the other side may take to hang up.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Bytes of one read.
const READ_BYTES: usize = 32 * 1024;

/// One TCP connection with what was read too far.
pub(super) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// The next head; `None` when the other side has hung up between messages.
    pub(super) async fn head(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                return Head::parse(&String::from_utf8_lossy(&head)).map(Some);
            }
            if self.buffer.len() > MAX_HEAD_BYTES {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if !self.fill().await? {
                return if self.buffer.is_empty() { Ok(None) } else { Err(ended()) };
            }
        }
    }

    /// The next piece of a body; `None` at its end. `framing` follows what is left.
    pub(super) async fn piece(&mut self, framing: &mut Framing) -> io::Result<Option<Vec<u8>>> {
        match framing {
            Framing::Length(0) => Ok(None),
            Framing::Length(left) => {
                if self.buffer.is_empty() && !self.fill().await? {
                    return Err(ended());
                }
                let most = usize::try_from(*left).unwrap_or(usize::MAX);
                let piece: Vec<u8> = self.take(most);
                *left -= piece.len() as u64;
                Ok(Some(piece))
            }
            Framing::Close => {
                if self.buffer.is_empty() && !self.fill().await? {
                    return Ok(None);
                }
                Ok(Some(self.take(usize::MAX)))
            }
            Framing::Chunked => {
                let chunk = self.chunk().await?;
                if chunk.is_empty() {
                    *framing = Framing::Length(0);
                    return Ok(None);
                }
                Ok(Some(chunk))
            }
        }
    }

    /// One chunk. Source: RFC 9112, section 7.1; trailers are read and dropped.
    async fn chunk(&mut self) -> io::Result<Vec<u8>> {
        let line = self.line().await?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16).map_err(|_| ended())?;
        if length == 0 {
            while !self.line().await?.is_empty() {}
            return Ok(Vec::new());
        }
        while self.buffer.len() < length + 2 {
            if !self.fill().await? {
                return Err(ended());
            }
        }
        let chunk = self.take(length);
        self.take(2);
        Ok(chunk)
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n") {
                let line = self.take(end);
                self.take(2);
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
            if self.buffer.len() > MAX_HEAD_BYTES || !self.fill().await? {
                return Err(ended());
            }
        }
    }

    fn take(&mut self, most: usize) -> Vec<u8> {
        let length = most.min(self.buffer.len());
        self.buffer.drain(..length).collect()
    }

    /// Reads once more; false at the end.
    async fn fill(&mut self) -> io::Result<bool> {
        let mut piece = vec![0; READ_BYTES];
        let length = self.stream.read(&mut piece).await?;
        self.buffer.extend_from_slice(&piece[..length]);
        Ok(length > 0)
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Waits until the other side hangs up.
    pub(super) async fn gone(&mut self) {
        while self.fill().await.is_ok_and(|more| more && self.buffer.len() < MAX_HEAD_BYTES) {}
    }

    /// Sends no more, and waits until the other side has hung up too, but not for ever.
    pub(super) async fn hang_up(mut self) {
        if self.stream.shutdown().await.is_ok() {
            drop(tokio::time::timeout(MAX_WAIT, self.gone()).await);
        }
    }

    /// Ends the connection with a reset instead of an orderly close.
    pub(super) fn reset(self) {
        // A socket that is gone already cannot be reset, and need not be.
        drop(self.stream.set_zero_linger());
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn ended() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
