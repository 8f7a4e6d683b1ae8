//! One answer to one request.

use super::Slices;
use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// One answer: a status, headers, and a body that is in memory.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Answer {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// An answer with content of a type.
    pub fn content(media_type: &str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::empty(200) }
            .header(CONTENT_TYPE.as_str(), media_type.to_owned())
    }

    /// A JSON answer.
    pub fn json(value: &Value) -> Self {
        Self::content("application/json", value.to_string())
    }

    /// A fault in the form of the specification.
    ///
    /// Source: distribution-spec 1.1, "Error Codes".
    pub fn fault(status: u16, code: &str, message: &str) -> Self {
        let error = json!({"errors": [{"code": code, "message": message, "detail": null}]});
        Self { status, ..Self::json(&error) }
    }

    /// The same with another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with one more header; names are lower case.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer to HEAD instead of GET: the length is told, the content is not.
    #[must_use]
    pub fn head_only(self) -> Self {
        let length = self.body.len().to_string();
        Self { body: Bytes::new(), ..self }.header(CONTENT_LENGTH.as_str(), length)
    }

    /// The answer as hyper sends it; `guard` lives until the body is sent or given up.
    pub fn send(self, guard: Box<dyn Send>) -> Response<Slices> {
        let mut response = Response::new(Slices::new(self.body, guard));
        *response.status_mut() = StatusCode::from_u16(self.status).expect("a valid status");
        for (name, value) in self.headers {
            let value = HeaderValue::try_from(value).expect("a valid header");
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
        response
    }
}
