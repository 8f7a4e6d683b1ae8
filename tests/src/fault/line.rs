//! A line that is slow and nothing else.

use crate::server::Server;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Bytes of one piece on the line.
const PIECE_BYTES: usize = 64 * 1024;

/// Pieces on their way in one direction; 64 MiB, more than any line holds.
const MAX_PIECES: usize = 1024;

/// A line with a round-trip time before a server: each byte arrives half of it later, in both
/// directions, and many bytes are on their way at once, as on a real line. A proxy that slept
/// before each request would be a slow server instead.
pub struct Line {
    server: Server,
}

impl Line {
    /// Starts a line to `upstream`. A new connection costs one round trip, as TCP's does.
    pub fn start(upstream: SocketAddr, round_trip: Duration) -> Self {
        let server = Server::accept(move |client| async move {
            let opened = Instant::now() + round_trip;
            let Ok(upstream) = TcpStream::connect(upstream).await else { return };
            if upstream.set_nodelay(true).is_err() {
                return;
            }
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = upstream.into_split();
            let half = round_trip / 2;
            tokio::join!(
                direction(from_client, to_server, half, opened),
                direction(from_server, to_client, half, opened),
            );
        });
        Self { server }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}

/// Passes bytes on, each `half` after it came, none sent off before `opened`.
async fn direction(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    half: Duration,
    opened: Instant,
) {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(MAX_PIECES);
    let read = async move {
        let mut buffer = vec![0; PIECE_BYTES];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let due = Instant::now().max(opened) + half;
            if sender.send((due, buffer[..length].to_vec())).await.is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((due, piece)) = pieces.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
        // Nothing more comes; the other side learns it by the end of the stream.
        drop(to.shutdown().await);
    };
    tokio::join!(read, write);
}
