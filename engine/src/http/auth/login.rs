//! Sends requests to a registry with the authorization that it asks for, and deals with its
//! refusals.

use super::authorization::{Authorization, Scheme};
use super::challenge::Challenge;
use super::scope::scope;
use super::single_flight::FlightGuard;
use super::token::Token;
use super::token_request::{Answered, TokenRequest};
use crate::config::{Credential, Login, find_login};
use crate::diagnostic::{Fault, Origin, Retry};
use crate::event::Event;
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
    let scope = scope(call_access, request.url.path());
    let origin = fault::origin(call_access);
    LoginFlow { exchange, registry, call_access, scope: &scope, origin }.send(request).await
}

/// Everything that one request needs to be authorized.
struct LoginFlow<'a> {
    exchange: &'a Exchange,
    registry: &'a RegistryHost,
    call_access: &'a CallAccess,
    /// What a token must be good for.
    scope: &'a str,
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

    /// Fails when this was refused before.
    fn check(&self) -> Result<(), Fault> {
        self.authorization().check(self.scope, self.origin)
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
        if request.body.is_none() {
            return self.learn_by(request, turn).await;
        }
        // A body may be sent only once, so another request has to learn. The body's own source may be
        // waiting for this turn, so the turn must be given back before the body is read.
        let url = self.registry.base_url().join("/v2/");
        let url = url.map_err(|error| fault::invalid(error.to_string()))?;
        let learning = OutgoingRequest::new(Method::GET, url).noting(&self.call_access.uncounted);
        let received = self.learn_by(learning, turn).await?;
        self.exchange.discard(received).await;
        self.rounds(request, &mut None).await
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
        let mut header = self.header(None).await?;
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
            let response = &received.response;
            authorization.learn(response);
            if response.status() != StatusCode::UNAUTHORIZED {
                if header.is_some() {
                    authorization.note_worked(self.scope);
                    authorization.note_worked("");
                }
                if authorization.scheme().is_some() {
                    authorization.settle();
                }
                return Ok(received);
            }
            match self.next_header(header.as_ref()).await? {
                Some(next) => header = Some(next),
                None => return Ok(received),
            }
            self.exchange.discard(received).await;
        }
        Err(self.asked_late())
    }

    /// The header to try after a 401; `None` when nothing else can be done about it.
    async fn next_header(&self, refused: Option<&Header>) -> Result<Option<Header>, Fault> {
        let Some(refused) = refused else { return self.header(None).await };
        let asked = self.authorization().scheme();
        if !refused.fresh || asked != Some(Scheme::Asks(refused.challenge.clone())) {
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
                self.report_use(&login);
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
        let slot = self.authorization().slot(self.scope);
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
        let (mut login, mut fresh) = self.login(anew).await?;
        loop {
            self.report_use(&login);
            let credential = login.credential.as_ref();
            let (scope, origin, uncounted) = (self.scope, self.origin, &self.call_access.uncounted);
            let asked = TokenRequest { challenge, scope, credential, origin, uncounted };
            let status = match asked.send(self.exchange, self.registry).await? {
                Answered::Given(token) => return Ok(token),
                Answered::Refused(status) => status,
            };
            let password = status == StatusCode::UNAUTHORIZED && credential.is_some();
            if password && !fresh {
                let (newer, _) = self.login(true).await?;
                if newer.credential != login.credential {
                    (login, fresh) = (newer, true);
                    continue;
                }
            }
            let good = self.authorization().worked("");
            return Err(self.refused(&login, password && !login.by_path && !good));
        }
    }

    /// The login of the registry, and whether it was looked up just now.
    async fn login(&self, anew: bool) -> Result<(Login, bool), Fault> {
        let mut kept = self.authorization().login.lock().await;
        if let Some(login) = kept.as_ref().filter(|login| !anew && !login.by_path) {
            return Ok((login.clone(), false));
        }
        let RegistryHost { name, settings, .. } = self.registry;
        let (surroundings, auth) = (&self.exchange.network.surroundings, settings.auth.as_ref());
        let login = find_login(surroundings, auth, name, &self.call_access.repository).await?;
        *kept = Some(login.clone());
        Ok((login, true))
    }

    /// Says that a credential is used, the first time.
    fn report_use(&self, login: &Login) {
        let Some(credential) = &login.credential else { return };
        if self.authorization().first_use() {
            let (registry, user) = (self.registry.name.clone(), credential.user().to_owned());
            self.exchange.events.say(&Event::CredentialUsed { registry, user });
        }
    }

    /// The registry refuses, and there is no other login. Where this one has worked before, it is
    /// the request that is refused, and the answer goes to whoever asked.
    fn give_up(&self, login: &Login) -> Result<Option<Header>, Fault> {
        let authorization = self.authorization();
        let basic = authorization.scheme() == Some(Scheme::Asks(Challenge::Basic));
        if authorization.worked(self.scope) || (basic && authorization.worked("")) {
            return Ok(None);
        }
        Err(self.refused(login, basic && !login.by_path))
    }

    /// Remembers that the registry refused; `all`: whatever is asked of it.
    fn refused(&self, login: &Login, all: bool) -> Fault {
        let RegistryHost { name, anonymous, .. } = self.registry;
        let (message, help) = match &login.credential {
            Some(credential) => {
                let user = credential.user();
                let what = if all { String::new() } else { format!(" for `{}`", self.scope) };
                let from = login.looked_at.join(", ");
                (
                    format!("`{name}` refused the login of `{user}`{what}"),
                    format!("log in again, or correct it: it is from {from}"),
                )
            }
            None if *anonymous => (
                format!("`{name}` wants a login, and it was granted without one"),
                "write the grant as `{url: URL, auth: REGISTRY}`, with the registry whose login it is"
                    .to_owned(),
            ),
            None => (
                format!("`{name}` wants a login, and there is none"),
                format!("log in, or set `auth` for it; looked at: {}", login.looked_at.join(", ")),
            ),
        };
        let fault = Fault::new(codes::UNAUTHORIZED, self.origin, message).at(name).help(help);
        self.authorization().refuse(if all { "" } else { self.scope }, fault)
    }

    /// A body was sent before the registry asked for a login, or for a newer token. The next attempt
    /// brings it.
    fn asked_late(&self) -> Fault {
        let name = &self.registry.name;
        let message = format!("`{name}` asked for a login after the body was sent");
        Fault::new(codes::ASKED_LATE, self.origin, message).retry(Retry::Backoff).at(name)
    }
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
