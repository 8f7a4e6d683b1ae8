//! A request on its way out: what is sent, and how often it can be.

use super::limits::permits::Load;
use crate::event::RequestKind;
use crate::role::{Secret, UncountedTime};
use crate::stream::Body;
use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use url::Url;

/// A request that was found to be within the access of its call.
pub(super) struct OutgoingRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
    /// The bytes of a small body, for a registry that wants another login once it was sent.
    pub(super) kept: Option<Bytes>,
    /// Whether it is for a token.
    pub(super) token: bool,
    /// Whether redirects are followed.
    pub(super) follow: bool,
    /// Where waiting is noted that the guest's call is not to blame for.
    pub(super) uncounted: UncountedTime,
}

impl OutgoingRequest {
    /// A request of the engine's own.
    pub(super) fn new(method: Method, url: Url) -> Self {
        let (headers, uncounted) = (HeaderMap::new(), UncountedTime::default());
        Self {
            method,
            url,
            headers,
            body: None,
            kept: None,
            token: false,
            follow: false,
            uncounted,
        }
    }

    /// The same request once more; `None` where its body was given away.
    pub(super) fn again(&self) -> Option<Self> {
        self.body.is_none().then(|| self.without_body())
    }

    /// The same once more after a refusal, which took nothing: with its body, if that was kept.
    pub(super) fn after_refusal(&self) -> Option<Self> {
        let kept = self.kept.clone();
        match (&self.body, &kept) {
            (Some(_), None) => None,
            (body, _) => {
                let body = body.as_ref().and(kept.clone()).map(Body::from_bytes);
                Some(Self { body, kept, ..self.without_body() })
            }
        }
    }

    fn without_body(&self) -> Self {
        let Self { method, url, headers, token, follow, uncounted, .. } = self;
        let (method, url, headers) = (method.clone(), url.clone(), headers.clone());
        let (token, follow, uncounted) = (*token, *follow, uncounted.clone());
        Self { method, url, headers, body: None, kept: None, token, follow, uncounted }
    }

    /// A request whose waiting is noted.
    pub(super) fn noting(self, uncounted: &UncountedTime) -> Self {
        Self { uncounted: uncounted.clone(), ..self }
    }

    /// With an `Authorization` header, which is kept out of every text.
    pub(super) fn authorized(mut self, value: Option<&Secret>) -> Self {
        self.headers.remove(AUTHORIZATION);
        let value = value.and_then(|value| HeaderValue::try_from(value.reveal()).ok());
        if let Some(mut value) = value {
            value.set_sensitive(true);
            self.headers.insert(AUTHORIZATION, value);
        }
        self
    }

    /// What it does while it is in flight. A token is read like a body: an upload may wait for the
    /// request that needs it.
    pub(super) fn load(&self) -> Load {
        match (&self.method, &self.body) {
            _ if self.token => Load::Read,
            (_, Some(_)) => Load::Send,
            (&Method::GET, None) => Load::Read,
            _ => Load::Ask,
        }
    }

    /// Whether it sends bytes of a blob.
    pub(super) fn uploads(&self) -> bool {
        let is_manifest = self.url.path().contains("/manifests/");
        matches!(self.method, Method::PUT | Method::PATCH) && !is_manifest
    }

    /// Whether it ends an upload whose bytes were sent before.
    pub(super) fn ends_upload(&self) -> bool {
        self.method == Method::PUT && self.body.is_none()
    }

    /// What it is counted as.
    pub(super) fn kind(&self) -> RequestKind {
        let manifest = self.url.path().contains("/manifests/");
        match (self.token, &self.method) {
            (true, _) => RequestKind::Token,
            (false, &Method::GET) if manifest => RequestKind::ManifestGet,
            (false, &Method::HEAD) if manifest => RequestKind::ManifestHead,
            (false, &Method::GET) => RequestKind::Get,
            (false, &Method::HEAD) => RequestKind::Head,
            _ => RequestKind::Write,
        }
    }
}
