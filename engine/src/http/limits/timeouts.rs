//! How long the client waits for what.

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
    /// The longest pause that a host may ask for (429, 503); what is longer is handed on. 60 s.
    pub pause: Duration,
    /// The first pause after a 429 that names none; each further one is twice as long. 1 s.
    pub first_pause: Duration,
    /// How often a request is repeated after such a pause. 5.
    pub pauses: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head: Duration::from_secs(30),
            idle: Duration::from_mins(1),
            pause: Duration::from_mins(1),
            first_pause: Duration::from_secs(1),
            pauses: 5,
        }
    }
}
