//! The proxy that runs.

use super::Rule;
use super::connection::Connection;
use super::rules::Rules;
use crate::server::Server;
use std::net::SocketAddr;
use std::sync::Arc;

/// A proxy before a server, on a free loopback port. Plain HTTP/1.1 only.
///
/// Everything that no rule strikes is passed on byte by byte. Stops when it is dropped.
pub struct Proxy {
    rules: Arc<Rules>,
    server: Server,
}

impl Proxy {
    /// Starts a proxy before `upstream`.
    pub fn start(upstream: SocketAddr, rules: Vec<Rule>) -> Self {
        let rules = Arc::new(Rules::new(rules));
        let shared = rules.clone();
        let server = Server::accept(move |client| {
            let rules = shared.clone();
            async move {
                if let Ok(connection) = Connection::new(client, upstream, &rules) {
                    // Whoever hangs up early ends the connection; tests do it on purpose.
                    drop(connection.run().await);
                }
            }
        });
        Self { rules, server }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Adds a rule from now on.
    pub fn add(&self, rule: Rule) {
        self.rules.add(rule);
    }

    /// Forgets all rules, lost uploads and what was seen.
    pub fn clear(&self) {
        self.rules.clear();
    }

    /// `METHOD /path` of every request, in order of arrival.
    pub fn seen(&self) -> Vec<String> {
        self.rules.seen()
    }

    /// `fault METHOD /path` of every request that a rule struck. A test of a fault that never
    /// struck proves nothing, so look at this.
    pub fn struck(&self) -> Vec<String> {
        self.rules.struck()
    }
}
