//! What can go wrong with one exchange.

use std::time::Duration;

/// What goes wrong with one exchange. Bytes of an answer are counted from its first byte, the
/// status line and headers included, where nothing else is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset before the server has seen the request.
    Refuse,
    /// The request reaches the server only after a while.
    Delay(Duration),
    /// The answer stops after so many bytes and nothing comes any more, yet nobody hangs up.
    Stall {
        /// Bytes of the answer that arrive.
        after: usize,
    },
    /// The answer arrives in small pieces with a pause after each.
    Drip {
        /// Bytes of one piece.
        bytes: usize,
        /// The pause after each piece.
        pause: Duration,
    },
    /// The connection is reset after so many bytes of the answer; the server has done its part.
    ResetAnswer {
        /// Bytes of the answer that arrive.
        after: usize,
    },
    /// The request's body ends after so many bytes: the server sees its end, then the client's
    /// connection is reset.
    ResetRequest {
        /// Bytes of the request's body that reach the server.
        after: usize,
    },
    /// The answer ends early with an orderly close, as after a crash behind a load balancer.
    Cut {
        /// Bytes of the answer that arrive.
        after: usize,
    },
    /// One bit of the answer's body is another one; the length stays.
    Flip {
        /// Which byte of the body; the last one, when the body is shorter.
        at: usize,
    },
    /// `Content-Length` differs from the body by so much, and the connection is closed after it.
    WrongLength {
        /// What is added to the true length.
        by: i64,
    },
    /// `Docker-Content-Digest` names other content.
    WrongDigest,
    /// The credential is lost on the way, so the server itself answers 401 with its challenge; a
    /// server that asks for none is answered for with a 401 of the proxy.
    Unauthorized,
    /// The proxy answers 429, with `Retry-After` in seconds where given.
    TooManyRequests {
        /// What `Retry-After` says.
        retry_after: Option<u32>,
    },
    /// The proxy answers with a status of 500 or more; the server sees nothing.
    ServerFault {
        /// The status.
        status: u16,
    },
    /// The proxy answers 307 to the same path at another server, such as `http://127.0.0.1:1`.
    Redirect {
        /// The other server's URL without a path.
        to: String,
    },
    /// The upload at this path is forgotten: 404, now and for every later request to it.
    LostUpload,
    /// The server does its part, but its answer is replaced by the answer to the request before.
    Duplicate,
}

impl Fault {
    /// Every kind of fault once, with sensible numbers: the columns of a fault matrix.
    pub fn every() -> Vec<Self> {
        vec![
            Self::Refuse,
            Self::Delay(Duration::from_millis(50)),
            Self::Stall { after: 0 },
            Self::Drip { bytes: 16, pause: Duration::from_millis(1) },
            Self::ResetAnswer { after: 0 },
            Self::ResetRequest { after: 10 },
            Self::Cut { after: 40 },
            Self::Flip { at: 10 },
            Self::WrongLength { by: 7 },
            Self::WrongDigest,
            Self::Unauthorized,
            Self::TooManyRequests { retry_after: Some(1) },
            Self::ServerFault { status: 503 },
            Self::Redirect { to: "http://127.0.0.1:1".to_owned() },
            Self::LostUpload,
            Self::Duplicate,
        ]
    }

    /// The name of the kind, for the rows and columns of a matrix.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Delay(_) => "delay",
            Self::Stall { .. } => "stall",
            Self::Drip { .. } => "drip",
            Self::ResetAnswer { .. } => "reset-answer",
            Self::ResetRequest { .. } => "reset-request",
            Self::Cut { .. } => "cut",
            Self::Flip { .. } => "flip",
            Self::WrongLength { .. } => "wrong-length",
            Self::WrongDigest => "wrong-digest",
            Self::Unauthorized => "unauthorized",
            Self::TooManyRequests { .. } => "too-many-requests",
            Self::ServerFault { .. } => "server-fault",
            Self::Redirect { .. } => "redirect",
            Self::LostUpload => "lost-upload",
            Self::Duplicate => "duplicate",
        }
    }
}
