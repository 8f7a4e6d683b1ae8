//! How long the client waits for what.

use crate::diagnostic::Backoff;
use std::time::Duration;

/// Bounds of every wait of the client. The defaults are what users get; tests have shorter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included. 10 s.
    pub connect: Duration,
    /// For the head of an answer, from the request on, where no body is sent. 30 s.
    pub head: Duration,
    /// Without a byte of a body, in either direction. 60 s.
    pub idle: Duration,
    /// From the last byte of a blob to the answer, while the registry puts it where it belongs. 10 min:
    /// some copy it part by part or look for viruses in it, and to send it again would take as long.
    pub commit: Duration,
    /// The pauses after a 429 that names none, from 1 s on, and the longest that a host may ask for
    /// (429, 503), 60 s; what is longer is handed on.
    pub backoff: Backoff,
    /// How often a request is repeated after such a pause. 5.
    pub pauses: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head: Duration::from_secs(30),
            idle: Duration::from_mins(1),
            commit: Duration::from_mins(10),
            backoff: Backoff { first: Duration::from_secs(1), longest: Duration::from_mins(1) },
            pauses: 5,
        }
    }
}
