//! A registry that runs.

use super::shared::Shared;
use super::{Access, Host, Journal, Options, Store};
use crate::server::{Certificate, Server};
use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard};

/// A registry on a free loopback port, with its token server and blob store on two others.
///
/// Everything stops when it is dropped.
pub struct Registry {
    shared: Arc<Shared>,
    certificate: Option<Certificate>,
    main: Server,
    tokens: Option<Server>,
    blobs: Option<Server>,
}

impl Registry {
    /// Starts a registry.
    pub fn start(options: Options) -> Self {
        let certificate = options.tls.then(Certificate::for_loopback);
        let scheme = if options.tls { "https" } else { "http" };
        let has_tokens = matches!(options.access, Access::Bearer { .. });
        let has_blobs = options.blobs_elsewhere;
        let shared = Arc::new(Shared::new(options));
        let serve = |host| {
            let shared = shared.clone();
            Server::start(certificate.as_ref(), move |request| shared.clone().answer(host, request))
        };
        let url = |server: &Server| format!("{scheme}://{}", server.address());
        let tokens = has_tokens.then(|| serve(Host::Tokens));
        if let Some(tokens) = &tokens {
            *shared.realm() = url(tokens);
        }
        let blobs = has_blobs.then(|| serve(Host::Blobs));
        if let Some(blobs) = &blobs {
            shared.elsewhere.get_or_init(|| url(blobs));
        }
        let main = serve(Host::Registry);
        Self { shared, certificate, main, tokens, blobs }
    }

    /// An open one with nothing special.
    pub fn open() -> Self {
        Self::start(Options::default())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.main.address()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address())
    }

    /// Where tokens come from.
    pub fn token_address(&self) -> Option<SocketAddr> {
        self.tokens.as_ref().map(Server::address)
    }

    /// Sends clients to `url` for tokens from now on, such as to a proxy before the token server.
    pub fn send_for_tokens_to(&self, url: &str) {
        url.clone_into(&mut self.shared.realm());
    }

    /// Where blobs are read from.
    pub fn blob_address(&self) -> Option<SocketAddr> {
        self.blobs.as_ref().map(Server::address)
    }

    /// The certificate to trust, where it speaks TLS.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Everything that it was asked.
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Its content, to look at or to change. Nothing is answered while this is held.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.shared.store()
    }
}
