//! Blobs: read and deleted.

use super::shared::{Call, Shared};
use crate::server::Answer;
use bytes::Bytes;
use engine_oci::Digest;
use hyper::Method;
use std::ops::Range;

/// Answers every request for a blob.
pub(super) fn answer(shared: &Shared, call: &Call, repository: &str, digest: &str) -> Answer {
    let Ok(digest) = digest.parse::<Digest>() else {
        return Answer::fault(400, "DIGEST_INVALID", "not a digest");
    };
    let unknown = || Answer::fault(404, "BLOB_UNKNOWN", "blob unknown to registry");
    let Some(bytes) = shared.store().blob(repository, &digest) else { return unknown() };
    match call.method {
        Method::GET if shared.options.blobs_elsewhere => {
            let elsewhere = shared.elsewhere.get().expect("the blob store runs first");
            Answer::empty(307)
                .header("location", format!("{elsewhere}/{repository}/{digest}?signature=good"))
        }
        Method::GET | Method::HEAD => content(call, &digest, bytes),
        Method::DELETE if shared.options.deletes => {
            shared.store().repository(repository).blobs.remove(&digest);
            Answer::empty(202)
        }
        _ => Answer::fault(405, "UNSUPPORTED", "no such method here"),
    }
}

/// Answers at the blob store. Like object stores, it refuses a second credential beside the
/// signature in the URL, so a client that carries its token along is found out.
pub(super) fn from_elsewhere(shared: &Shared, path: &str, call: &Call) -> Answer {
    if call.header("authorization").is_some() {
        return Answer::fault(400, "DENIED", "only one authentication mechanism allowed");
    }
    if call.query.get("signature") != Some("good") {
        return Answer::fault(403, "DENIED", "the signature is missing");
    }
    let found = path.trim_start_matches('/').rsplit_once('/').and_then(|(repository, digest)| {
        let digest = digest.parse().ok()?;
        let bytes = shared.store().blob(repository, &digest)?;
        Some(content(call, &digest, bytes))
    });
    found.unwrap_or_else(|| Answer::empty(404))
}

fn content(call: &Call, digest: &Digest, bytes: Bytes) -> Answer {
    let size = bytes.len();
    let answer = match call.header("range").map(|range| parse(range, size)) {
        None | Some(Asked::Whole) => Answer::content("application/octet-stream", bytes),
        Some(Asked::Part(range)) => {
            let told = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            Answer::content("application/octet-stream", bytes.slice(range))
                .status(206)
                .header("content-range", told)
        }
        Some(Asked::Outside) => {
            return Answer::empty(416).header("content-range", format!("bytes */{size}"));
        }
    };
    answer.header("docker-content-digest", digest.as_str()).header("accept-ranges", "bytes")
}

enum Asked {
    Whole,
    Part(Range<usize>),
    Outside,
}

/// Source: RFC 9110, section 14: one range; what cannot be read is ignored.
fn parse(range: &str, size: usize) -> Asked {
    let ends = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let Some((first, last)) = ends else { return Asked::Whole };
    let (first, last) = (first.trim().parse::<usize>(), last.trim().parse::<usize>());
    let range = match (first, last) {
        (Ok(first), Ok(last)) if first <= last => first..size.min(last + 1),
        (Ok(first), Err(_)) => first..size,
        (Err(_), Ok(length)) => size.saturating_sub(length)..size,
        _ => return Asked::Whole,
    };
    if range.start >= range.end { Asked::Outside } else { Asked::Part(range) }
}
