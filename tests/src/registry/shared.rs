//! What the registry's servers share, and the way of a request through them.

use super::journal::Entry;
use super::place::Place;
use super::query::Query;
use super::tokens::Tokens;
use super::{Asked, Credential, Host, Journal, Kind, Options, Store};
use super::{access, blobs, listings, manifests, referrers, tokens, uploads};
use crate::server::{Answer, Slices};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::{HeaderMap, Method, Request, Response};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// What the registry's servers share.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) journal: Journal,
    pub(super) tokens: Tokens,
    /// `http://127.0.0.1:PORT` that challenges name for tokens.
    pub(super) realm: Mutex<String>,
    /// `http://127.0.0.1:PORT` of the blob store.
    pub(super) elsewhere: OnceLock<String>,
    store: Mutex<Store>,
}

/// A request that is being answered.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) query: Query,
    pub(super) entry: Entry,
    body: Incoming,
}

impl Call {
    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// The next piece of the body; `Err` when the client went away.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Gone> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(piece) = frame.map_err(|_| Gone)?.into_data() {
                self.entry.received(piece.len());
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// The whole body; `None` when it is longer than `limit`.
    pub(super) async fn whole(&mut self, limit: usize) -> Result<Option<Bytes>, Gone> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            if bytes.len() + piece.len() > limit {
                return Ok(None);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes.into()))
    }
}

/// The client went away before its request was complete.
#[derive(Debug)]
pub(super) struct Gone;

impl Shared {
    pub(super) fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// Where challenges send clients for tokens.
    pub(super) fn realm(&self) -> MutexGuard<'_, String> {
        self.realm.lock().expect("no test panics while it holds the realm")
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().expect("no test panics while it holds the store")
    }

    /// Answers one request and writes it into the journal.
    pub(super) async fn answer(
        self: Arc<Self>,
        host: Host,
        request: Request<Incoming>,
    ) -> Response<Slices> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let place = Place::parse(&path);
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let entry = self.journal.arrive(Asked {
            host,
            method: parts.method.clone(),
            kind: match host {
                Host::Registry => place.kind(),
                Host::Tokens => Kind::Token,
                Host::Blobs => Kind::Blob,
            },
            repository: place.repository().map(str::to_owned),
            credential: credential(&parts.headers),
            query: query.clone(),
            path: path.clone(),
            body_bytes: 0,
            status: 0,
        });
        let query = Query::parse(&query);
        let mut call = Call { method: parts.method, headers: parts.headers, query, entry, body };
        let answer = match host {
            Host::Registry => self.registry(&place, &mut call).await,
            Host::Tokens => tokens::give(&self, &mut call).await,
            Host::Blobs => Ok(blobs::from_elsewhere(&self, &path, &call)),
        };
        let is_head = call.is_head();
        match answer {
            Ok(answer) => {
                let answer = if is_head { answer.head_only() } else { answer };
                call.entry.answered(answer.status);
                answer.send(Box::new(call.entry))
            }
            Err(Gone) => Answer::empty(400).send(Box::new(call.entry)),
        }
    }

    async fn registry(&self, place: &Place, call: &mut Call) -> Result<Answer, Gone> {
        if !self.options.pause.is_zero() {
            tokio::time::sleep(self.options.pause).await;
        }
        if let Err(refusal) = access::check(self, place, call) {
            return Ok(refusal);
        }
        let read = matches!(call.method, Method::GET | Method::HEAD);
        Ok(match place {
            Place::Ping if read => Answer::json(&serde_json::json!({})),
            Place::Catalog if read => listings::catalog(self, call),
            Place::Tags(repository) if read => listings::tags(self, call, repository),
            Place::Referrers(repository, digest) if read => {
                referrers::list(self, call, repository, digest)
            }
            Place::Manifest(repository, name) => {
                manifests::answer(self, call, repository, name).await?
            }
            Place::Blob(repository, digest) => blobs::answer(self, call, repository, digest),
            Place::Uploads(repository) => uploads::begin(self, call, repository).await?,
            Place::Upload(repository, id) => uploads::go_on(self, call, repository, id).await?,
            Place::Nowhere => Answer::fault(404, "NAME_INVALID", "no such place"),
            _ => Answer::fault(405, "UNSUPPORTED", "no such method here"),
        }
        .header("docker-distribution-api-version", "registry/2.0"))
    }
}

fn credential(headers: &HeaderMap) -> Credential {
    match headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap_or_default()) {
        None => Credential::None,
        Some(text) if text.starts_with("Basic ") => Credential::Basic,
        Some(text) if text.starts_with("Bearer ") => Credential::Bearer,
        Some(_) => Credential::Other,
    }
}
