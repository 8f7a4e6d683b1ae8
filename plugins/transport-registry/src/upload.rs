//! Writing blobs. Source: distribution-spec 1.1, "Pushing blobs".
//!
//! A blob with a known size goes in one PUT after the POST that opens the upload: one request
//! fewer than with PATCH. A registry that refuses this gets a PATCH when the engine calls again
//! with the resume word, which is the upload's location, and all later blobs of the run by PATCH. So
//! does a blob whose digest is known only when it is written.

use crate::address::{Repository, join, with_digest};
use crate::answer::refused;
use engine_plugin_sdk::http::{Request, Response};
use engine_plugin_sdk::{Digest, Fault, Put, PutBlob, Source, note, noted, written};

/// Bytes of the longest location that can be resumed. Source: `wit/transport.wit`.
const MAX_RESUME_BYTES: usize = 8 * 1024;
/// The note about how the registry takes blobs, and what it says of one that wants PATCH.
const UPLOAD: &str = "upload";
const BY_PATCH: &str = "patch";

/// Writes a blob, or mounts it.
pub(crate) fn put(repository: &Repository, put: PutBlob) -> Result<Put, Fault> {
    let Some(digest) = &put.expected.digest else { return unnamed(repository, put.body) };
    if let Some(location) = put.resume {
        return resume(&location, digest, put.body);
    }
    let location = match &put.mount_from {
        Some(from) => match mount(repository, digest, from)? {
            Mount::Done => return Ok(Put::Mounted),
            Mount::Upload(location) => location,
            Mount::Refused => begin(repository)?,
        },
        None => begin(repository)?,
    };
    let by_patch = noted(UPLOAD).as_deref() == Some(BY_PATCH);
    if put.body.size().is_some() && !by_patch {
        whole(repository, &location, digest, put.body)
    } else {
        streamed(&location, digest, put.body, 0)
    }
}

enum Mount {
    Done,
    Upload(String),
    Refused,
}

/// Asks for the blob of another repository. A registry that does not want to begins an upload, or
/// refuses; either way the blob can still be sent.
fn mount(repository: &Repository, digest: &Digest, from: &str) -> Result<Mount, Fault> {
    let answer = match empty("POST", repository.mount(digest, from)?).send() {
        // Who may not read the other repository may still write this one, with a login of its own.
        Err(fault) if matches!(fault.code.as_ref(), "unauthorized" | "denied") => {
            return Ok(Mount::Refused);
        }
        sent => sent?,
    };
    match answer.status {
        201 => Ok(Mount::Done),
        202 => Ok(location(&answer).map_or(Mount::Refused, Mount::Upload)),
        429 | 500.. => Err(refused(answer, "mounting a blob")),
        _ => Ok(Mount::Refused),
    }
}

/// Opens an upload.
fn begin(repository: &Repository) -> Result<String, Fault> {
    let answer = empty("POST", repository.uploads()).send()?;
    if answer.status != 202 {
        return Err(refused(answer, "beginning an upload"));
    }
    location(&answer).ok_or_else(|| Fault::protocol("the upload that was begun has no location"))
}

/// Sends everything in one PUT.
fn whole(
    repository: &Repository,
    location: &str,
    digest: &Digest,
    body: Source,
) -> Result<Put, Fault> {
    let request = octets("PUT", with_digest(location, digest)).body(body);
    let fault = match request.send() {
        Ok(answer) if answer.is_success() => return Ok(Put::Done),
        Ok(answer) => lost(refused(answer, "writing a blob")),
        Err(fault) => fault,
    };
    let status = fault.fact_of("status").unwrap_or_default();
    let refused = matches!(status, "400" | "405" | "411" | "415" | "416" | "501");
    let is_other =
        matches!(fault.fact_of("registry-code"), Some("DIGEST_INVALID" | "SIZE_INVALID"));
    // Some take bytes by PATCH only, and find that the nothing that they took has another digest.
    let took_nothing = || accepted(location).is_ok_and(|(bytes, _)| bytes == 0);
    if refused && (!is_other || took_nothing()) {
        return interrupted(fault, location, 0);
    }
    if may_want_patch(&fault)
        && let Ok(fresh) = begin(repository)
    {
        // The first upload is of no use any more.
        Request::new("DELETE", location).send().ok();
        return interrupted(fault, &fresh, 0);
    }
    broken(fault, location)
}

/// Whether a refusal of a whole blob may be one of the way in which it was sent: some registries answer
/// 404 or 500 to it, and take the same bytes by PATCH. Not where the registry forgot the upload.
fn may_want_patch(fault: &Fault) -> bool {
    matches!(fault.fact_of("status"), Some("404" | "500"))
        && !matches!(fault.fact_of("registry-code"), Some("BLOB_UPLOAD_UNKNOWN" | "NAME_UNKNOWN"))
}

/// Goes on with an upload. `word` is what [`interrupted`] made.
fn resume(word: &str, digest: &Digest, body: Source) -> Result<Put, Fault> {
    let parts = word.split_once(' ').and_then(|(from, at)| Some((from.parse().ok()?, at)));
    let (from, location) = parts.ok_or_else(|| Fault::invalid("this is no interrupted upload"))?;
    if body.size() == Some(0) {
        return finish(location, digest);
    }
    streamed(location, digest, body, from)
}

/// Sends what is left in one PATCH, and then the digest.
fn streamed(location: &str, digest: &Digest, body: Source, from: u64) -> Result<Put, Fault> {
    let mut request = octets("PATCH", location.to_owned());
    let size = body.size();
    // Without a range a PATCH is a stream from the start, which older registries take too.
    if let Some(size) = size.filter(|_| from > 0) {
        let last = from.saturating_add(size).saturating_sub(1);
        request = request.header("Content-Range", format!("{from}-{last}"));
    }
    match request.body(body).send() {
        Ok(answer) if answer.is_success() => {
            if from == 0 && size.is_some() {
                // The whole blob was refused in one PUT, and this works. A hint for the next blob:
                // without it that one asks again.
                note(UPLOAD, BY_PATCH).ok();
            }
            let next = self::location(&answer).unwrap_or_else(|| location.to_owned());
            finish(&next, digest)
        }
        Ok(answer) => broken(lost(refused(answer, "writing a blob")), location),
        Err(fault) => broken(fault, location),
    }
}

/// Writes a blob whose digest is known only when it is written: a PATCH, and then the digest. One that
/// breaks is begun again from the start, as its bytes are made anew.
fn unnamed(repository: &Repository, body: Source) -> Result<Put, Fault> {
    let location = begin(repository)?;
    match octets("PATCH", location.clone()).body(body).send() {
        Ok(answer) if answer.is_success() => {
            let next = self::location(&answer).unwrap_or(location);
            let early = || Fault::protocol("the registry answered before the end of the blob");
            finish(&next, &written().ok_or_else(early)?.digest)
        }
        Ok(answer) => given_up(lost(refused(answer, "writing a blob")), location),
        Err(fault) => given_up(fault, location),
    }
}

/// Gives an upload up, so that the registry need not keep it; not where nobody answers.
fn given_up(fault: Fault, location: String) -> Result<Put, Fault> {
    if !matches!(fault.code.as_ref(), "unreachable" | "timeout") {
        // It is gone, or the registry forgets it by itself: the fault that counts is the first.
        Request::new("DELETE", location).send().ok();
    }
    Err(fault)
}

/// Ends an upload.
fn finish(location: &str, digest: &Digest) -> Result<Put, Fault> {
    let answer = empty("PUT", with_digest(location, digest)).send()?;
    if answer.is_success() { Ok(Put::Done) } else { Err(lost(refused(answer, "ending an upload"))) }
}

/// What is not found at an upload's location is the upload, which the registry forgot: a new one
/// may fare better, so the fault is not one that is never tried again.
fn lost(fault: Fault) -> Fault {
    let no_repository = fault.fact_of("registry-code") == Some("NAME_UNKNOWN");
    if fault.code != "not-found" || no_repository {
        return fault;
    }
    Fault { code: "unavailable".into(), ..fault }
}

/// What can be saved of an upload that broke: if the registry kept some of it, it can go on.
/// Otherwise it is given up, so that registries need not keep it; not where nobody answers.
fn broken(fault: Fault, location: &str) -> Result<Put, Fault> {
    let silent = matches!(fault.code.as_ref(), "unreachable" | "timeout");
    let may_go_on = silent
        || matches!(fault.code.as_ref(), "io" | "unavailable" | "protocol")
        || fault.fact_of("status") == Some("416");
    let kept = if may_go_on { accepted(location).ok() } else { None };
    let (accepted, location) = kept.unwrap_or_else(|| (0, location.to_owned()));
    if accepted > 0 {
        return interrupted(fault, &location, accepted);
    }
    given_up(fault, location)
}

/// The resume word holds the place too, so that the next body is put where it belongs or nowhere.
fn interrupted(fault: Fault, location: &str, accepted: u64) -> Result<Put, Fault> {
    let resume = format!("{accepted} {location}");
    if resume.len() > MAX_RESUME_BYTES {
        return Err(fault);
    }
    Ok(Put::Interrupted { fault, accepted, resume })
}

/// Bytes that the registry has of an upload, and where it goes on: registries keep the state of
/// an upload in its location.
fn accepted(location: &str) -> Result<(u64, String), Fault> {
    let answer = Request::new("GET", location).send()?;
    if !answer.is_success() {
        return Err(refused(answer, "asking how far an upload got"));
    }
    let range = answer.header("range").and_then(kept);
    let range =
        range.ok_or_else(|| Fault::protocol("the registry does not say how far an upload got"))?;
    Ok((range, self::location(&answer).unwrap_or_else(|| location.to_owned())))
}

/// The bytes of `Range: [bytes=]0-LAST`. `0-0` is what registries answer when they have none; one
/// that does have a single byte gets it again.
fn kept(range: &str) -> Option<u64> {
    let range = range.trim();
    let (first, last) = range.strip_prefix("bytes=").unwrap_or(range).split_once('-')?;
    let last: u64 = last.trim().parse().ok()?;
    (first.trim() == "0").then(|| if last == 0 { 0 } else { last.saturating_add(1) })
}

fn location(answer: &Response) -> Option<String> {
    join(&answer.final_url, answer.header("location")?.trim())
}

fn octets(method: &'static str, url: String) -> Request {
    Request::new(method, url).header("Content-Type", "application/octet-stream")
}

/// A request whose body is empty and says so: some registries want a length.
fn empty(method: &'static str, url: String) -> Request {
    Request::new(method, url).body(Source::from_bytes(&[]))
}

#[cfg(test)]
#[path = "upload_tests.rs"]
mod tests;
