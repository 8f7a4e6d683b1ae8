//! Reads at a registry that another one redirects to, as a stranger.
//!
//! The attack: a registry sends us on so that its login, or that of another registry, is used where
//! nobody meant it to be. So a token is asked for without any login and for reading one repository alone; it
//! goes to the host whose challenge it answers, and where that one redirects on, nothing goes along.

use super::authorization::Slot;
use super::challenge::Challenge;
use super::refusal;
use super::scope;
use super::token_request::{Answered, TokenRequest};
use crate::diagnostic::{Fault, Origin};
use crate::http::exchange::{Exchange, Received};
use crate::http::net::origin::{host_port, origin as origin_of};
use crate::http::net::peer::Peer;
use crate::http::outgoing_request::OutgoingRequest;
use crate::http::registry_host::RegistryHost;
use crate::role::Secret;
use reqwest::StatusCode;
use url::Url;

/// Sends GET or HEAD to where `registry` redirects; `peer` is who that is, as seen from the registry.
///
/// # Errors
///
/// `http::unauthorized`: strangers may not read there. `http::token`, and what a request fails with.
pub(in crate::http) async fn send(
    exchange: &Exchange,
    registry: &RegistryHost,
    peer: Peer,
    request: OutgoingRequest,
    origin: Origin,
) -> Result<Received, Fault> {
    // What is no path of a registry is one of a blob store, which has no tokens.
    let Some(own) = scope::pull_only(None, request.url.path()) else {
        return exchange.send(registry, peer, request, origin).await;
    };
    let key = format!("{} {own}", origin_of(&request.url));
    let slot = registry.authorization.slot(&key);
    Redirected { exchange, registry, peer, origin, slot }.send(request, own).await
}

/// Everything that one request needs to be read as a stranger.
struct Redirected<'a> {
    exchange: &'a Exchange,
    registry: &'a RegistryHost,
    peer: Peer,
    origin: Origin,
    /// The token for this host and repository.
    slot: Slot,
}

impl Redirected<'_> {
    async fn send(&self, request: OutgoingRequest, own: String) -> Result<Received, Fault> {
        let Self { exchange, registry, peer, origin, .. } = *self;
        let again = request.again();
        let known = self.known().await?;
        let request = request.authorized(known.as_ref());
        let received = exchange.send(registry, peer, request, origin).await?.answered();
        let refused = received.response.status() == StatusCode::UNAUTHORIZED;
        let Some(again) = again.filter(|_| refused) else { return Ok(received) };
        let challenge = match Challenge::read(&received.response) {
            Some(challenge) if challenge != Challenge::Basic => challenge,
            _ => {
                let asks = Challenge::not_understood(&received.response);
                let what = asks.unwrap_or_else(|| "answers 401".to_owned());
                return Err(self.refusal(&again.url, &format!("it {what}")));
            }
        };
        let proposed = Challenge::scope(&received.response);
        let scope = scope::pull_only(proposed.as_deref(), again.url.path()).unwrap_or(own);
        exchange.discard(received).await;
        let asked = TokenRequest {
            challenge: &challenge,
            asked_by: &again.url,
            scope: &scope,
            credential: None,
            origin,
            uncounted: &again.uncounted,
        };
        let value = self.token(&asked, known.as_ref()).await?;
        let url = again.url.clone();
        let again = again.authorized(Some(&value));
        let received = exchange.send(registry, peer, again, origin).await?;
        if received.response.status() == StatusCode::UNAUTHORIZED {
            return Err(self.refusal(&url, "it does not take the token that it gives to strangers"));
        }
        Ok(received)
    }

    fn refusal(&self, url: &Url, what: &str) -> Fault {
        refusal::redirected(self.registry, &host_port(url), what, self.origin)
    }

    /// The token that was given before.
    async fn known(&self) -> Result<Option<Secret>, Fault> {
        let token = self.slot.take().await.map_err(|fault| fault.from_origin(self.origin))?;
        Ok(token.as_ref().filter(|token| token.lives()).map(|token| token.value.clone()))
    }

    /// A token, fetched by one caller for all who need it; `instead_of` was refused.
    async fn token(
        &self,
        asked: &TokenRequest<'_>,
        instead_of: Option<&Secret>,
    ) -> Result<Secret, Fault> {
        let taken = self.slot.take().await;
        let mut token = taken.map_err(|fault| fault.from_origin(self.origin))?;
        if let Some(token) = token.as_ref().filter(|token| token.lives())
            && Some(&token.value) != instead_of
        {
            return Ok(token.value.clone());
        }
        let fetched = match asked.send(self.exchange, self.registry).await {
            Ok(Answered::Given(given)) => Ok(given),
            Ok(Answered::Refused(status)) => {
                let what = format!("its token server answers {status}");
                Err(self.refusal(asked.asked_by, &what))
            }
            Err(fault) => Err(fault),
        };
        self.slot.end(fetched.as_ref().err());
        Ok(token.insert(fetched?).value.clone())
    }
}

#[cfg(test)]
#[path = "redirected_tests.rs"]
mod tests;
