//! Who may do what.

use super::place::Place;
use super::shared::{Call, Shared};
use super::tokens::Verdict;
use super::{Access, MountRefusal, User};
use crate::server::Answer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;

/// The name that challenges and token requests give this service.
pub(super) const SERVICE: &str = "engine-tests";

/// Lets a request in, or gives the answer that keeps it out.
pub(super) fn check(shared: &Shared, place: &Place, call: &Call) -> Result<(), Answer> {
    let options = &shared.options;
    if let Some(status) = options.hides
        && *place != Place::Ping
        && call.header("authorization").is_none()
    {
        return Err(Answer::fault(status, "NAME_UNKNOWN", "there is no such repository"));
    }
    let mounts = call.method == Method::POST && call.query.get("mount").is_some();
    let refuses = mounts && options.refuses_mounts == Some(MountRefusal::Registry);
    match &options.access {
        Access::Open => Ok(()),
        Access::Basic(user) if is_user(call, user) && !refuses => Ok(()),
        Access::Basic(_) => Err(refused("authentication required")
            .header("www-authenticate", "Basic realm=\"engine-tests\"")),
        Access::Bearer { .. } if refuses => Err(challenge(shared, &scopes(place, call), "")),
        Access::Bearer { .. } => bearer(shared, place, call),
    }
}

/// Whether the request carries this user's name and password.
pub(super) fn is_user(call: &Call, user: &User) -> bool {
    let expected = STANDARD.encode(format!("{}:{}", user.name, user.password));
    call.header("authorization").is_some_and(|sent| sent == format!("Basic {expected}"))
}

fn bearer(shared: &Shared, place: &Place, call: &Call) -> Result<(), Answer> {
    let scopes = scopes(place, call);
    let sent = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let fault = match sent.map(|token| shared.tokens.judge(token, &scopes)) {
        Some(Verdict::Good) => return Ok(()),
        Some(Verdict::Unknown) => ",error=\"invalid_token\"",
        Some(Verdict::TooNarrow) => ",error=\"insufficient_scope\"",
        None => "",
    };
    Err(challenge(shared, &scopes, fault))
}

fn challenge(shared: &Shared, scopes: &[String], fault: &str) -> Answer {
    let realm = shared.realm().clone();
    let scope =
        if scopes.is_empty() { String::new() } else { format!(",scope=\"{}\"", scopes.join(" ")) };
    let challenge = format!("Bearer realm=\"{realm}/token\",service=\"{SERVICE}\"{scope}{fault}");
    refused("authentication required").header("www-authenticate", challenge)
}

fn refused(message: &str) -> Answer {
    Answer::fault(401, "UNAUTHORIZED", message)
}

/// The scopes that a request needs. A mount needs to read the repository that it mounts from.
fn scopes(place: &Place, call: &Call) -> Vec<String> {
    let Some(repository) = place.repository() else {
        let is_catalog = *place == Place::Catalog;
        return if is_catalog { vec!["registry:catalog:*".to_owned()] } else { Vec::new() };
    };
    let actions = match call.method {
        Method::GET | Method::HEAD if !matches!(place, Place::Upload(..)) => "pull",
        Method::DELETE if !matches!(place, Place::Upload(..)) => "delete",
        _ => "pull,push",
    };
    let mut scopes = vec![format!("repository:{repository}:{actions}")];
    if call.query.get("mount").is_some()
        && let Some(from) = call.query.get("from")
    {
        scopes.push(format!("repository:{from}:pull"));
    }
    scopes
}
