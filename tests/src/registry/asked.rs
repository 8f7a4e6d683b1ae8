//! One request, as the registry saw it.

use hyper::Method;

/// One request, as the registry saw it. The order of arrival is the order in the journal.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which of the registry's servers was asked.
    pub host: Host,
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// What stood after the `?`, or nothing.
    pub query: String,
    /// What was asked for.
    pub kind: Kind,
    /// The repository, where the path names one.
    pub repository: Option<String>,
    /// What kind of credential came with it.
    pub credential: Credential,
    /// Bytes of the request's body that arrived.
    pub body_bytes: u64,
    /// The status of the answer; 0 while there is none, and when the client went away.
    pub status: u16,
}

impl Asked {
    /// Whether the request could change content.
    pub fn is_write(&self) -> bool {
        self.host == Host::Registry && self.method != Method::GET && self.method != Method::HEAD
    }
}

/// Which of the registry's servers was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The registry itself.
    Registry,
    /// The server that gives tokens.
    Tokens,
    /// The server that blobs are read from.
    Blobs,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `/v2/`
    Ping,
    /// `/v2/_catalog`
    Catalog,
    /// `…/tags/list`
    Tags,
    /// `…/manifests/…`
    Manifest,
    /// `…/blobs/sha256:…`, at the registry or the blob store.
    Blob,
    /// `…/blobs/uploads/…`
    Upload,
    /// `…/referrers/…`
    Referrers,
    /// A token.
    Token,
    /// None of these.
    Other,
}

/// What kind of credential came with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// None.
    None,
    /// A name and a password.
    Basic,
    /// A token.
    Bearer,
    /// Something else.
    Other,
}
