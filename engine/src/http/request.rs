//! A request, as a guest makes it.

use crate::stream::Body;

/// A request. What it may do depends on the access of the call that it is sent with.
pub struct Request {
    /// GET, HEAD, POST, PUT, PATCH or DELETE.
    pub method: String,
    /// An absolute URL; a registry goes by the name that the spec gives it, with https.
    pub url: String,
    /// Headers. Content-Length is made from the body's size, whatever stands here.
    pub headers: Vec<(String, String)>,
    /// The body. It is sent once, unless it is small and the registry refused the login.
    pub body: Option<Body>,
    /// Whether redirects of GET and HEAD are followed, at most 10.
    pub follow: bool,
}

impl Request {
    /// A request without headers and body that follows redirects.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            follow: true,
        }
    }
}
