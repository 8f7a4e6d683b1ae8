//! Finds the base URL of a registry: whether it speaks TLS, where its certificate is not checked.

use super::exchange::{Exchange, Received};
use super::fault;
use super::net::peer::Peer;
use super::outgoing_request::OutgoingRequest;
use super::registry_host::RegistryHost;
use crate::diagnostic::{Fault, Origin};
use crate::http::codes;
use futures_util::future::{Either, select};
use reqwest::Method;
use std::pin::pin;
use url::Url;

/// The base URL of a registry, found out by one caller for all.
///
/// # Errors
///
/// What the requests that find it out fail with.
pub(super) async fn find<'a>(
    exchange: &Exchange,
    registry: &'a RegistryHost,
    origin: Origin,
) -> Result<&'a Url, Fault> {
    if let Some(found) = registry.found_url.get() {
        return Ok(found);
    }
    let turn = registry.finding_url.take().await.map_err(|fault| fault.from_origin(origin))?;
    if let Some(found) = registry.found_url.get() {
        return Ok(found);
    }
    let found = tried(exchange, registry, origin).await;
    registry.finding_url.end(found.as_ref().err());
    let found = found?;
    let found = registry.found_url.get_or_init(|| found);
    drop(turn);
    Ok(found)
}

/// The same path and query at a base URL.
pub(super) fn rebased(url: &Url, base: &Url) -> Url {
    let mut rebased = base.clone();
    rebased.set_path(url.path());
    rebased.set_query(url.query());
    rebased
}

/// Asks by TLS and in the clear. The answer also says which authorization the registry wants.
///
/// Both are asked at the same time, as one after the other costs two round trips more; the plain
/// answer counts only where TLS is refused.
async fn tried(exchange: &Exchange, registry: &RegistryHost, origin: Origin) -> Result<Url, Fault> {
    let secure = registry.configured_url.clone();
    let mut plain = secure.clone();
    if plain.set_scheme("http").is_err() {
        let by_tls = probe(exchange, registry, &secure, origin).await;
        return learned(exchange, registry, &secure, by_tls).await;
    }
    let by_tls = pin!(probe(exchange, registry, &secure, origin));
    let in_clear = pin!(probe(exchange, registry, &plain, origin));
    let (by_tls, in_clear) = match select(by_tls, in_clear).await {
        Either::Left((by_tls, in_clear)) if needs_plain(&by_tls, &secure) => {
            (by_tls, Some(in_clear.await))
        }
        Either::Left((by_tls, _)) => (by_tls, None),
        Either::Right((in_clear, by_tls)) => (by_tls.await, Some(in_clear)),
    };
    match in_clear {
        Some(Ok(received)) if needs_plain(&by_tls, &secure) => {
            learned(exchange, registry, &plain, Ok(received)).await
        }
        _ => learned(exchange, registry, &secure, by_tls).await,
    }
}

async fn probe(
    exchange: &Exchange,
    registry: &RegistryHost,
    base: &Url,
    origin: Origin,
) -> Result<Received, Fault> {
    let url = base.join("/v2/").map_err(|error| fault::invalid(error.to_string()))?;
    let request = OutgoingRequest::new(Method::GET, url);
    exchange.send(registry, Peer::Registry, request, origin).await
}

/// Learns from the answer that counts.
async fn learned(
    exchange: &Exchange,
    registry: &RegistryHost,
    base: &Url,
    received: Result<Received, Fault>,
) -> Result<Url, Fault> {
    let received = received?;
    registry.authorization.learn(&received.response);
    exchange.discard(received).await;
    Ok(base.clone())
}

/// Whether an attempt at TLS failed in a way that plain HTTP may explain.
fn needs_plain<T>(tried: &Result<T, Fault>, secure: &Url) -> bool {
    let Err(refused) = tried else { return false };
    // Without a port in its name, the other scheme is at another port.
    let elsewhere = refused.is(codes::UNREACHABLE) && secure.port().is_none();
    refused.is(codes::TLS) || refused.is(codes::CUT) || elsewhere
}
