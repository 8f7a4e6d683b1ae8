//! Uploads: begun, continued, finished.
//!
//! Source: distribution-spec 1.1, "Pushing blobs". What arrived before a connection broke is
//! kept, as registries do, so a client can ask how far it came and go on from there.

use super::shared::{Call, Gone, Shared};
use crate::server::Answer;
use engine_oci::{Algorithm, Digest, Hasher};
use hyper::Method;
use std::time::{Duration, Instant};

/// Bytes that are reserved at most because a request says how long it is.
const MAX_RESERVED_BYTES: usize = 1 << 30;

/// How long a request waits for another one that writes to the same upload.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Content that is on its way.
pub(super) struct Upload {
    repository: String,
    bytes: Vec<u8>,
    /// SHA-256 of the bytes, kept up as they come: a registry that hashed at the end would add
    /// seconds to every measured push of a large blob.
    hasher: Hasher,
    /// Whether a request is writing to it now; a second one waits, and is refused in the end.
    busy: bool,
}

impl Upload {
    fn new(repository: &str) -> Self {
        let hasher = Hasher::new(Algorithm::Sha256);
        Self { repository: repository.to_owned(), bytes: Vec::new(), hasher, busy: false }
    }

    fn add(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.bytes.extend_from_slice(piece);
    }

    /// The content, if it is that of the digest.
    fn finish(self, digest: &Digest) -> Option<Vec<u8>> {
        let right = match digest.algorithm() {
            Algorithm::Sha256 => self.hasher.finish() == *digest,
            _ => digest.matches(&self.bytes),
        };
        right.then_some(self.bytes)
    }
}

/// Answers POST: begins an upload, or mounts, or takes a whole blob at once.
pub(super) async fn begin(
    shared: &Shared,
    call: &mut Call,
    repository: &str,
) -> Result<Answer, Gone> {
    if call.method != Method::POST {
        return Ok(Answer::fault(405, "UNSUPPORTED", "uploads begin with POST"));
    }
    if let Some(mounted) = mount(shared, call, repository) {
        return Ok(mounted);
    }
    let id = {
        let mut store = shared.store();
        store.uploads_ever += 1;
        let id = format!("upload-{}", store.uploads_ever);
        store.uploads.insert(id.clone(), Upload::new(repository));
        id
    };
    if shared.options.single_post && call.query.get("digest").is_some() {
        return finish(shared, call, repository, &id).await;
    }
    Ok(progress(shared, repository, &id, 202))
}

fn mount(shared: &Shared, call: &Call, repository: &str) -> Option<Answer> {
    let digest: Digest = call.query.get("mount")?.parse().ok()?;
    let from = call.query.get("from").filter(|_| shared.options.mounts)?;
    let mut store = shared.store();
    match store.blob(from, &digest) {
        Some(bytes) => store.add_blob(repository, &digest, bytes),
        None if shared.options.trusts_mounts => {}
        None => return None,
    }
    Some(created(repository, &digest))
}

fn created(repository: &str, digest: &Digest) -> Answer {
    Answer::empty(201)
        .header("location", format!("/v2/{repository}/blobs/{digest}"))
        .header("docker-content-digest", digest.as_str())
}

/// How far an upload came, and where it goes on.
fn progress(shared: &Shared, repository: &str, id: &str, status: u16) -> Answer {
    let held = shared.store().uploads.get(id).map_or(0, |upload| upload.bytes.len());
    Answer::empty(status)
        .header("location", format!("/v2/{repository}/blobs/uploads/{id}?_state={id}-{held}"))
        .header("range", format!("0-{}", held.saturating_sub(1)))
        .header("docker-upload-uuid", id)
}

/// Answers everything about an upload that was begun.
pub(super) async fn go_on(
    shared: &Shared,
    call: &mut Call,
    repository: &str,
    id: &str,
) -> Result<Answer, Gone> {
    let echoed = call.query.get("_state").is_some_and(|state| state.starts_with(id));
    let here = shared.store().uploads.get(id).is_some_and(|found| found.repository == repository);
    if !here || !echoed {
        return Ok(Answer::fault(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
    }
    if call.method != Method::DELETE {
        turn_of(shared, id).await;
    }
    match call.method {
        Method::GET => Ok(progress(shared, repository, id, 204)),
        Method::DELETE => {
            shared.store().uploads.remove(id);
            Ok(Answer::empty(204))
        }
        Method::PATCH => {
            let refused = append(shared, call, id).await?;
            Ok(refused.unwrap_or_else(|| progress(shared, repository, id, 202)))
        }
        Method::PUT => finish(shared, call, repository, id).await,
        _ => Ok(Answer::fault(405, "UNSUPPORTED", "no such method here")),
    }
}

/// Waits until nobody writes to an upload. A client whose connection broke asks at once how far
/// it came, often before this side has noticed the break; the answer must not be a guess.
async fn turn_of(shared: &Shared, id: &str) {
    let deadline = Instant::now() + MAX_WAIT;
    let is_busy = || shared.store().uploads.get(id).is_some_and(|upload| upload.busy);
    while is_busy() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Adds the body to the upload piece by piece; gives an answer when it may not.
async fn append(shared: &Shared, call: &mut Call, id: &str) -> Result<Option<Answer>, Gone> {
    let start = call.header("content-range").map(|range| {
        let range = range.strip_prefix("bytes ").unwrap_or(range);
        range.split('-').next().and_then(|start| start.parse::<usize>().ok())
    });
    let invalid = |message| Ok(Some(Answer::fault(416, "BLOB_UPLOAD_INVALID", message)));
    {
        let mut store = shared.store();
        let Some(upload) = store.uploads.get_mut(id) else { return invalid("it is gone") };
        if start.is_some_and(|start| start != Some(upload.bytes.len())) {
            return invalid("the range does not start where the upload ends");
        }
        if std::mem::replace(&mut upload.busy, true) {
            return invalid("somebody else is writing");
        }
        let told = call.header("content-length").and_then(|length| length.parse().ok());
        upload.bytes.reserve(told.unwrap_or(0).min(MAX_RESERVED_BYTES));
    }
    let _turn = Turn { shared, id };
    while let Some(piece) = call.piece().await? {
        match shared.store().uploads.get_mut(id) {
            Some(upload) => upload.add(&piece),
            None => return invalid("it was given up"),
        }
    }
    Ok(None)
}

/// The right to write, given back however the writing ends.
struct Turn<'a> {
    shared: &'a Shared,
    id: &'a str,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(upload) = self.shared.store().uploads.get_mut(self.id) {
            upload.busy = false;
        }
    }
}

/// Takes the rest, checks the digest, and makes the upload a blob.
async fn finish(
    shared: &Shared,
    call: &mut Call,
    repository: &str,
    id: &str,
) -> Result<Answer, Gone> {
    if let Some(refused) = append(shared, call, id).await? {
        return Ok(refused);
    }
    let Some(digest) = call.query.get("digest").and_then(|text| text.parse::<Digest>().ok()) else {
        return Ok(Answer::fault(400, "DIGEST_INVALID", "the digest is missing or no digest"));
    };
    let Some(upload) = shared.store().uploads.remove(id) else {
        return Ok(Answer::fault(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
    };
    let Some(bytes) = upload.finish(&digest) else {
        return Ok(Answer::fault(400, "DIGEST_INVALID", "the content is not that of the digest"));
    };
    shared.store().add_blob(repository, &digest, bytes.into());
    Ok(created(repository, &digest))
}
