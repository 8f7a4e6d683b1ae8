//! Manifests: read, written, deleted.

use super::shared::{Call, Gone, Shared};
use super::store::{Stored, subject};
use crate::server::Answer;
use bytes::Bytes;
use engine_oci::{Digest, Manifest, media_type};
use hyper::Method;

/// Bytes of the largest manifest. Source: distribution-spec 1.1, "Pushing Manifests".
const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;

/// Answers every request for a manifest.
pub(super) async fn answer(
    shared: &Shared,
    call: &mut Call,
    repository: &str,
    name: &str,
) -> Result<Answer, Gone> {
    Ok(match call.method {
        Method::GET | Method::HEAD => read(shared, call, repository, name),
        Method::PUT => match call.whole(MAX_MANIFEST_BYTES).await? {
            None => Answer::fault(413, "MANIFEST_INVALID", "the manifest is too large"),
            Some(bytes) => write(shared, call, repository, name, bytes).unwrap_or_else(|no| no),
        },
        Method::DELETE => delete(shared, repository, name),
        _ => Answer::fault(405, "UNSUPPORTED", "no such method here"),
    })
}

fn read(shared: &Shared, call: &Call, repository: &str, name: &str) -> Answer {
    let mut store = shared.store();
    let mut quota = Vec::new();
    if let Some(rate) = shared.options.rate_limit {
        let counts = !call.is_head();
        let seconds = rate.window.as_secs();
        if counts && store.manifests_read >= rate.limit && !rate.answers_all {
            return Answer::fault(429, "TOOMANYREQUESTS", "you have reached your pull rate limit")
                .header("retry-after", seconds.to_string());
        }
        store.manifests_read += u32::from(counts);
        let left = rate.limit.saturating_sub(store.manifests_read);
        quota.push(("ratelimit-limit", format!("{};w={seconds}", rate.limit)));
        quota.push(("ratelimit-remaining", format!("{left};w={seconds}")));
    }
    let Some((digest, stored)) = store.manifest(repository, name) else {
        return Answer::fault(404, "MANIFEST_UNKNOWN", "manifest unknown");
    };
    if !accepts(call, &stored.media_type) {
        let message = "the manifest is of a media type that the Accept header does not name";
        return Answer::fault(404, "MANIFEST_UNKNOWN", message);
    }
    let answer = Answer::content(&stored.media_type, stored.bytes)
        .header("docker-content-digest", digest.as_str())
        .header("etag", format!("\"{digest}\""));
    quota.into_iter().fold(answer, |answer, (name, value)| answer.header(name, value))
}

/// A registry may answer only with what the client can read; no header means Docker's images.
fn accepts(call: &Call, media_type: &str) -> bool {
    let mut ranges = call
        .headers
        .get_all("accept")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .peekable();
    if ranges.peek().is_none() {
        return media_type == media_type::DOCKER_MANIFEST;
    }
    ranges.any(|range| range == media_type || range == "*/*")
}

fn write(
    shared: &Shared,
    call: &Call,
    repository: &str,
    name: &str,
    bytes: Bytes,
) -> Result<Answer, Answer> {
    let declared = call.header("content-type").unwrap_or_default().to_owned();
    let by_digest: Option<Digest> = name.parse().ok();
    let digest = match by_digest.clone() {
        Some(digest) if !digest.matches(&bytes) => {
            return Err(Answer::fault(400, "DIGEST_INVALID", "the digest does not match"));
        }
        Some(digest) => digest,
        None if !is_tag(name) => return Err(Answer::fault(400, "TAG_INVALID", "not a tag")),
        None => Digest::of(&bytes),
    };
    let mut store = shared.store();
    if !shared.options.checks_nothing {
        complete(&store, repository, &declared, &bytes)?;
    }
    let subject = subject(&bytes).filter(|_| shared.options.referrers);
    store.add_manifest_as(repository, &digest, Stored { media_type: declared, bytes });
    if by_digest.is_none() {
        store.tag(repository, name, &digest);
    }
    let answer = Answer::empty(201)
        .header("location", format!("/v2/{repository}/manifests/{digest}"))
        .header("docker-content-digest", digest.as_str());
    Ok(match subject {
        Some(subject) => answer.header("oci-subject", subject.as_str()),
        None => answer,
    })
}

/// Refuses a manifest that is malformed, or that names content which is not here.
fn complete(
    store: &super::Store,
    repository: &str,
    declared: &str,
    bytes: &[u8],
) -> Result<(), Answer> {
    let invalid = |message: &str| Answer::fault(400, "MANIFEST_INVALID", message);
    let manifest = Manifest::parse(declared, bytes).map_err(|fault| invalid(&fault.to_string()))?;
    if manifest.media_type != declared {
        return Err(invalid("the Content-Type is not the manifest's own media type"));
    }
    for blob in manifest.blobs() {
        let found = store.blob(repository, &blob.digest);
        let size = found.map(|bytes| bytes.len() as u64);
        if size.is_none() && !blob.is_foreign() {
            let message = format!("blob unknown to registry: {}", blob.digest);
            return Err(Answer::fault(404, "MANIFEST_BLOB_UNKNOWN", &message));
        }
        if let (Some(size), Some(told)) = (size, blob.size)
            && size != told
        {
            return Err(invalid("the size of a blob is not that of its descriptor"));
        }
    }
    for child in manifest.children() {
        match store.manifest(repository, child.digest.as_str()) {
            None => {
                let message = format!("manifest unknown to registry: {}", child.digest);
                return Err(Answer::fault(404, "MANIFEST_BLOB_UNKNOWN", &message));
            }
            Some((_, stored)) if stored.bytes.len() as u64 != child.size => {
                return Err(invalid("the size of a child is not that of its descriptor"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Source: distribution-spec 1.1, "Pulling manifests", the grammar of a tag.
fn is_tag(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() <= 128
        && name.starts_with(first)
        && name.chars().all(|c| first(c) || c == '.' || c == '-')
}

fn delete(shared: &Shared, repository: &str, name: &str) -> Answer {
    if !shared.options.deletes {
        return Answer::fault(405, "UNSUPPORTED", "this registry deletes nothing");
    }
    let mut store = shared.store();
    let unknown = || Answer::fault(404, "MANIFEST_UNKNOWN", "manifest unknown");
    let Some(found) = store.repositories.get_mut(repository) else { return unknown() };
    let removed = match name.parse::<Digest>() {
        Err(_) => found.tags.remove(name).is_some(),
        Ok(digest) => {
            found.tags.retain(|_, tagged| *tagged != digest);
            found.referrers.values_mut().for_each(|referrers| {
                referrers.remove(&digest);
            });
            found.manifests.remove(&digest).is_some()
        }
    };
    if removed { Answer::empty(202) } else { unknown() }
}
