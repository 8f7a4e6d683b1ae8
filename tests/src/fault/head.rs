//! The head of a request or an answer, as bytes say it.

use std::io;

/// The first line and the headers of a message. What is not touched is passed on as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) start: String,
    headers: Vec<(String, String)>,
}

/// How the body of a message ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes more.
    Length(u64),
    /// With an empty chunk.
    Chunked,
    /// When the connection is closed.
    Close,
}

impl Head {
    /// An answer of the proxy's own.
    pub(super) fn answer(status: u16) -> Self {
        Self { start: format!("HTTP/1.1 {status} Broken"), headers: Vec::new() }
    }

    /// Reads a head without its final empty line.
    pub(super) fn parse(text: &str) -> io::Result<Self> {
        let mut lines = text.split("\r\n").filter(|line| !line.is_empty());
        let start = lines.next().ok_or_else(|| malformed("no first line"))?.to_owned();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').ok_or_else(|| malformed(line))?;
            Ok((name.to_owned(), value.trim().to_owned()))
        });
        Ok(Self { start, headers: headers.collect::<io::Result<_>>()? })
    }

    /// The method of a request.
    pub(super) fn method(&self) -> &str {
        self.start.split(' ').next().unwrap_or_default()
    }

    /// The path of a request with its query.
    pub(super) fn uri(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }

    /// The status of an answer.
    pub(super) fn status(&self) -> u16 {
        self.start.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Whether the sender closes the connection after this message.
    pub(super) fn closes(&self) -> bool {
        self.get("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// How the body of a request ends.
    pub(super) fn request_framing(&self) -> Framing {
        self.framing().unwrap_or(Framing::Length(0))
    }

    /// How the body of an answer to `method` ends. Source: RFC 9112, section 6.3.
    pub(super) fn answer_framing(&self, method: &str) -> Framing {
        let bodiless = method == "HEAD" || matches!(self.status(), 100..=199 | 204 | 304);
        if bodiless { Framing::Length(0) } else { self.framing().unwrap_or(Framing::Close) }
    }

    fn framing(&self) -> Option<Framing> {
        if self.get("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            return Some(Framing::Chunked);
        }
        self.get("content-length")?.parse().ok().map(Framing::Length)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let lines = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{}\r\n{}\r\n", self.start, lines.collect::<String>()).into_bytes()
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed HTTP head: {what}"))
}
