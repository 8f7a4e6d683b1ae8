//! Who we are at a registry: what it asks for, the tokens that we have, and what it refused.
//!
//! While nothing is known about a registry, one request goes first and all others wait for what it
//! learns, so that a hundred requests do not meet a hundred challenges. A token is fetched by one
//! caller for all who need it. What was refused is remembered: a wrong password is sent once, not
//! once for each image.

use super::challenge::Challenge;
use super::client::Client;
use super::connections::Way;
use super::fault;
use super::place::Place;
use super::token::{self, Token};
use super::wire::{Answer, Call};
use crate::config::{Credential, Login, find_login};
use crate::diagnostic::{Fault, Origin, Retry};
use crate::event::Event;
use crate::role::{Errand, Secret};
use reqwest::{Method, StatusCode};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Requests that one call may take: unsigned, with an old token, with a new one.
const MAX_ROUNDS: u32 = 3;

/// Tokens of so many scopes are kept; one is about 2 KiB, a run of 10,000 repositories has more.
const MAX_TOKENS: usize = 1024;

type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

/// What is known about logging in to one registry.
#[derive(Default)]
pub(super) struct Authorization {
    known: Mutex<Option<Scheme>>,
    /// Held by the one who learns what is known.
    learning: tokio::sync::Mutex<()>,
    login: tokio::sync::Mutex<Option<Login>>,
    tokens: Mutex<BTreeMap<String, Slot>>,
    /// By scope; the empty one stands for all.
    refused: Mutex<BTreeMap<String, Fault>>,
    told: AtomicBool,
}

#[derive(Clone)]
enum Scheme {
    Open,
    Asks(Challenge),
}

/// What a request is signed with.
struct Signature {
    value: Secret,
    /// It was not used before, so there is none that is newer.
    fresh: bool,
}

/// What a call is to be signed for.
pub(super) struct Signing<'a> {
    pub(super) place: &'a Place,
    pub(super) repository: &'a str,
    pub(super) scope: &'a str,
    pub(super) origin: Origin,
}

impl Authorization {
    /// Takes note of what an answer says about logging in.
    pub(super) fn learn(&self, answer: &reqwest::Response) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if answer.status() == StatusCode::UNAUTHORIZED {
            if let Some(challenge) = Challenge::read(answer) {
                *known = Some(Scheme::Asks(challenge));
            }
        } else if known.is_none() && answer.status().as_u16() < 500 {
            *known = Some(Scheme::Open);
        }
    }

    fn known(&self) -> Option<Scheme> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn slot(&self, scope: &str) -> Slot {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS && !tokens.contains_key(scope) {
            tokens.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(tokens.entry(scope.to_owned()).or_default())
    }

    /// Fails when this was refused before.
    fn check(&self, signing: &Signing) -> Result<(), Fault> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = refused.get("").or_else(|| refused.get(signing.scope));
        fault.map_or(Ok(()), |fault| Err(fault.clone().from_origin(signing.origin)))
    }

    fn refuse(&self, scope: &str, fault: Fault) -> Fault {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.entry(scope.to_owned()).or_insert(fault).clone()
    }
}

impl Client {
    /// Sends a request to the registry itself, signed as the registry wants it.
    pub(super) async fn signed(
        &self,
        place: &Place,
        call: Call,
        errand: &Errand,
    ) -> Result<Answer, Fault> {
        let origin = fault::origin(errand);
        let scope = token::scope(errand, call.url.path());
        let signing = Signing { place, repository: &errand.repository, scope: &scope, origin };
        let authorization = &place.authorization;
        authorization.check(&signing)?;
        let mut learning = None;
        if authorization.known().is_none() {
            let guard = authorization.learning.lock().await;
            if authorization.known().is_none() {
                learning = Some(guard);
            }
        }
        if learning.is_some() && call.body.is_some() {
            let probe = Call::new(Method::GET, Place::moved(&probe_url(place)?, place.truth()));
            let answer = self.exchange(place, Way::Own, probe, origin).await?;
            authorization.learn(&answer.0);
            self.discard(answer).await;
            learning = None;
        }
        let mut signature = self.signature(&signing, None).await?;
        let mut call = Some(call);
        for _ in 0..MAX_ROUNDS {
            let Some(now) = call.take() else { break };
            call = now.again();
            let now = now.signed(signature.as_ref().map(|signature| &signature.value));
            let answer = self.exchange(place, Way::Own, now, origin).await?;
            authorization.learn(&answer.0);
            learning = None;
            if answer.0.status() != StatusCode::UNAUTHORIZED {
                return Ok(answer);
            }
            match self.next_signature(&signing, signature.as_ref()).await? {
                None => return Ok(answer),
                next => signature = next,
            }
            self.discard(answer).await;
        }
        drop(learning);
        Err(asked_late(place, origin))
    }

    /// What to sign with after a 401; `None` when the registry did not say what it wants.
    async fn next_signature(
        &self,
        signing: &Signing<'_>,
        refused: Option<&Signature>,
    ) -> Result<Option<Signature>, Fault> {
        let Some(refused) = refused else { return self.signature(signing, None).await };
        if !refused.fresh {
            return self.signature(signing, Some(&refused.value)).await;
        }
        let authorization = &signing.place.authorization;
        let basic = matches!(authorization.known(), Some(Scheme::Asks(Challenge::Basic)));
        let login = self.login(signing, false).await?.0;
        Err(Self::refused(signing, &login, basic && !login.by_path))
    }

    /// What to sign with; `instead_of` was refused.
    async fn signature(
        &self,
        signing: &Signing<'_>,
        instead_of: Option<&Secret>,
    ) -> Result<Option<Signature>, Fault> {
        match signing.place.authorization.known() {
            None | Some(Scheme::Open) => Ok(None),
            Some(Scheme::Asks(Challenge::Basic)) => self.basic(signing, instead_of).await.map(Some),
            Some(Scheme::Asks(challenge)) => {
                self.bearer(signing, &challenge, instead_of).await.map(Some)
            }
        }
    }

    async fn basic(
        &self,
        signing: &Signing<'_>,
        instead_of: Option<&Secret>,
    ) -> Result<Signature, Fault> {
        let (mut login, mut fresh) = self.login(signing, false).await?;
        let value = |login: &Login| login.credential.as_ref().and_then(Credential::basic);
        if instead_of.is_some() && value(&login).as_ref() == instead_of {
            (login, fresh) = self.login(signing, true).await?;
        }
        match value(&login) {
            Some(value) if Some(&value) != instead_of => {
                self.tell(signing.place, &login);
                Ok(Signature { value, fresh })
            }
            _ => Err(Self::refused(signing, &login, !login.by_path)),
        }
    }

    async fn bearer(
        &self,
        signing: &Signing<'_>,
        challenge: &Challenge,
        instead_of: Option<&Secret>,
    ) -> Result<Signature, Fault> {
        let slot = signing.place.authorization.slot(signing.scope);
        let mut slot = slot.lock().await;
        signing.place.authorization.check(signing)?;
        if let Some(token) = slot.as_ref().filter(|token| token.lives())
            && Some(&token.value) != instead_of
        {
            return Ok(Signature { value: token.value.clone(), fresh: false });
        }
        let (mut login, mut fresh) = self.login(signing, slot.is_some()).await?;
        loop {
            self.tell(signing.place, &login);
            let credential = login.credential.as_ref();
            match self.ask_token(signing, challenge, credential).await? {
                Ok(token) => {
                    let value = token.value.clone();
                    *slot = Some(token);
                    return Ok(Signature { value, fresh: true });
                }
                Err(StatusCode::UNAUTHORIZED) if !fresh && login.credential.is_some() => {
                    let (newer, _) = self.login(signing, true).await?;
                    if newer.credential == login.credential {
                        return Err(Self::refused(signing, &login, !login.by_path));
                    }
                    (login, fresh) = (newer, true);
                }
                Err(status) => {
                    let all = status == StatusCode::UNAUTHORIZED
                        && login.credential.is_some()
                        && !login.by_path;
                    return Err(Self::refused(signing, &login, all));
                }
            }
        }
    }

    /// The login of the registry, and whether it was looked up just now.
    async fn login(&self, signing: &Signing<'_>, anew: bool) -> Result<(Login, bool), Fault> {
        let place = signing.place;
        let mut kept = place.authorization.login.lock().await;
        if let Some(login) = kept.as_ref().filter(|login| !anew && !login.by_path) {
            return Ok((login.clone(), false));
        }
        let auth = place.settings.auth.as_ref();
        let surroundings = &self.shared.surroundings;
        let login = find_login(surroundings, auth, &place.name, signing.repository).await?;
        *kept = Some(login.clone());
        Ok((login, true))
    }

    fn tell(&self, place: &Place, login: &Login) {
        let Some(credential) = &login.credential else { return };
        if !place.authorization.told.swap(true, Ordering::Relaxed) {
            let (registry, user) = (place.name.clone(), credential.user().to_owned());
            self.events.say(&Event::CredentialUsed { registry, user });
        }
    }

    /// Remembers that the registry refused; `all`: whatever is asked of it.
    fn refused(signing: &Signing, login: &Login, all: bool) -> Fault {
        let name = &signing.place.name;
        let (message, help) = match &login.credential {
            Some(credential) => {
                let user = credential.user();
                let what = if all { String::new() } else { format!(" for `{}`", signing.scope) };
                (
                    format!("`{name}` refused the login of `{user}`{what}"),
                    format!("the login is from {}", login.looked_at.join(", ")),
                )
            }
            None => (
                format!("`{name}` wants a login, and there is none"),
                format!("log in, or set `auth` for it; looked at: {}", login.looked_at.join(", ")),
            ),
        };
        let fault = Fault::new("http::unauthorized", signing.origin, message).at(name).help(help);
        let scope = if all { "" } else { signing.scope };
        signing.place.authorization.refuse(scope, fault)
    }
}

fn probe_url(place: &Place) -> Result<url::Url, Fault> {
    place.nominal.join("/v2/").map_err(|error| fault::invalid(error.to_string()))
}

/// A body was sent before the registry asked for a login, or for a newer token. The next attempt
/// brings it.
fn asked_late(place: &Place, origin: Origin) -> Fault {
    let message = format!("`{}` asked for a login after the body was sent", place.name);
    Fault::new("http::asked-late", origin, message).retry(Retry::Backoff).at(&place.name)
}

#[cfg(test)]
#[path = "authorization_tests.rs"]
mod tests;
