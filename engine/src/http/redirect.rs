//! Follows a registry to where it sends us.

use super::auth::{login, redirected};
use super::base_url;
use super::exchange::{Exchange, Received};
use super::fault;
use super::net::origin::host_port;
use super::net::peer::Peer;
use super::outgoing_request::OutgoingRequest;
use super::permission;
use super::registry_host::RegistryHost;
use crate::diagnostic::Fault;
use crate::http::codes;
use crate::role::CallAccess;
use reqwest::Method;
use reqwest::header::LOCATION;
use url::Url;

/// Redirects of one request. Source: what browsers and the container tools allow is 10 to 20.
const MAX_REDIRECTS: u32 = 10;

/// Follows the redirects of an answer to GET or HEAD; `again` is the request that was answered. The
/// registry's credentials stay with the registry, and nothing goes from https to http.
///
/// # Errors
///
/// `http::not-granted`, `http::too-many-redirects`, and what a request fails with.
pub(super) async fn follow(
    exchange: &Exchange,
    registry: &RegistryHost,
    again: OutgoingRequest,
    received: Received,
    call_access: &CallAccess,
) -> Result<Received, Fault> {
    let (mut request, mut received) = (again, received);
    for _ in 0..MAX_REDIRECTS {
        let Some(next) = target(&received.response) else { return Ok(received) };
        let weaker = request.url.scheme() == "https" && next.scheme() != "https";
        // Its own name with http is what a registry behind a TLS proxy says; we stay with https.
        if weaker && !registry.owns(&next) {
            let what = format!("`{}` redirects from https to http", host_port(&request.url));
            return Err(fault::not_granted(&what).at(&registry.name));
        }
        let peer = registry.refer(&next, "redirect", &exchange.events)?;
        // Another host that points back at the registry has no say in what is authorized there.
        let trusted = registry.owns(&request.url)
            || permission::path(next.as_str(), &next, &request.method, call_access).is_ok();
        exchange.discard(received).await;
        request.url = next;
        if peer == Peer::Registry {
            request.url = base_url::rebased(&request.url, registry.base_url());
        }
        let again = request.again();
        let origin = fault::origin(call_access);
        received = match peer {
            Peer::Registry if trusted => {
                login::send(exchange, registry, request, call_access).await?
            }
            Peer::Registry => exchange.send(registry, peer, request, origin).await?,
            peer => redirected::send(exchange, registry, peer, request, origin).await?,
        };
        request = again.ok_or_else(|| fault::invalid("a request with a body was redirected"))?;
    }
    if target(&received.response).is_some() {
        let name = &registry.name;
        let message = format!("`{name}` redirects more than {MAX_REDIRECTS} times");
        let fault = Fault::new(codes::TOO_MANY_REDIRECTS, fault::origin(call_access), message);
        return Err(fault.at(name));
    }
    Ok(received)
}

/// Remembers where an upload goes on, if the answer to `method` says so.
pub(super) fn note_upload(
    exchange: &Exchange,
    registry: &RegistryHost,
    method: &Method,
    response: &reqwest::Response,
) {
    let writes = matches!(*method, Method::POST | Method::PATCH | Method::PUT);
    // 201 names what was made, not where to go on.
    let goes_on = response.status().is_success() && response.status().as_u16() != 201;
    if let Some(next) = location(response).filter(|_| writes && goes_on) {
        registry.note_upload(response.url(), &next, &exchange.events);
    }
}

/// Where an answer sends GET and HEAD.
fn target(response: &reqwest::Response) -> Option<Url> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    location(response).filter(|_| redirects)
}

/// Where an answer points to, without a user, a password and a fragment.
fn location(response: &reqwest::Response) -> Option<Url> {
    let value = response.headers().get(LOCATION)?.to_str().ok()?;
    let mut url = response.url().join(value).ok()?;
    url.set_fragment(None);
    let plain = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && plain).then_some(url)
}
