//! The request for a token. Source: the distribution project's token specification.

use super::challenge::Challenge;
use super::token::Token;
use crate::config::Credential;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::http::codes;
use crate::http::exchange::{Exchange, Received};
use crate::http::outgoing_request::OutgoingRequest;
use crate::http::registry_host::RegistryHost;
use crate::role::UncountedTime;
use crate::stream::Body;
use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use url::Url;
use url::form_urlencoded::Serializer;

/// An answer with a token has some KiB.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// The `client_id` of `OAuth2` that is sent when an identity token is exchanged.
const CLIENT_ID: &str = "engine";

/// What a token is asked for, and by whom.
pub(super) struct TokenRequest<'a> {
    /// What the registry asked for.
    pub(super) challenge: &'a Challenge,
    /// Where the registry is that asked, which its token server must be as safe as.
    pub(super) asked_by: &'a Url,
    /// The scopes, with spaces between them.
    pub(super) scope: &'a str,
    /// Who asks; `None`: nobody in particular.
    pub(super) credential: Option<&'a Credential>,
    /// Which end of a copy the registry is.
    pub(super) origin: Origin,
    /// Where the waiting of the guest's call is noted.
    pub(super) uncounted: &'a UncountedTime,
}

/// How a token server answered.
pub(super) enum Answered {
    /// With a token.
    Given(Token),
    /// It refuses, with this status.
    Refused(StatusCode),
}

impl TokenRequest<'_> {
    /// Asks the token server: once, or twice where it does not know how to exchange a token.
    ///
    /// # Errors
    ///
    /// `http::token`: there is no token. `http::not-granted`: the token server may not be reached.
    pub(super) async fn send(
        &self,
        exchange: &Exchange,
        registry: &RegistryHost,
    ) -> Result<Answered, Fault> {
        let origin = self.origin;
        let Challenge::Bearer { realm, service } = self.challenge else {
            return Err(wrong(&registry.name, "it was not asked for", origin));
        };
        self.challenge.check(self.asked_by)?;
        let peer = registry.refer(realm, "challenge", &exchange.events)?;
        let server = Server { realm, service: service.as_deref() };
        let mut requests = server.requests(self.scope, self.credential).into_iter().peekable();
        while let Some(request) = requests.next() {
            let request = request.noting(self.uncounted);
            let received = exchange.send(registry, peer, request, origin).await?;
            // Servers without the POST of OAuth2 answer 404; all of them have GET.
            // Source: the token specification, "OAuth2 token authentication".
            if received.response.status() == StatusCode::NOT_FOUND && requests.peek().is_some() {
                exchange.discard(received).await;
                continue;
            }
            return read(exchange, received, server.host(), origin).await;
        }
        Err(wrong(server.host(), "it was not asked", origin))
    }
}

/// A token server, as a challenge names it.
struct Server<'a> {
    realm: &'a Url,
    service: Option<&'a str>,
}

impl Server<'_> {
    fn host(&self) -> &str {
        self.realm.host_str().unwrap_or_default()
    }

    /// The requests for a token, in the order in which they are tried.
    fn requests(&self, scope: &str, credential: Option<&Credential>) -> Vec<OutgoingRequest> {
        let get = self.get(scope, credential);
        match credential {
            Some(Credential::IdentityToken(token)) => vec![self.post(scope, token.reveal()), get],
            _ => vec![get],
        }
    }

    /// GET, with user and password if there are any.
    fn get(&self, scope: &str, credential: Option<&Credential>) -> OutgoingRequest {
        let account = credential.map(|credential| ("account", credential.user()));
        let service = self.service.map(|name| ("service", name));
        let scopes = scope.split(' ').filter(|scope| !scope.is_empty());
        let pairs = account.into_iter().chain(service).chain(scopes.map(|scope| ("scope", scope)));
        let pairs: Vec<_> = pairs.collect();
        let mut url = self.realm.clone();
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        let value = credential.map(Credential::basic_for_tokens);
        for_token(OutgoingRequest::new(Method::GET, url).authorized(value.as_ref()))
    }

    /// POST, which exchanges an identity token.
    fn post(&self, scope: &str, identity_token: &str) -> OutgoingRequest {
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .append_pair("refresh_token", identity_token)
            .append_pair("client_id", CLIENT_ID)
            .extend_pairs(self.service.map(|name| ("service", name)))
            .append_pair("scope", scope)
            .finish();
        let mut request = OutgoingRequest::new(Method::POST, self.realm.clone());
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(CONTENT_TYPE, kind);
        request.body = Some(Body::from_bytes(form));
        for_token(request)
    }
}

fn for_token(mut request: OutgoingRequest) -> OutgoingRequest {
    request.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    request.token = true;
    request
}

/// Reads what a token server answers.
async fn read(
    exchange: &Exchange,
    received: Received,
    host: &str,
    origin: Origin,
) -> Result<Answered, Fault> {
    let Received { mut response, permit } = received;
    let status = response.status();
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return Ok(Answered::Refused(status));
    }
    if !status.is_success() {
        let fault = wrong(host, &format!("it answered {status}"), origin);
        let later = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        let retry = if later { Retry::Backoff } else { Retry::Never };
        return Err(fault.retry(retry).fact("status", status.as_str()));
    }
    let text =
        tokio::time::timeout(exchange.network.timeouts.head, read_small(&mut response)).await;
    let text = text.unwrap_or(Err("its answer did not end in time"));
    drop(permit);
    let text = text.map_err(|what| wrong(host, what, origin).retry(Retry::Backoff))?;
    let token = Token::parse(&text).map_err(|what| wrong(host, what, origin))?;
    Ok(Answered::Given(token))
}

async fn read_small(response: &mut reqwest::Response) -> Result<Bytes, &'static str> {
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| "its answer broke off")? {
        if text.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err("its answer is larger than 1 MiB");
        }
        text.extend_from_slice(&chunk);
    }
    Ok(Bytes::from(text))
}

fn wrong(host: &str, what: &str, origin: Origin) -> Fault {
    let message = format!("no token from `{host}`: {what}");
    Fault::new(codes::TOKEN, origin, message).at(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Secret;

    #[test]
    fn identity_tokens_are_sent_in_a_form() {
        let realm = Url::parse("https://a/t?x=1").unwrap();
        let server = Server { realm: &realm, service: Some("r") };
        let token = Credential::IdentityToken(Secret::new("s3 cr3t"));
        let requests = server.requests("repository:a:pull", Some(&token));
        let methods: Vec<_> = requests.iter().map(|request| request.method.as_str()).collect();
        assert_eq!(methods, ["POST", "GET"]);
        assert_eq!(requests[0].url.as_str(), "https://a/t?x=1");
        assert!(!requests[1].url.as_str().contains("cr3t"), "{}", requests[1].url);
        let requests = server.requests("s1 s2", None);
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].url.as_str(), "https://a/t?x=1&service=r&scope=s1&scope=s2");
        assert!(!requests[0].headers.contains_key("authorization"));
    }
}
