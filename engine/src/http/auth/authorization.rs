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
    /// Whether `/v2/` was asked for the login that the registry wants, as it hides what it has.
    pub(in crate::http) base_asked: tokio::sync::Mutex<bool>,
    tokens: Mutex<BTreeMap<String, Slot>>,
    told: AtomicBool,
    warned: AtomicBool,
}

#[derive(Default)]
struct Known {
    scheme: Option<Scheme>,
    settled: bool,
    /// Scopes for which a login worked; the empty one says that the login is good.
    worked: BTreeSet<String>,
    /// Something was read without a login.
    is_open: bool,
    /// By scope; the empty one stands for all.
    refused: BTreeMap<String, Fault>,
    /// By our own scope: what the registry proposes instead.
    proposed: BTreeMap<String, Proposed>,
}

/// A scope that the registry proposes instead of our own.
struct Proposed {
    scope: String,
    /// Our own scope was refused, so this one is asked for.
    used: bool,
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

    /// Something was read without a login.
    pub(in crate::http) fn note_open(&self) {
        self.known().is_open = true;
    }

    /// Whether something was read without a login.
    pub(in crate::http) fn is_open(&self) -> bool {
        self.known().is_open
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

    /// Takes note of the scope that the registry proposes instead of `own`. One with more actions
    /// takes the place of one with fewer: each challenge names those of its request alone.
    pub(in crate::http) fn propose(&self, own: &str, scope: String) {
        let actions = |scope: &str| scope.matches(',').count();
        let mut known = self.known();
        let has_room = known.proposed.len() < MAX_SCOPES;
        match known.proposed.get_mut(own) {
            Some(old) if actions(&old.scope) >= actions(&scope) => {}
            Some(old) => *old = Proposed { scope, used: false },
            None if has_room => {
                known.proposed.insert(own.to_owned(), Proposed { scope, used: false });
            }
            None => {}
        }
    }

    /// From now on the proposed scope is asked for instead of `own`, which was refused. Says whether there is
    /// one that was not tried.
    pub(in crate::http) fn use_proposed(&self, own: &str) -> bool {
        let mut known = self.known();
        let proposed = known.proposed.get_mut(own);
        proposed.is_some_and(|proposed| !std::mem::replace(&mut proposed.used, true))
    }

    /// Whether the registry proposes a scope instead of `own` that was not tried.
    pub(in crate::http) fn has_untried(&self, own: &str) -> bool {
        self.known().proposed.get(own).is_some_and(|proposed| !proposed.used)
    }

    /// The scope to ask for: `own`, or what is used instead.
    pub(in crate::http) fn scope_to_ask(&self, own: &str) -> String {
        let known = self.known();
        let used = known.proposed.get(own).filter(|proposed| proposed.used);
        used.map_or(own, |proposed| proposed.scope.as_str()).to_owned()
    }

    /// Whether the registry knows repositories by other names than ours, and its challenge for this scope
    /// was not seen: a token for our own scope would be refused.
    pub(in crate::http) fn needs_challenge(&self, own: &str) -> bool {
        let known = self.known();
        let is_known = known.worked.contains(own) || known.proposed.contains_key(own);
        !is_known && known.proposed.values().any(|proposed| proposed.used)
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

    /// Whether this is the first time that a missing helper is warned of.
    pub(in crate::http) fn first_warning(&self) -> bool {
        !self.warned.swap(true, Ordering::Relaxed)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "authorization_tests.rs"]
mod tests;
