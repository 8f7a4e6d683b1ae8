//! Requests to granted hosts. See `wit/http.wit` for what the engine does by itself.

use crate::imports;
use crate::{Fault, Source};

/// A request.
///
/// ```
/// use engine_plugin_sdk::http::Request;
/// use engine_plugin_sdk::testing::{Answer, serve};
///
/// serve(|asked| Answer::status(200).body(asked.url));
/// let answer = Request::new("GET", "https://files.example/x").header("accept", "*/*").send()?;
/// assert_eq!(answer.body.read_all(100)?, b"https://files.example/x");
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub struct Request {
    /// GET, HEAD, POST, PUT, PATCH or DELETE.
    pub method: &'static str,
    /// An absolute URL.
    pub url: String,
    /// Headers; Content-Length is set from the body's size where it is known.
    pub headers: Vec<(String, String)>,
    /// The body, sent once.
    pub body: Option<Source>,
    /// Whether redirects of GET and HEAD are followed.
    pub follow: bool,
}

/// An answer, whatever its status.
///
/// ```
/// use engine_plugin_sdk::http::Request;
/// use engine_plugin_sdk::testing::{Answer, serve};
///
/// serve(|_| Answer::status(404).header("content-type", "text/plain"));
/// let answer = Request::new("HEAD", "https://files.example/x").send()?;
/// assert!(!answer.is_success());
/// assert_eq!(answer.header("content-type"), Some("text/plain"));
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The URL that answered, after redirects. Relative locations start here.
    pub final_url: String,
    /// The body; unread bodies cost nothing.
    pub body: Source,
    /// What the engine knows about the answer: `login`, `led-to`. See `wit/http.wit`.
    pub extra: Vec<(String, String)>,
}

impl Request {
    /// A request that follows redirects.
    pub fn new(method: &'static str, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: None, follow: true }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Source) -> Self {
        self.body = Some(body);
        self
    }

    /// Sends the request and waits for the head of the answer.
    pub fn send(self) -> Result<Response, Fault> {
        imports::http_send(self)
    }
}

impl Response {
    /// The value of a header, its name given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What the engine knows about the answer, by its key.
    pub fn extra(&self, key: &str) -> Option<&str> {
        self.extra.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Whether the status says success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Sends several requests side by side; at most 64.
///
/// ```
/// use engine_plugin_sdk::http::{Request, send_many};
/// use engine_plugin_sdk::testing::{Answer, serve};
///
/// serve(|_| Answer::status(200));
/// let requests = ["a", "b"].map(|name| Request::new("GET", format!("https://x.example/{name}")));
/// assert_eq!(send_many(requests.into()).len(), 2);
/// ```
pub fn send_many(requests: Vec<Request>) -> Vec<Result<Response, Fault>> {
    imports::http_send_many(requests)
}
