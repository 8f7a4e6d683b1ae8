//! What a failed request is called.

use super::limits::quota::Spent;
use super::net::address::Refused;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::http::codes;
use crate::role::{self, Access, CallAccess};
use rustls::CertificateError;
use std::error::Error;
use std::io;

/// What to do about a registry that does not speak TLS.
const PLAIN_HELP: &str = "where plain HTTP is meant, say `endpoint: http://…` for this registry";

/// What to do about a certificate that is an authority.
const SELF_SIGNED_HELP: &str =
    "where it is self-signed, name exactly this one with `tls: {ca: {file: …}}` for this registry";

/// Which side of a copy a call is for.
pub(super) fn origin(call_access: &CallAccess) -> Origin {
    match call_access.access {
        Access::Read => Origin::Source,
        Access::Write | Access::Delete => Origin::Destination,
    }
}

/// A request that the access of its call does not cover.
pub(super) fn not_granted(what: &str) -> Fault {
    Fault::new(codes::NOT_GRANTED, Origin::Plugin, what)
}

/// A request that makes no sense.
pub(super) fn invalid(what: impl Into<String>) -> Fault {
    Fault::new(codes::INVALID_REQUEST, Origin::Plugin, what)
}

/// A request that got no answer.
pub(super) fn unanswered(error: &reqwest::Error, host: &str, origin: Origin) -> Fault {
    if let Some(fault) = find::<Fault>(error) {
        return fault.clone();
    }
    if let Some(refused) = find::<Refused>(error) {
        return not_granted(&refused.to_string()).at(host);
    }
    if let Some(error) = find::<rustls::Error>(error) {
        return tls(error, host, origin);
    }
    let secure = error.url().is_some_and(|url| url.scheme() == "https");
    if error.is_connect() && secure && causes(error).into_iter().any(lost) {
        let message = format!("no TLS with `{host}`: the connection broke before it was secure");
        let fault = Fault::new(codes::TLS, origin, message).retry(Retry::Backoff);
        return fault.at(host).help(PLAIN_HELP);
    }
    let (code, message) = if error.is_timeout() {
        (codes::TIMEOUT, format!("no connection to `{host}` in time"))
    } else if error.is_connect() {
        (codes::UNREACHABLE, format!("no connection to `{host}`: {}", innermost(error)))
    } else {
        let why = innermost(error);
        (codes::CUT, format!("`{host}` broke the connection before its answer: {why}"))
    };
    Fault::new(code, origin, message).retry(Retry::Backoff).at(host)
}

/// A pull that was not sent, as the registry has no more for us, or none that we may take.
pub(super) fn quota(host: &str, Spent { remaining, after }: Spent) -> Fault {
    let message = format!("`{host}` allows {remaining} more pulls, which is not above the reserve");
    let millis = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
    Fault::new(role::codes::QUOTA, Origin::Source, message)
        .retry(Retry::AfterMillis(millis))
        .at(host)
        .help("run again when the registry allows more; a login often has a larger quota")
        .fact("remaining", remaining.to_string())
}

/// A request without an answer in time.
pub(super) fn late(host: &str, millis: u128, origin: Origin) -> Fault {
    let message = format!("no answer from `{host}` within {millis} ms");
    Fault::new(codes::TIMEOUT, origin, message).retry(Retry::Backoff).at(host)
}

/// An answer whose body broke off.
pub(super) fn broken(error: &reqwest::Error, host: &str, origin: Origin) -> Fault {
    let message = format!("the answer of `{host}` broke off: {}", innermost(error));
    Fault::new(codes::CUT, origin, message).retry(Retry::Backoff).at(host)
}

/// Whether the connection was lost on the way, so that a request may be sent once more.
pub(super) fn died(fault: &Fault) -> bool {
    fault.is(codes::CUT)
}

fn tls(error: &rustls::Error, host: &str, origin: Origin) -> Fault {
    use CertificateError as Certificate;
    let (what, help) = match error {
        rustls::Error::InvalidCertificate(wrong) => match wrong {
            Certificate::UnknownIssuer => (
                "its certificate is from an authority that is not trusted here".to_owned(),
                "name the authority with `tls: {ca: {file: …}}` for this registry",
            ),
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => (
                "its certificate is for another name".to_owned(),
                "name the registry as its certificate does",
            ),
            Certificate::Expired | Certificate::ExpiredContext { .. } => (
                "its certificate has expired".to_owned(),
                "check this machine's clock, and tell the owner of the registry",
            ),
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                ("its certificate is not valid yet".to_owned(), "check this machine's clock")
            }
            // An authority that is shown as the server's own is one of these.
            other @ Certificate::Other(_) => {
                (format!("its certificate is not valid: {other}"), SELF_SIGNED_HELP)
            }
            other => (format!("its certificate is not valid: {other}"), ""),
        },
        rustls::Error::InvalidMessage(_) => ("it does not speak TLS".to_owned(), PLAIN_HELP),
        other => (other.to_string(), ""),
    };
    let message = format!("no TLS with `{host}`: {what}");
    let fault = Fault::new(codes::TLS, origin, message).at(host);
    if help.is_empty() { fault } else { fault.help(help) }
}

/// Whether a connection was there and got lost.
fn lost(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.downcast_ref::<io::Error>().map(io::Error::kind),
        Some(
            Kind::UnexpectedEof
                | Kind::ConnectionReset
                | Kind::ConnectionAborted
                | Kind::BrokenPipe
        )
    )
}

/// The first cause of a type.
fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    causes(error).into_iter().find_map(|cause| cause.downcast_ref())
}

/// An error and its causes, also those inside of I/O errors, which hide theirs.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    let mut all = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        all.push(error);
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    all
}

/// The text of the cause of all causes, which names no URL and so no secret in one.
fn innermost(error: &reqwest::Error) -> String {
    match causes(error).as_slice() {
        [_, .., last] => last.to_string(),
        _ => "no reason was given".to_owned(),
    }
}
