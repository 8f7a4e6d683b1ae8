//! Who we are at a registry: what it asks for, the tokens that we have, and what it refused.
//!
//! Until a login has worked, one request goes first and all others wait for what it learns: a
//! hundred requests do not meet a hundred challenges, and a wrong password is sent once, not once
//! for each image, which would lock an account. A token is fetched by one caller for all who need
//! it. What was refused without ever having worked is remembered for the run.

use super::challenge::Challenge;
use super::single_flight::SingleFlight;
use super::token::Token;
use crate::config::Login;
use crate::diagnostic::{Fault, Origin};
use reqwest::StatusCode;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tokens of so many scopes are kept; one is about 2 KiB, a run of 10,000 repositories has more.
const MAX_TOKENS: usize = 1024;

/// So many scopes are remembered as working, and as refused.
const MAX_SCOPES: usize = 1 << 14;

/// A token of one scope; whoever has the turn fetches it.
pub(in crate::http) type Slot = Arc<SingleFlight<Option<Token>>>;

/// What is known about logging in to one registry.
#[derive(Default)]
pub(in crate::http) struct Authorization {
    /// Held by the one who learns, while nothing has worked yet.
    pub(in crate::http) learning: SingleFlight<()>,
    /// What was looked up last.
    pub(in crate::http) login: tokio::sync::Mutex<Option<Login>>,
    known: Mutex<Known>,
    tokens: Mutex<BTreeMap<String, Slot>>,
    told: AtomicBool,
}

#[derive(Default)]
struct Known {
    scheme: Option<Scheme>,
    settled: bool,
    /// Scopes for which a login worked; the empty one says that the login is good.
    worked: BTreeSet<String>,
    /// By scope; the empty one stands for all.
    refused: BTreeMap<String, Fault>,
}

/// The authorization that a registry wants.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::http) enum Scheme {
    /// None.
    Open,
    /// What it asked for.
    Asks(Challenge),
}

impl Authorization {
    /// Takes note of what an answer says about logging in.
    pub(in crate::http) fn learn(&self, answer: &reqwest::Response) {
        let status = answer.status();
        let mut known = self.known();
        if status == StatusCode::UNAUTHORIZED {
            let asked = Challenge::read(answer).map(Scheme::Asks);
            if asked.is_some() && known.scheme != asked {
                known.scheme = asked;
                known.settled = false;
            }
        } else if known.scheme.is_none()
            && !status.is_server_error()
            && status != StatusCode::TOO_MANY_REQUESTS
        {
            known.scheme = Some(Scheme::Open);
        }
    }

    /// The authorization that the registry wants; `None` while nobody knows.
    pub(in crate::http) fn scheme(&self) -> Option<Scheme> {
        self.known().scheme.clone()
    }

    /// Whether what is known has been tried, so that nobody needs to wait.
    pub(in crate::http) fn settled(&self) -> bool {
        self.known().settled
    }

    /// What is known has been tried.
    pub(in crate::http) fn settle(&self) {
        self.known().settled = true;
    }

    /// A login worked for a scope.
    pub(in crate::http) fn note_worked(&self, key: &str) {
        let mut known = self.known();
        if known.worked.len() < MAX_SCOPES && !known.worked.contains(key) {
            known.worked.insert(key.to_owned());
        }
    }

    /// Whether a login has worked for a scope.
    pub(in crate::http) fn worked(&self, key: &str) -> bool {
        self.known().worked.contains(key)
    }

    /// Fails when this was refused before.
    pub(super) fn check(&self, scope: &str, origin: Origin) -> Result<(), Fault> {
        let known = self.known();
        let fault = known.refused.get("").or_else(|| known.refused.get(scope));
        fault.map_or(Ok(()), |fault| Err(fault.clone().from_origin(origin)))
    }

    /// Remembers what was refused; the first word on it stays.
    pub(in crate::http) fn refuse(&self, key: &str, fault: Fault) -> Fault {
        let mut known = self.known();
        if known.refused.len() < MAX_SCOPES {
            known.refused.entry(key.to_owned()).or_insert_with(|| fault.clone());
        }
        known.refused.get(key).cloned().unwrap_or(fault)
    }

    /// The place of the token of a scope.
    pub(in crate::http) fn slot(&self, scope: &str) -> Slot {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS && !tokens.contains_key(scope) {
            tokens.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(tokens.entry(scope.to_owned()).or_default())
    }

    /// Whether this is the first time that a credential is used.
    pub(in crate::http) fn first_use(&self) -> bool {
        !self.told.swap(true, Ordering::Relaxed)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "authorization_tests.rs"]
mod tests;
