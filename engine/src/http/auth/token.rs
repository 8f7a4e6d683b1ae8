//! Tokens: what they allow, and how they are asked for.
//!
//! A token's scope is made from the errand alone; no word of a guest gets into it, nor the scope
//! that a registry proposes. Source: the distribution project's token specification.

use super::authorization::Signing;
use super::challenge::Challenge;
use crate::config::Credential;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::http::client::Client;
use crate::http::codes;
use crate::http::wire::Call;
use crate::role::{Access, Errand, Secret};
use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded::Serializer;

/// An answer with a token has some KiB.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Shorter lives are not believed. Source: the token specification (`expires_in`).
const MIN_LIFE: Duration = Duration::from_mins(1);

/// Longer lives are asked for again.
const MAX_LIFE: Duration = Duration::from_hours(24);

/// What a program is called where tokens are given for tokens.
const CLIENT_ID: &str = "engine";

/// A token, and until when it is used.
pub(in crate::http) struct Token {
    /// The value of an `Authorization` header.
    pub(in crate::http) value: Secret,
    until: Instant,
}

impl Token {
    /// Whether it may still be used. It is dropped a little before its end, so that a request
    /// with a body, which cannot be repeated, does not meet that end.
    pub(in crate::http) fn lives(&self) -> bool {
        Instant::now() < self.until
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

/// The scopes of a call, as one text with spaces: its repository with what it may do there, and
/// reading where it may read. Empty for a call that needs no more than to be known.
pub(in crate::http) fn scope(errand: &Errand, path: &str) -> String {
    let actions = match errand.access {
        Access::Read => "pull",
        Access::Write => "pull,push",
        Access::Delete => "pull,push,delete",
    };
    let mut scopes = Vec::new();
    if !errand.repository.is_empty() {
        scopes.push(format!("repository:{}:{actions}", errand.repository));
    } else if path == "/v2/_catalog" {
        scopes.push("registry:catalog:*".to_owned());
    }
    let others = errand.also_read.iter().filter(|other| **other != errand.repository);
    scopes.extend(others.map(|other| format!("repository:{other}:pull")));
    scopes.join(" ")
}

impl Client {
    /// Asks for a token once; `Ok(Err(status))` when the token server refuses.
    pub(in crate::http) async fn ask_token(
        &self,
        signing: &Signing<'_>,
        challenge: &Challenge,
        credential: Option<&Credential>,
    ) -> Result<Result<Token, StatusCode>, Fault> {
        let Signing { place, scope, origin, patience, .. } = *signing;
        let Challenge::Bearer { realm, service } = challenge else {
            return Err(wrong(&place.name, "it was not asked for", origin));
        };
        challenge.check(place.truth())?;
        let way = place.lead(realm, "challenge", &self.events)?;
        let call = question(realm, service.as_deref(), scope, credential).noting(patience);
        let (mut answer, _pass) = self.exchange(place, way, call, origin).await?;
        let status = answer.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Ok(Err(status));
        }
        let host = realm.host_str().unwrap_or_default();
        if !status.is_success() {
            let fault = wrong(host, &format!("it answered {status}"), origin);
            let later = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            let retry = if later { Retry::Backoff } else { Retry::Never };
            return Err(fault.retry(retry).fact("status", status.as_str()));
        }
        let text = self.read_small(&mut answer).await;
        let text = text.map_err(|what| wrong(host, what, origin).retry(Retry::Backoff))?;
        // The parser's message may quote the token: it is not repeated.
        let given: Given = serde_json::from_slice(&text)
            .map_err(|_| wrong(host, "its answer makes no sense", origin))?;
        let value = given.token.or(given.access_token).filter(|token| !token.is_empty());
        let value = value.ok_or_else(|| wrong(host, "its answer holds no token", origin))?;
        let life = Duration::from_secs(given.expires_in.unwrap_or(0)).clamp(MIN_LIFE, MAX_LIFE);
        let value = Secret::new(format!("Bearer {value}"));
        Ok(Ok(Token { value, until: Instant::now() + life.mul_f32(0.9) }))
    }

    async fn read_small(&self, answer: &mut reqwest::Response) -> Result<Bytes, &'static str> {
        let mut text = Vec::new();
        let read = async {
            while let Some(chunk) = answer.chunk().await.map_err(|_| "its answer broke off")? {
                if text.len() + chunk.len() > MAX_ANSWER_BYTES {
                    return Err("its answer is larger than 1 MiB");
                }
                text.extend_from_slice(&chunk);
            }
            Ok(())
        };
        match tokio::time::timeout(self.shared.patience.head, read).await {
            Ok(read) => read.map(|()| Bytes::from(text)),
            Err(_) => Err("its answer did not end in time"),
        }
    }
}

/// The request for a token: GET with user and password, if there are; POST where a token is given
/// for a token.
fn question(
    realm: &Url,
    service: Option<&str>,
    scope: &str,
    credential: Option<&Credential>,
) -> Call {
    let mut pairs: Vec<(&str, &str)> = service.iter().map(|name| ("service", *name)).collect();
    pairs.extend(scope.split(' ').filter(|scope| !scope.is_empty()).map(|scope| ("scope", scope)));
    let mut url = realm.clone();
    let mut call = if let Some(Credential::IdentityToken(token)) = credential {
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .append_pair("refresh_token", token.reveal())
            .append_pair("client_id", CLIENT_ID)
            .extend_pairs(pairs.iter().filter(|(name, _)| *name != "scope"))
            .append_pair("scope", scope)
            .finish();
        let mut call = Call::new(Method::POST, url);
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        call.headers.insert(CONTENT_TYPE, kind);
        call.body = Some(crate::stream::Body::from_bytes(form));
        call
    } else {
        if let Some(credential) = credential {
            pairs.insert(0, ("account", credential.user()));
        }
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        Call::new(Method::GET, url).signed(credential.and_then(Credential::basic).as_ref())
    };
    call.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    call.token = true;
    call
}

fn wrong(host: &str, what: &str, origin: Origin) -> Fault {
    let message = format!("no token from `{host}`: {what}");
    Fault::new(codes::TOKEN, origin, message).at(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn errand(repository: &str, access: Access) -> Errand {
        Errand {
            step: String::new(),
            registry: None,
            repository: repository.to_owned(),
            also_read: BTreeSet::from(["a".to_owned(), "z".to_owned()]),
            access,
            granted: Vec::new(),
            patience: crate::role::Patience::default(),
        }
    }

    #[test]
    fn scopes_are_made_from_the_errand() {
        let read = errand("a", Access::Read);
        assert_eq!(scope(&read, "/v2/x/y"), "repository:a:pull repository:z:pull");
        let write = errand("m/n", Access::Write);
        let expected = "repository:m/n:pull,push repository:a:pull repository:z:pull";
        assert_eq!(scope(&write, "/v2/_catalog"), expected);
        let mut catalog = errand("", Access::Read);
        catalog.also_read.clear();
        assert_eq!(scope(&catalog, "/v2/_catalog"), "registry:catalog:*");
        assert_eq!(scope(&catalog, "/v2/"), "");
    }

    #[test]
    fn identity_tokens_are_sent_in_a_form() {
        let realm = Url::parse("https://a/t?x=1").unwrap();
        let token = Credential::IdentityToken(Secret::new("s3 cr3t"));
        let call = question(&realm, Some("r"), "repository:a:pull", Some(&token));
        assert_eq!((call.method.as_str(), call.url.as_str()), ("POST", "https://a/t?x=1"));
        let call = question(&realm, Some("r"), "s1 s2", None);
        assert_eq!(call.url.as_str(), "https://a/t?x=1&service=r&scope=s1&scope=s2");
        assert!(!call.headers.contains_key("authorization"));
    }
}
