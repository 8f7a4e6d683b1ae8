//! The server that gives tokens.

use super::access::{SERVICE, is_user};
use super::query::Query;
use super::shared::{Call, Gone, Shared};
use super::{Access, MountRefusal, User};
use crate::server::Answer;
use hyper::Method;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// Bytes of the largest form that the token server reads.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// The tokens that were given.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<BTreeMap<String, Token>>);

#[derive(Debug)]
struct Token {
    /// `repository:name` or `registry:catalog`, and one action.
    rights: BTreeSet<(String, String)>,
    left: Option<u32>,
}

/// Whether a token is good for a request.
pub(super) enum Verdict {
    /// It is; one use is gone.
    Good,
    /// It was never given, or it is used up.
    Unknown,
    /// It is for something else.
    TooNarrow,
}

impl Tokens {
    /// Uses a token for a request that needs `scopes`.
    pub(super) fn judge(&self, token: &str, scopes: &[String]) -> Verdict {
        let mut tokens = self.0.lock().expect("the tokens");
        let Some(token) = tokens.get_mut(token) else { return Verdict::Unknown };
        if token.left == Some(0) {
            return Verdict::Unknown;
        }
        if !rights(scopes.iter().map(String::as_str)).is_subset(&token.rights) {
            return Verdict::TooNarrow;
        }
        token.left = token.left.map(|left| left - 1);
        Verdict::Good
    }

    fn give(&self, rights: BTreeSet<(String, String)>, left: Option<u32>) -> String {
        let mut tokens = self.0.lock().expect("the tokens");
        let name = format!("token-{}-of-the-test-registry", tokens.len() + 1);
        tokens.insert(name.clone(), Token { rights, left });
        name
    }
}

/// `repository:a/b:pull,push` is two rights; scopes may be joined by spaces.
fn rights<'a>(scopes: impl Iterator<Item = &'a str>) -> BTreeSet<(String, String)> {
    let mut rights = BTreeSet::new();
    for scope in scopes.flat_map(str::split_whitespace) {
        let Some((resource, actions)) = scope.rsplit_once(':') else { continue };
        for action in actions.split(',') {
            rights.insert((resource.to_owned(), action.to_owned()));
        }
    }
    rights
}

/// Answers a request for a token: GET with a password, or POST with a password or an identity
/// token in a form.
pub(super) async fn give(shared: &Shared, call: &mut Call) -> Result<Answer, Gone> {
    let Access::Bearer { user, anonymous, requests_per_token } = &shared.options.access else {
        return Ok(Answer::empty(404));
    };
    let (query, known) = if call.method == Method::POST {
        let form = call.whole(MAX_FORM_BYTES).await?.unwrap_or_default();
        let form = Query::parse(&String::from_utf8_lossy(&form));
        let known = is_known(&form, user);
        (form, known)
    } else {
        (call.query.clone(), is_user(call, user))
    };
    if query.get("service") != Some(SERVICE) {
        return Ok(Answer::fault(400, "UNSUPPORTED", "this is another service"));
    }
    let for_mounts = query.all("scope").flat_map(str::split_whitespace).count() > 1;
    if for_mounts && shared.options.refuses_mounts == Some(MountRefusal::TokenServer) {
        return Ok(Answer::fault(403, "DENIED", "you may not read one of these repositories"));
    }
    let stranger = call.header("authorization").is_none() && *anonymous;
    if !known && !stranger {
        return Ok(Answer::fault(401, "UNAUTHORIZED", "unknown user or wrong password"));
    }
    let mut rights = rights(query.all("scope"));
    if !known {
        rights.retain(|(_, action)| action == "pull");
    }
    let token = shared.tokens.give(rights, *requests_per_token);
    Ok(Answer::json(&json!({"token": token, "access_token": token, "expires_in": 300})))
}

/// Source: distribution, "`OAuth2` token authentication": grants `password` and `refresh_token`.
fn is_known(form: &Query, user: &User) -> bool {
    match form.get("grant_type") {
        Some("password") => {
            form.get("username") == Some(&user.name) && form.get("password") == Some(&user.password)
        }
        Some("refresh_token") => form.get("refresh_token") == Some(&user.password),
        _ => false,
    }
}
