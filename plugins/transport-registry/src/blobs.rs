//! Reading blobs. Source: distribution-spec 1.1, "Pulling blobs".

use crate::address::Repository;
use crate::answer::refused;
use engine_plugin_sdk::http::{Request, Response};
use engine_plugin_sdk::{Digest, Fault, Source};

/// The bytes of a blob from `offset` on.
///
/// Fails with `protocol` when the registry begins elsewhere than asked: to skip what was had
/// already would read it all again, each time.
pub(crate) fn get(repository: &Repository, digest: &Digest, offset: u64) -> Result<Source, Fault> {
    let mut request = Request::new("GET", repository.blob(digest));
    if offset > 0 {
        request = request.header("Range", format!("bytes={offset}-"));
    }
    let answer = request.send()?;
    match answer.status {
        200 if offset == 0 => Ok(answer.body),
        206 if starts_at(&answer, offset) => Ok(answer.body),
        200 | 206 | 416 => Err(Fault::protocol(format!(
            "the registry does not go on with a blob at byte {offset}"
        ))
        .fact("status", answer.status.to_string())),
        _ => Err(refused(answer, "reading a blob")),
    }
}

/// Whether a blob is there. Some registries refuse HEAD only: what is not known to be at a destination is sent.
pub(crate) fn has(repository: &Repository, digest: &Digest) -> Result<bool, Fault> {
    let answer = Request::new("HEAD", repository.blob(digest)).send()?;
    match answer.status {
        200 => Ok(true),
        404 => Ok(false),
        400 | 403 | 405 if repository.is_destination() => Ok(false),
        _ => Err(refused(answer, "looking for a blob")),
    }
}

/// Whether `Content-Range: bytes FIRST-LAST/ALL` begins at `offset`.
fn starts_at(answer: &Response, offset: u64) -> bool {
    let range = answer.header("content-range").and_then(|text| text.trim().strip_prefix("bytes "));
    let first = range.and_then(|range| range.split('-').next());
    first.and_then(|first| first.trim().parse::<u64>().ok()) == Some(offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Registry;
    use engine_plugin_sdk::Side;
    use engine_plugin_sdk::testing::{Answer, serve};

    #[test]
    fn what_is_not_known_to_be_there_is_sent() {
        let at = |side| Registry::new("r.io").unwrap().at(side).repository("a").unwrap();
        let has = |side| has(&at(side), &Digest::of(b"abcdef"));
        for status in [400, 403, 405] {
            serve(move |_| Answer::status(status));
            assert_eq!(has(Side::Destination), Ok(false), "{status}");
            assert!(has(Side::Source).is_err(), "{status}");
        }
        serve(|_| Answer::status(500));
        assert_eq!(has(Side::Destination).unwrap_err().code, "unavailable");
    }

    fn read(offset: u64, answer: Answer) -> Result<Vec<u8>, Fault> {
        serve(move |asked| {
            let range = (offset > 0).then(|| format!("bytes={offset}-"));
            assert_eq!(asked.header("range"), range.as_deref());
            answer.clone()
        });
        let repository = Registry::new("r.io").unwrap().repository("a").unwrap();
        get(&repository, &Digest::of(b"abcdef"), offset)?.read_all(100)
    }

    #[test]
    fn goes_on_only_where_it_was_asked_to() {
        let part = |range: &str| Answer::status(206).header("content-range", range).body("cdef");
        assert_eq!(read(0, Answer::status(200).body("abcdef")).unwrap(), b"abcdef");
        assert_eq!(read(2, part("bytes 2-5/6")).unwrap(), b"cdef");
        for answer in [
            part("bytes 0-5/6"),
            part("bytes 20-5/6"),
            part("2-5"),
            Answer::status(206).body("cdef"),
            Answer::status(200).body("abcdef"),
            Answer::status(416),
        ] {
            assert_eq!(read(2, answer.clone()).unwrap_err().code, "protocol", "{answer:?}");
        }
        assert_eq!(read(0, Answer::status(404)).unwrap_err().code, "not-found");
    }
}
