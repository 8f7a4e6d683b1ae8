//! Sends requests to a registry with the authorization that it asks for, and deals with its
//! refusals.

use super::authorization::{Authorization, Scheme};
use super::challenge::Challenge;
use super::current_login;
use super::refusal;
use super::scope::{self, RequestScope};
use super::single_flight::FlightGuard;
use super::token::Token;
use super::token_request::{Answered, TokenRequest};
use crate::config::{Credential, Login};
use crate::diagnostic::{Fault, Origin};
use crate::http::codes;
use crate::http::exchange::{Exchange, Received};
use crate::http::fault;
use crate::http::net::peer::Peer;
use crate::http::outgoing_request::OutgoingRequest;
use crate::http::registry_host::RegistryHost;
use crate::role::{CallAccess, Secret};
use reqwest::{Method, StatusCode};

/// Requests that one call may take: unauthorized, with an old token, with a new one.
const MAX_ROUNDS: u32 = 3;

/// Sends a request to the registry itself, authorized as the registry wants it.
///
/// # Errors
///
/// `http::unauthorized`, `http::token`, `http::asked-late`, what `config` finds wrong, and what a
/// request fails with.
pub(in crate::http) async fn send(
    exchange: &Exchange,
    registry: &RegistryHost,
    request: OutgoingRequest,
    call_access: &CallAccess,
) -> Result<Received, Fault> {
    let scope = RequestScope::of(call_access, &request.url);
    let origin = fault::origin(call_access);
    LoginFlow { exchange, registry, call_access, scope: &scope, origin }.send(request).await
}

/// Everything that one request needs to be authorized.
struct LoginFlow<'a> {
    exchange: &'a Exchange,
    registry: &'a RegistryHost,
    call_access: &'a CallAccess,
    /// What a token must be good for.
    scope: &'a RequestScope,
    origin: Origin,
}

/// An `Authorization` header.
struct Header {
    value: Secret,
    /// It was not used before, so there is none that is newer.
    fresh: bool,
    /// The challenge that it answers. A registry may ask for something else elsewhere.
    challenge: Challenge,
}

impl LoginFlow<'_> {
    fn authorization(&self) -> &Authorization {
        &self.registry.authorization
    }

    /// The scope, as what is known of it is kept by.
    fn key(&self) -> &str {
        &self.scope.text
    }

    /// Fails when this was refused before.
    fn check(&self) -> Result<(), Fault> {
        self.authorization().check(self.key(), self.origin)
    }

    async fn send(&self, request: OutgoingRequest) -> Result<Received, Fault> {
        let authorization = self.authorization();
        self.check()?;
        if authorization.settled() {
            return self.rounds(request, &mut None).await;
        }
        let turn = authorization.learning.take().await;
        let turn = turn.map_err(|fault| fault.from_origin(self.origin))?;
        self.check()?;
        if authorization.settled() {
            drop(turn);
            return self.rounds(request, &mut None).await;
        }
        if request.body.is_none() && !self.scope.mounts {
            return self.learn_by(request, turn).await;
        }
        // A body may be sent only once, so another request has to learn. The body's own source may be
        // waiting for this turn, so the turn must be given back before the body is read. A mount does
        // not learn either: when it is refused, nobody knows whether the login is.
        let learning = self.base_request()?;
        let scope = &RequestScope::own(self.call_access, learning.url.path());
        let LoginFlow { exchange, registry, call_access, origin, .. } = *self;
        let flow = LoginFlow { exchange, registry, call_access, scope, origin };
        let received = flow.learn_by(learning, turn).await?;
        exchange.discard(received).await;
        self.rounds(request, &mut None).await
    }

    /// A request for `/v2/`, which every registry has.
    fn base_request(&self) -> Result<OutgoingRequest, Fault> {
        let url = self.registry.base_url().join("/v2/");
        let url = url.map_err(|error| fault::invalid(error.to_string()))?;
        Ok(OutgoingRequest::new(Method::GET, url).noting(&self.call_access.uncounted))
    }

    /// Sends a request that learns for all who wait.
    async fn learn_by(
        &self,
        request: OutgoingRequest,
        turn: FlightGuard<'_, ()>,
    ) -> Result<Received, Fault> {
        let mut turn = Some(turn);
        let sent = self.rounds(request, &mut turn).await;
        if turn.is_some() {
            // A refusal may be about one scope, and is remembered with it.
            let shared = sent.as_ref().err().filter(|fault| !fault.is(codes::UNAUTHORIZED));
            self.authorization().learning.end(shared);
        }
        sent
    }

    /// Sends a request until the answer no longer asks for a login.
    async fn rounds(
        &self,
        request: OutgoingRequest,
        turn: &mut Option<FlightGuard<'_, ()>>,
    ) -> Result<Received, Fault> {
        let authorization = self.authorization();
        let mut header = if authorization.needs_challenge(self.key()) {
            None
        } else {
            self.header(None).await?
        };
        let mut request = Some(request);
        for _ in 0..MAX_ROUNDS {
            let Some(now) = request.take() else { break };
            request = now.after_refusal();
            if authorization.settled() && turn.is_some() {
                authorization.learning.end(None);
                *turn = None;
            }
            let now = now.authorized(header.as_ref().map(|header| &header.value));
            let received =
                self.exchange.send(self.registry, Peer::Registry, now, self.origin).await?;
            // What follows may wait for a token, whose request may need a permit of this host.
            let received = received.answered();
            authorization.learn(&received.response);
            let status = received.response.status();
            let next = if status == StatusCode::UNAUTHORIZED {
                self.note_proposed(&received.response);
                let asks = Challenge::not_understood(&received.response);
                self.next_header(header.as_ref(), asks).await?
            } else if header.is_none() && request.is_some() {
                self.header_of_hidden(status).await?
            } else {
                None
            };
            let Some(next) = next else {
                self.note_answer(status, header.is_some());
                return Ok(received);
            };
            header = Some(next);
            self.exchange.discard(received).await;
        }
        Err(refusal::asked_late(self.registry, self.origin))
    }

    /// Takes note of an answer that is given to whoever asked.
    fn note_answer(&self, status: StatusCode, logged_in: bool) {
        let authorization = self.authorization();
        if status == StatusCode::UNAUTHORIZED {
            return;
        }
        if logged_in {
            authorization.note_worked(self.key());
            authorization.note_worked("");
        } else if status.is_success() {
            authorization.note_open();
        }
        if authorization.scheme().is_some() {
            authorization.settle();
        }
    }

    /// Takes note of a scope that the registry proposes instead of ours.
    fn note_proposed(&self, response: &reqwest::Response) {
        let challenge = Challenge::scope(response);
        if let Some(scope) = challenge.and_then(|scope| scope::proposed(&scope, self.key())) {
            self.authorization().propose(self.key(), scope);
        }
    }

    /// The login for a registry that hides from strangers what it has: it answers them 404, or 403 without
    /// a challenge, and asks for a login at `/v2/` alone. It is asked there once in a run, and only where a
    /// login is at hand: what is public costs nothing more.
    async fn header_of_hidden(&self, status: StatusCode) -> Result<Option<Header>, Fault> {
        if !matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) {
            return Ok(None);
        }
        let authorization = self.authorization();
        let mut asked = authorization.base_asked.lock().await;
        if !std::mem::replace(&mut *asked, true) {
            // A file of logins that cannot be read is no reason to fail: nobody asked for a login.
            let login = self.login(false).await.ok();
            if login.is_some_and(|(login, _)| login.credential.is_some()) {
                self.ask_base().await?;
            }
        }
        drop(asked);
        self.header(None).await
    }

    /// Asks `/v2/` which login the registry wants. One that does not answer there is left as it is known.
    async fn ask_base(&self) -> Result<(), Fault> {
        let learning = self.base_request()?;
        let sent = self.exchange.send(self.registry, Peer::Registry, learning, self.origin).await;
        if let Ok(received) = sent {
            self.authorization().learn(&received.response);
            self.exchange.discard(received.answered()).await;
        }
        Ok(())
    }

    /// The header to try after a 401; `None` when nothing else can be done about it. `asks`: what the
    /// registry asks for, where nobody understands it.
    async fn next_header(
        &self,
        refused: Option<&Header>,
        asks: Option<String>,
    ) -> Result<Option<Header>, Fault> {
        let authorization = self.authorization();
        let Some(refused) = refused else {
            let header = self.header(None).await?;
            return match asks {
                Some(asks) if header.is_none() => {
                    Err(refusal::not_understood(self.registry, &asks, self.origin))
                }
                _ => Ok(header),
            };
        };
        let is_other = authorization.scheme() != Some(Scheme::Asks(refused.challenge.clone()));
        let worked = authorization.worked(self.key());
        if !refused.fresh || is_other || (!worked && authorization.use_proposed(self.key())) {
            return self.header(Some(&refused.value)).await;
        }
        let login = self.login(false).await?.0;
        self.give_up(&login)
    }

    /// The header to send; `instead_of` was refused.
    async fn header(&self, instead_of: Option<&Secret>) -> Result<Option<Header>, Fault> {
        match self.authorization().scheme() {
            None | Some(Scheme::Open) => Ok(None),
            Some(Scheme::Asks(Challenge::Basic)) => self.basic(instead_of).await,
            Some(Scheme::Asks(challenge)) => self.bearer(challenge, instead_of).await.map(Some),
        }
    }

    async fn basic(&self, instead_of: Option<&Secret>) -> Result<Option<Header>, Fault> {
        let (mut login, mut fresh) = self.login(false).await?;
        let value = |login: &Login| login.credential.as_ref().and_then(Credential::basic);
        if instead_of.is_some() && value(&login).as_ref() == instead_of {
            (login, fresh) = self.login(true).await?;
        }
        match value(&login) {
            Some(value) if Some(&value) != instead_of => {
                current_login::report_use(self.exchange, self.registry, &login);
                Ok(Some(Header { value, fresh, challenge: Challenge::Basic }))
            }
            _ => self.give_up(&login),
        }
    }

    async fn bearer(
        &self,
        challenge: Challenge,
        instead_of: Option<&Secret>,
    ) -> Result<Header, Fault> {
        let slot = self.authorization().slot(self.key());
        let taken = slot.take().await;
        let mut token = taken.map_err(|fault| fault.from_origin(self.origin))?;
        self.check()?;
        if let Some(token) = token.as_ref().filter(|token| token.lives())
            && Some(&token.value) != instead_of
        {
            return Ok(Header { value: token.value.clone(), fresh: false, challenge });
        }
        let fetched = self.fetch(&challenge, token.is_some()).await;
        slot.end(fetched.as_ref().err());
        let value = token.insert(fetched?).value.clone();
        self.authorization().settle();
        Ok(Header { value, fresh: true, challenge })
    }

    /// A new token. `anew`: there was one before, so the login is looked up again.
    async fn fetch(&self, challenge: &Challenge, anew: bool) -> Result<Token, Fault> {
        let authorization = self.authorization();
        let (mut login, mut fresh) = self.login(anew).await?;
        loop {
            current_login::report_use(self.exchange, self.registry, &login);
            let credential = login.credential.as_ref();
            let scope = authorization.scope_to_ask(self.key());
            let asked = TokenRequest {
                challenge,
                asked_by: self.registry.base_url(),
                scope: &scope,
                credential,
                origin: self.origin,
                uncounted: &self.call_access.uncounted,
            };
            let status = match asked.send(self.exchange, self.registry).await {
                Ok(Answered::Given(token)) => return Ok(token),
                Ok(Answered::Refused(status)) => Some(status),
                // An answer, such as 400, may be about the scope too.
                Err(fault) if fault.is(codes::TOKEN) && self.may_be_the_scope(&fault) => None,
                Err(fault) => return Err(fault),
            };
            if authorization.use_proposed(self.key()) {
                continue;
            }
            let password = status == Some(StatusCode::UNAUTHORIZED) && credential.is_some();
            if password && !fresh {
                let (newer, _) = self.login(true).await?;
                if newer.credential != login.credential {
                    (login, fresh) = (newer, true);
                    continue;
                }
            }
            let good = authorization.worked("") || self.scope.mounts;
            return Err(self.refused(&login, password && !login.by_path && !good));
        }
    }

    /// Whether a token server that gave no token may have one for another scope: it did not understand
    /// the question, and there is another one, or a mount that can be done without.
    fn may_be_the_scope(&self, fault: &Fault) -> bool {
        let authorization = self.authorization();
        let is_answer = fault.fact_of("status").is_some_and(|status| status.starts_with('4'));
        self.scope.mounts || (is_answer && authorization.has_untried(self.key()))
    }

    /// The login of the registry, and whether it was looked up just now.
    async fn login(&self, anew: bool) -> Result<(Login, bool), Fault> {
        let repository = &self.call_access.repository;
        current_login::find(self.exchange, self.registry, repository, anew).await
    }

    /// The registry refuses, and there is no other login. Where this one has worked before, or a stranger
    /// has read something, it is the request that is refused, and the answer goes to whoever asked.
    fn give_up(&self, login: &Login) -> Result<Option<Header>, Fault> {
        let authorization = self.authorization();
        let basic = authorization.scheme() == Some(Scheme::Asks(Challenge::Basic));
        let is_welcome = login.credential.is_none() && authorization.is_open();
        if is_welcome || authorization.worked(self.key()) || (basic && authorization.worked("")) {
            return Ok(None);
        }
        Err(self.refused(login, basic && !login.by_path && !self.scope.mounts))
    }

    /// Remembers that the registry refused; `all`: whatever is asked of it.
    fn refused(&self, login: &Login, all: bool) -> Fault {
        let key = if all { "" } else { self.key() };
        let fault = refusal::refused(self.registry, login, (!all).then_some(key), self.origin);
        self.authorization().refuse(key, fault)
    }
}

#[cfg(test)]
#[path = "login_hidden_tests.rs"]
mod hidden_tests;
#[cfg(test)]
#[path = "login_scope_tests.rs"]
mod scope_tests;
#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
