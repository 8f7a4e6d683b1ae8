//! Whether a request is within the access of its call.
//!
//! The attack: a guest asks for another repository than that of its call, for a method that its
//! step does not have, or smuggles a header or a path that the two ends read differently.
//! What is refused is refused before anything is sent.

use super::fault;
use crate::diagnostic::Fault;
use crate::oci::Name;
use crate::role::{Access, CallAccess};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Headers that belong to the engine.
const REFUSED: [&str; 14] = [
    "authorization",
    "cookie",
    "cookie2",
    "host",
    "connection",
    "expect",
    "forwarded",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-real-ip",
];

/// Beginnings of such headers: what is meant for proxies, and what has some servers take a request
/// for another one than it was checked as.
const REFUSED_BEGINNINGS: [&str; 6] =
    ["proxy-", "x-forwarded-", "x-http-method", "x-method-override", "x-original-", "x-rewrite-"];

/// More headers than this nobody needs.
const MAX_HEADERS: usize = 64;

/// Bytes of all headers; servers take 8 to 64 KiB.
const MAX_HEADER_BYTES: usize = 64 << 10;

/// A URL longer than this is not one of ours; presigned ones have about 2 KiB.
const MAX_URL_BYTES: usize = 16 << 10;

/// Reads a method and checks it against what its call may do. An upload that this run began may
/// be given up by whoever may write.
pub(super) fn method(text: &str, access: Access, upload: bool) -> Result<Method, Fault> {
    let (method, needed) = match text {
        "GET" => (Method::GET, Access::Read),
        "HEAD" => (Method::HEAD, Access::Read),
        "POST" => (Method::POST, Access::Write),
        "PATCH" => (Method::PATCH, Access::Write),
        "PUT" => (Method::PUT, Access::Write),
        "DELETE" if upload => (Method::DELETE, Access::Write),
        "DELETE" => (Method::DELETE, Access::Delete),
        _ => {
            return Err(fault::invalid(
                "the method is none of GET, HEAD, POST, PUT, PATCH, DELETE",
            ));
        }
    };
    if needed > access {
        return Err(fault::not_granted(&format!("this call may not send {text}")));
    }
    Ok(method)
}

/// Reads an absolute URL of http or https without user, password and fragment.
pub(super) fn url(text: &str) -> Result<Url, Fault> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if text.len() > MAX_URL_BYTES || text.contains(odd) {
        return Err(fault::invalid("the URL is too long or holds characters that no URL has"));
    }
    let url =
        Url::parse(text).map_err(|error| fault::invalid(format!("the URL is wrong: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(fault::not_granted("only URLs of http and https are reached"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(fault::invalid("the URL holds a user, a password or a fragment"));
    }
    Ok(url)
}

/// Reads headers. Content-Length is left out: it is made from the body.
pub(super) fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, Fault> {
    if pairs.len() > MAX_HEADERS {
        return Err(fault::invalid(format!("there are more than {MAX_HEADERS} headers")));
    }
    let bytes: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_HEADER_BYTES {
        let message = format!("the headers have more than {MAX_HEADER_BYTES} bytes");
        return Err(fault::invalid(message));
    }
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let lower = name.to_ascii_lowercase();
        // To some servers `_` and `-` are one.
        let read = lower.replace('_', "-");
        if read == "content-length" {
            continue;
        }
        let begins = |beginning: &&str| read.starts_with(*beginning);
        if REFUSED.contains(&read.as_str()) || REFUSED_BEGINNINGS.iter().any(begins) {
            return Err(fault::not_granted(&format!("the header `{lower}` belongs to the engine")));
        }
        let name =
            HeaderName::try_from(lower).map_err(|_| fault::invalid("a header's name is wrong"))?;
        let clean = !value.contains(char::is_control);
        let value = HeaderValue::try_from(value).ok().filter(|_| clean);
        let value = value
            .ok_or_else(|| fault::invalid(format!("the header `{name}` has a wrong value")))?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// Checks a path at a registry that may get a login. `text` is the URL as the guest wrote it, since parsing
/// already resolves `..` and its percent-encoded forms.
pub(super) fn path(
    text: &str,
    url: &Url,
    method: &Method,
    call_access: &CallAccess,
) -> Result<(), Fault> {
    let refused = || fault::not_granted(&format!("`{}` is beyond this call", url.path()));
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let written = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    let written = written.split('?').next().unwrap_or_default();
    // What was written is what is sent, and neither end has anything to decode in it.
    if written != url.path() || written.contains('%') {
        return Err(refused());
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let Some(below) = written.strip_prefix("/v2/") else { return Err(refused()) };
    // The names of all repositories are for a call that is about none of them.
    let listing = below == "_catalog" && call_access.repository.is_empty();
    if reads && (below.is_empty() || listing) {
        return Ok(());
    }
    let own = std::iter::once(&call_access.repository);
    let mut repositories = own.chain(call_access.also_read.iter().filter(|_| reads));
    if !repositories.any(|repository| is_within(written, repository)) {
        return Err(refused());
    }
    // Some servers end a parameter at `;`, and would read another one behind it.
    if url.query().is_some_and(|query| query.contains(';')) {
        return Err(refused());
    }
    // All of them: which one of several counts is the registry's to choose.
    let mut origins = url.query_pairs().filter(|(name, _)| name == "from");
    let known = |from: &str| from == call_access.repository || call_access.also_read.contains(from);
    if !origins.all(|(_, from)| known(&from)) {
        return Err(fault::not_granted("this call may not mount from that repository"));
    }
    Ok(())
}

/// Whether a path at a registry names content of a repository.
pub(super) fn is_within(path: &str, repository: &str) -> bool {
    let inside = path.strip_prefix("/v2/").and_then(|below| below.strip_prefix(repository));
    let inside = inside.filter(|_| !repository.is_empty());
    inside.and_then(|inside| inside.strip_prefix('/')).is_some_and(is_content)
}

/// The repository whose manifest or blob a path names.
pub(super) fn repository_in(path: &str) -> Option<&str> {
    let below = path.strip_prefix("/v2/")?;
    let words = ["/manifests/", "/blobs/"];
    let (repository, _) = words.iter().find_map(|word| below.rsplit_once(*word))?;
    (Name::is_repository(repository) && is_within(path, repository)).then_some(repository)
}

/// Whether a path within a repository names its content, and so cannot be a part of a longer
/// repository name: `a/b` is not below `a`.
fn is_content(inside: &str) -> bool {
    let one = |text: &str| !text.is_empty() && !text.contains('/');
    let after = |word: &str| inside.strip_prefix(word).is_some_and(one);
    inside == "tags/list"
        || matches!(inside, "blobs/uploads" | "blobs/uploads/")
        || after("manifests/")
        || after("blobs/")
        || after("blobs/uploads/")
        || after("referrers/")
}

/// Whether a grant covers subdomains.
pub(super) fn has_wildcard(grant: &str) -> bool {
    grant.contains("://*.")
}

/// Whether a grant, `scheme://host[:port]` where `*.` covers subdomains, is for a URL.
pub(super) fn covers(grant: &str, url: &Url) -> bool {
    let Some((scheme, place)) = grant.split_once("://") else { return false };
    let (place, below) = match place.strip_prefix("*.") {
        Some(place) => (place, true),
        None => (place, false),
    };
    let Ok(pattern) = Url::parse(&format!("{scheme}://{place}")) else { return false };
    let (Some(host), Some(wanted)) = (url.host_str(), pattern.host_str()) else { return false };
    let named = if below {
        host.strip_suffix(wanted).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    } else {
        host == wanted
    };
    named
        && url.scheme() == pattern.scheme()
        && url.port_or_known_default() == pattern.port_or_known_default()
}

#[cfg(test)]
#[path = "permission_tests.rs"]
mod tests;
