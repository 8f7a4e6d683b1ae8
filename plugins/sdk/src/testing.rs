//! An outside made of memory, for a plugin's unit tests.
//!
//! Each thread, so each test, has its own: files that the plugin reads and writes, answers to
//! its requests, its log lines. All granted directories are one. Nothing here is part of a
//! component.

use crate::fs::{Entry, Kind};
use crate::http::{Request, Response};
use crate::{Descriptor, Digest, Fault, Source, imports};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

type Answering = Rc<RefCell<dyn FnMut(Asked) -> Answer>>;

/// The outside of one thread.
///
/// ```
/// use engine_plugin_sdk::{fs::Directory, testing};
///
/// testing::with(|outside| outside.put("catalog.json", "{}"))?;
/// assert!(Directory::ROOT.stat("catalog.json")?.is_some());
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
#[derive(Default)]
pub struct Outside {
    files: BTreeMap<String, Vec<u8>>,
    directories: BTreeSet<String>,
    answering: Option<Answering>,
    /// Lines that were logged.
    pub log: Vec<String>,
    /// What the clock says.
    pub now_millis: u64,
    /// The names of granted keys. A key's public part is its name; it signs by hashing, by the
    /// scheme `test-sha256`, and whatever it is given: the engine signs known forms only.
    pub keys: BTreeSet<String>,
    /// Granted files.
    pub materials: BTreeMap<String, Vec<u8>>,
    /// Manifests and blobs of the image under judgement.
    pub content: BTreeMap<Digest, Vec<u8>>,
    /// What refers to them.
    pub referrers: BTreeMap<Digest, Vec<Descriptor>>,
    /// What the plugin noted about the place.
    pub notes: BTreeMap<String, String>,
    /// What the last body of [`blob_body`] was, once its end was read.
    pub written: Option<Descriptor>,
}

/// A request as a test sees it, its body read.
///
/// ```
/// use engine_plugin_sdk::http::Request;
/// use engine_plugin_sdk::testing::{Answer, serve};
///
/// serve(|asked| {
///     assert_eq!((asked.method, asked.header("Accept")), ("GET", Some("*/*")));
///     Answer::status(200)
/// });
/// Request::new("GET", "https://x.example/").header("accept", "*/*").send()?;
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: &'static str,
    /// The URL.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body, if there was one and it could be read.
    pub body: Option<Result<Vec<u8>, Fault>>,
}

/// An answer as a test writes it.
///
/// ```
/// use engine_plugin_sdk::testing::Answer;
///
/// let answer = Answer::status(200).header("content-type", "application/json").body("{}");
/// assert_eq!(answer, answer.clone());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    extra: Vec<(String, String)>,
    fault: Option<Fault>,
}

thread_local! {
    static OUTSIDE: RefCell<Outside> = RefCell::default();
}

/// Calls `act` with the outside of this thread.
///
/// ```
/// use engine_plugin_sdk::testing;
///
/// assert!(testing::with(|outside| outside.paths().is_empty()));
/// ```
pub fn with<T>(act: impl FnOnce(&mut Outside) -> T) -> T {
    OUTSIDE.with_borrow_mut(act)
}

/// Answers the requests of this thread with `answering`.
///
/// ```
/// use engine_plugin_sdk::http::Request;
/// use engine_plugin_sdk::testing::{Answer, serve};
///
/// serve(|_| Answer::status(503));
/// assert_eq!(Request::new("GET", "https://x.example/").send()?.status, 503);
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub fn serve(answering: impl FnMut(Asked) -> Answer + 'static) {
    with(|outside| outside.answering = Some(Rc::new(RefCell::new(answering))));
}

/// A source that breaks after `bytes`, as bodies do when a connection is lost.
///
/// ```
/// use engine_plugin_sdk::{Fault, testing};
///
/// let body = testing::broken(b"ab", Fault::io("the connection broke"));
/// assert_eq!(body.read_all(100).unwrap_err().code, "io");
/// ```
pub fn broken(bytes: &[u8], fault: Fault) -> Source {
    Source(imports::Source::made(bytes.to_vec(), false, Some(fault)))
}

/// The body of a blob whose digest nobody knows yet: [`crate::written`] tells it at its end.
///
/// ```
/// use engine_plugin_sdk::testing;
///
/// let body = testing::blob_body(b"ab");
/// assert_eq!(body.size(), None);
/// ```
pub fn blob_body(bytes: &[u8]) -> Source {
    with(|outside| outside.written = None);
    Source(imports::Source::of_blob(bytes.to_vec()))
}

/// A source that does not know its size.
///
/// ```
/// use engine_plugin_sdk::testing;
///
/// assert_eq!(testing::unsized_source(b"ab").size(), None);
/// ```
pub fn unsized_source(bytes: &[u8]) -> Source {
    Source(imports::Source::made(bytes.to_vec(), false, None))
}

impl Asked {
    /// The value of a header, however its name is written.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl Answer {
    /// An answer with a status and no body.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), extra: Vec::new(), fault: None }
    }

    /// No answer: the request fails.
    pub fn fault(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::status(0) }
    }

    /// Adds what the engine knows about the answer.
    #[must_use]
    pub fn extra(mut self, key: &str, value: impl Into<String>) -> Self {
        self.extra.push((key.to_owned(), value.into()));
        self
    }

    /// Adds a header; its name in lower case, as the engine gives it.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

impl Outside {
    /// The paths of all files, in order.
    pub fn paths(&self) -> Vec<&str> {
        self.files.keys().map(String::as_str).collect()
    }

    /// The content of a file. Fails with `not-found`.
    pub fn file(&self, path: &str) -> Result<Vec<u8>, Fault> {
        let found = self.files.get(path).cloned();
        found.ok_or_else(|| Fault::not_found(format!("`{path}` is not there")))
    }

    /// Writes a file whose directory exists.
    pub fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Result<(), Fault> {
        self.parent_exists(path)?;
        self.files.insert(path.to_owned(), bytes.into());
        Ok(())
    }

    /// Makes a directory and those above it.
    pub fn make_directory(&mut self, path: &str) -> Result<(), Fault> {
        let mut above = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if !above.is_empty() {
                above.push('/');
            }
            above.push_str(part);
            self.directories.insert(above.clone());
        }
        Ok(())
    }

    /// Whether this is a directory; the root always is.
    pub fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.directories.contains(path)
    }

    /// Removes a file, or a directory with all that is in it.
    pub fn remove(&mut self, path: &str) {
        let inside = format!("{path}/");
        let stays = |known: &str| known != path && !known.starts_with(&inside);
        self.files.retain(|known, _| stays(known));
        self.directories.retain(|known| stays(known));
    }

    /// The entries of a directory. Fails with `not-found`.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>, Fault> {
        if !self.is_directory(path) {
            return Err(Fault::not_found(format!("`{path}` is not there")));
        }
        let inside = if path.is_empty() { String::new() } else { format!("{path}/") };
        let own = |known: &str| {
            let name = known.strip_prefix(&inside)?;
            (!name.contains('/')).then(|| name.to_owned())
        };
        let files = self.files.iter().filter_map(|(known, bytes)| {
            Some(Entry { name: own(known)?, kind: Kind::File, size: bytes.len() as u64 })
        });
        let directories = self
            .directories
            .iter()
            .filter_map(|known| Some(Entry { name: own(known)?, kind: Kind::Directory, size: 0 }));
        let mut entries: Vec<Entry> = files.chain(directories).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    pub(crate) fn parent_exists(&self, path: &str) -> Result<(), Fault> {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if self.is_directory(parent) {
            return Ok(());
        }
        Err(Fault::not_found(format!("the directory `{parent}` is not there")))
    }

    pub(crate) fn answer(request: Request) -> Result<Response, Fault> {
        let Some(answering) = with(|outside| outside.answering.clone()) else {
            return Err(Fault::new("unreachable", "the test serves nothing"));
        };
        let body = request.body.map(|body| body.read_all(u64::MAX));
        let broke = body.as_ref().and_then(|body| body.as_ref().err().cloned());
        let url = request.url.clone();
        let asked = Asked { method: request.method, url, headers: request.headers, body };
        let answer = (answering.borrow_mut())(asked);
        if let Some(fault) = broke.or(answer.fault) {
            return Err(fault);
        }
        Ok(Response {
            status: answer.status,
            headers: answer.headers,
            final_url: request.url,
            body: Source::from_bytes(&answer.body),
            extra: answer.extra,
        })
    }
}

#[cfg(test)]
#[path = "testing_tests.rs"]
mod tests;
