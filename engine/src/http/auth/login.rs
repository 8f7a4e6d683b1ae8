//! Signs requests to a registry as it wants them, and deals with its refusals.

use super::challenge::Challenge;
use super::single_flight::Taken;
use super::token::{self};
use crate::config::{Credential, Login, find_login};
use crate::diagnostic::{Fault, Origin, Retry};
use crate::event::Event;
use crate::http::auth::authorization::{Scheme, Signing};
use crate::http::auth::token::Token;
use crate::http::client::Client;
use crate::http::codes;
use crate::http::fault;
use crate::http::net::connections::Way;
use crate::http::place::Place;
use crate::http::wire::{Answer, Call};
use crate::role::{Errand, Secret};
use reqwest::{Method, StatusCode};

/// Requests that one call may take: unsigned, with an old token, with a new one.
const MAX_ROUNDS: u32 = 3;

/// What a request is signed with.
struct Signature {
    value: Secret,
    /// It was not used before, so there is none that is newer.
    fresh: bool,
    /// What it answers. A registry may ask for something else elsewhere.
    challenge: Challenge,
}

impl Client {
    /// Sends a request to the registry itself, signed as the registry wants it.
    pub(in crate::http) async fn signed(
        &self,
        place: &Place,
        call: Call,
        errand: &Errand,
    ) -> Result<Answer, Fault> {
        let (origin, patience) = (fault::origin(errand), &errand.patience);
        let scope = token::scope(errand, call.url.path());
        let signing =
            Signing { place, repository: &errand.repository, scope: &scope, origin, patience };
        let authorization = &place.authorization;
        authorization.check(&signing)?;
        if authorization.settled() {
            return self.rounds(&signing, call, &mut None).await;
        }
        let turn = authorization.learning.take().await;
        let turn = turn.map_err(|fault| fault.from_origin(origin))?;
        authorization.check(&signing)?;
        if authorization.settled() {
            drop(turn);
            return self.rounds(&signing, call, &mut None).await;
        }
        if call.body.is_none() {
            return self.learn_by(&signing, call, turn).await;
        }
        // A body may be sent only once, so something else has to learn; and its own source may be waiting
        // for this turn, so it must be given back before the body is read.
        let url = place.truth().join("/v2/").map_err(|error| fault::invalid(error.to_string()))?;
        let learning = Call::new(Method::GET, url).noting(&errand.patience);
        let answer = self.learn_by(&signing, learning, turn).await?;
        self.discard(answer).await;
        self.rounds(&signing, call, &mut None).await
    }

    /// Sends a request that learns for all who wait.
    async fn learn_by(
        &self,
        signing: &Signing<'_>,
        call: Call,
        turn: Taken<'_, ()>,
    ) -> Result<Answer, Fault> {
        let mut turn = Some(turn);
        let sent = self.rounds(signing, call, &mut turn).await;
        if turn.is_some() {
            // A refusal may be about one scope, and is remembered with it.
            let shared = sent.as_ref().err().filter(|fault| !fault.is(codes::UNAUTHORIZED));
            signing.place.authorization.learning.end(shared);
        }
        sent
    }

    /// Sends a request until it is answered with something else than a wish for a login.
    async fn rounds(
        &self,
        signing: &Signing<'_>,
        call: Call,
        turn: &mut Option<Taken<'_, ()>>,
    ) -> Result<Answer, Fault> {
        let authorization = &signing.place.authorization;
        let mut signature = self.signature(signing, None).await?;
        let mut call = Some(call);
        for _ in 0..MAX_ROUNDS {
            let Some(now) = call.take() else { break };
            call = now.after_refusal();
            if authorization.settled() && turn.is_some() {
                authorization.learning.end(None);
                *turn = None;
            }
            let now = now.signed(signature.as_ref().map(|signature| &signature.value));
            let (answer, pass) =
                self.exchange(signing.place, Way::Own, now, signing.origin).await?;
            // What follows may wait for a token, whose request may need a pass of this gate.
            let pass = pass.answered(&answer);
            let answer = (answer, pass);
            authorization.learn(&answer.0);
            if answer.0.status() != StatusCode::UNAUTHORIZED {
                if signature.is_some() {
                    authorization.note_worked(signing.scope);
                    authorization.note_worked("");
                }
                if authorization.scheme().is_some() {
                    authorization.settle();
                }
                return Ok(answer);
            }
            match self.next_signature(signing, signature.as_ref()).await? {
                Some(next) => signature = Some(next),
                None => return Ok(answer),
            }
            self.discard(answer).await;
        }
        Err(asked_late(signing.place, signing.origin))
    }

    /// What to sign with after a 401; `None` when nothing else can be done about it.
    async fn next_signature(
        &self,
        signing: &Signing<'_>,
        refused: Option<&Signature>,
    ) -> Result<Option<Signature>, Fault> {
        let Some(refused) = refused else { return self.signature(signing, None).await };
        let asked = signing.place.authorization.scheme();
        if !refused.fresh || asked != Some(Scheme::Asks(refused.challenge.clone())) {
            return self.signature(signing, Some(&refused.value)).await;
        }
        let login = self.login(signing, false).await?.0;
        give_up(signing, &login)
    }

    /// What to sign with; `instead_of` was refused.
    async fn signature(
        &self,
        signing: &Signing<'_>,
        instead_of: Option<&Secret>,
    ) -> Result<Option<Signature>, Fault> {
        match signing.place.authorization.scheme() {
            None | Some(Scheme::Open) => Ok(None),
            Some(Scheme::Asks(Challenge::Basic)) => self.basic(signing, instead_of).await,
            Some(Scheme::Asks(challenge)) => {
                self.bearer(signing, challenge, instead_of).await.map(Some)
            }
        }
    }

    async fn basic(
        &self,
        signing: &Signing<'_>,
        instead_of: Option<&Secret>,
    ) -> Result<Option<Signature>, Fault> {
        let (mut login, mut fresh) = self.login(signing, false).await?;
        let value = |login: &Login| login.credential.as_ref().and_then(Credential::basic);
        if instead_of.is_some() && value(&login).as_ref() == instead_of {
            (login, fresh) = self.login(signing, true).await?;
        }
        match value(&login) {
            Some(value) if Some(&value) != instead_of => {
                self.tell(signing.place, &login);
                Ok(Some(Signature { value, fresh, challenge: Challenge::Basic }))
            }
            _ => give_up(signing, &login),
        }
    }

    async fn bearer(
        &self,
        signing: &Signing<'_>,
        challenge: Challenge,
        instead_of: Option<&Secret>,
    ) -> Result<Signature, Fault> {
        let slot = signing.place.authorization.slot(signing.scope);
        let taken = slot.take().await;
        let mut token = taken.map_err(|fault| fault.from_origin(signing.origin))?;
        signing.place.authorization.check(signing)?;
        if let Some(token) = token.as_ref().filter(|token| token.lives())
            && Some(&token.value) != instead_of
        {
            return Ok(Signature { value: token.value.clone(), fresh: false, challenge });
        }
        let fetched = self.fetch(signing, &challenge, token.is_some()).await;
        slot.end(fetched.as_ref().err());
        let value = token.insert(fetched?).value.clone();
        signing.place.authorization.settle();
        Ok(Signature { value, fresh: true, challenge })
    }

    /// A new token. `anew`: there was one before, so the login is looked up again.
    async fn fetch(
        &self,
        signing: &Signing<'_>,
        challenge: &Challenge,
        anew: bool,
    ) -> Result<Token, Fault> {
        let (mut login, mut fresh) = self.login(signing, anew).await?;
        loop {
            self.tell(signing.place, &login);
            let credential = login.credential.as_ref();
            let status = match self.ask_token(signing, challenge, credential).await? {
                Ok(token) => return Ok(token),
                Err(status) => status,
            };
            let password = status == StatusCode::UNAUTHORIZED && credential.is_some();
            if password && !fresh {
                let (newer, _) = self.login(signing, true).await?;
                if newer.credential != login.credential {
                    (login, fresh) = (newer, true);
                    continue;
                }
            }
            let good = signing.place.authorization.worked("");
            return Err(refused(signing, &login, password && !login.by_path && !good));
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
        if place.authorization.first_use() {
            let (registry, user) = (place.name.clone(), credential.user().to_owned());
            self.events.say(&Event::CredentialUsed { registry, user });
        }
    }
}

/// The registry refuses, and there is no other login. Where this one has worked before, it is
/// the request that is refused, and the answer goes to whoever asked.
fn give_up(signing: &Signing<'_>, login: &Login) -> Result<Option<Signature>, Fault> {
    let authorization = &signing.place.authorization;
    let basic = authorization.scheme() == Some(Scheme::Asks(Challenge::Basic));
    if authorization.worked(signing.scope) || (basic && authorization.worked("")) {
        return Ok(None);
    }
    Err(refused(signing, login, basic && !login.by_path))
}

/// Remembers that the registry refused; `all`: whatever is asked of it.
fn refused(signing: &Signing<'_>, login: &Login, all: bool) -> Fault {
    let name = &signing.place.name;
    let (message, help) = match &login.credential {
        Some(credential) => {
            let user = credential.user();
            let what = if all { String::new() } else { format!(" for `{}`", signing.scope) };
            (
                format!("`{name}` refused the login of `{user}`{what}"),
                format!("log in again, or correct it: it is from {}", login.looked_at.join(", ")),
            )
        }
        None if signing.place.anonymous => (
            format!("`{name}` wants a login, and it was granted without one"),
            "write the grant as `{url: URL, auth: REGISTRY}`, with the registry whose login it is"
                .to_owned(),
        ),
        None => (
            format!("`{name}` wants a login, and there is none"),
            format!("log in, or set `auth` for it; looked at: {}", login.looked_at.join(", ")),
        ),
    };
    let fault = Fault::new(codes::UNAUTHORIZED, signing.origin, message).at(name).help(help);
    let scope = if all { "" } else { signing.scope };
    signing.place.authorization.refuse(scope, fault)
}

/// A body was sent before the registry asked for a login, or for a newer token. The next attempt
/// brings it.
fn asked_late(place: &Place, origin: Origin) -> Fault {
    let message = format!("`{}` asked for a login after the body was sent", place.name);
    Fault::new(codes::ASKED_LATE, origin, message).retry(Retry::Backoff).at(&place.name)
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
