//! Manifests: what a name points to, the bytes, writing and deleting.

use crate::address::Repository;
use crate::answer::refused;
use engine_plugin_sdk::http::{Request, Response};
use engine_plugin_sdk::oci::{MAX_MANIFEST_BYTES, Manifest as Parsed, media_type};
use engine_plugin_sdk::{Descriptor, Digest, Fault, Manifest, Selector, Source};

/// What a selector points to: by HEAD, or by GET where the registry's HEAD does not say enough. Some answer
/// HEAD with 400, 403 or 404 and have the manifest, or have none and refuse HEAD only. What a source does not have
/// is rare, and GET is asked; at a destination it is usual, and a 404 is believed: the worst is that
/// what is there is written once more.
pub(crate) fn resolve(
    repository: &Repository,
    which: &Selector,
) -> Result<Option<Descriptor>, Fault> {
    let url = url(repository, which)?;
    let answer = accepting("HEAD", &url).send()?;
    match answer.status {
        200 => match described(&answer, which) {
            Some(descriptor) => Ok(Some(descriptor)),
            None => by_reading(&url, which),
        },
        404 if repository.is_destination() => Ok(None),
        // An answer to HEAD has no words; those of GET say why it is refused.
        400 | 401 | 403 | 404 | 405 | 406 => by_reading(&url, which),
        _ => Err(refused(answer, "resolving a manifest")),
    }
}

/// A manifest with its bytes.
pub(crate) fn get(repository: &Repository, which: &Selector) -> Result<Option<Manifest>, Fault> {
    read(&url(repository, which)?, which)
}

/// Writes a manifest by tag or by its digest. Says whether the registry knows its subject, where
/// it has one.
pub(crate) fn put(
    repository: &Repository,
    tag: Option<&str>,
    manifest: &Manifest,
) -> Result<bool, Fault> {
    let url = match tag {
        Some(tag) => repository.tagged(tag)?,
        None => repository.manifest(&manifest.descriptor.digest),
    };
    let answer = Request::new("PUT", url)
        .header("Content-Type", manifest.descriptor.media_type.clone())
        .body(Source::from_bytes(&manifest.bytes))
        .send()?;
    if !answer.is_success() {
        return Err(refused(answer, "writing a manifest"));
    }
    let kept = answer.header("docker-content-digest").and_then(|text| text.trim().parse().ok());
    if let Some(kept) = kept.filter(|kept: &Digest| !kept.matches(&manifest.bytes)) {
        // To pass over it would be to say that the image is there, which it is not.
        let message = format!("the registry keeps another manifest than it was sent: `{kept}`");
        return Err(Fault::protocol(message).fact("kept", kept.to_string()));
    }
    Ok(answer.header("oci-subject").is_some())
}

/// Removes a tag, or a manifest where `which` is a digest. Fine if it is not there.
pub(crate) fn delete(repository: &Repository, which: &Selector) -> Result<(), Fault> {
    let answer = Request::new("DELETE", url(repository, which)?).send()?;
    match answer.status {
        404 => Ok(()),
        _ if answer.is_success() => Ok(()),
        _ => Err(refused(answer, "deleting")),
    }
}

fn url(repository: &Repository, which: &Selector) -> Result<String, Fault> {
    match which {
        Selector::Tag(tag) => repository.tagged(tag),
        Selector::Digest(digest) => Ok(repository.manifest(digest)),
        Selector::Index(_) | Selector::Id(_) | Selector::Only => {
            Err(Fault::unsupported("a registry needs a tag or a digest"))
        }
    }
}

fn accepting(method: &'static str, url: &str) -> Request {
    Request::new(method, url).header("Accept", media_type::MANIFESTS.join(", "))
}

/// How an answer is compressed, where it is. The engine unpacks gzip before it gets here.
fn encoding(answer: &Response) -> Option<&str> {
    let encoding = answer.header("content-encoding").map(str::trim)?;
    Some(encoding).filter(|encoding| !encoding.is_empty() && *encoding != "identity")
}

/// What the headers of an answer say, if they say all.
fn described(answer: &Response, which: &Selector) -> Option<Descriptor> {
    if encoding(answer).is_some() {
        // Its length is that of the compressed bytes.
        return None;
    }
    let kind = kind(answer).filter(|kind| media_type::is_manifest(kind))?;
    let size = answer.header("content-length")?.trim().parse().ok().filter(|size| *size > 0)?;
    let digest = match which {
        Selector::Digest(digest) => digest.clone(),
        _ => answer.header("docker-content-digest")?.trim().parse().ok()?,
    };
    Some(Descriptor::new(kind, digest, size))
}

/// The media type without its parameters.
fn kind(answer: &Response) -> Option<&str> {
    answer.header("content-type")?.split(';').next().map(str::trim)
}

fn by_reading(url: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
    Ok(read(url, which)?.map(|manifest| manifest.descriptor))
}

fn read(url: &str, which: &Selector) -> Result<Option<Manifest>, Fault> {
    let answer = accepting("GET", url).send()?;
    match answer.status {
        200 => {}
        404 => return Ok(None),
        _ => return Err(refused(answer, "reading a manifest")),
    }
    if let Some(encoding) = encoding(&answer) {
        let message = format!(
            "the manifest came with the encoding `{encoding}`, which nobody asked for and the engine cannot \
             unpack: a proxy before the registry must leave manifests as they are"
        );
        return Err(Fault::unsupported(message).fact("encoding", encoding));
    }
    let declared = kind(&answer).unwrap_or_default().to_owned();
    let told = answer.header("docker-content-digest").and_then(|text| text.trim().parse().ok());
    let bytes = answer.body.read_all(MAX_MANIFEST_BYTES)?;
    let kind = if media_type::is_manifest(&declared) {
        declared
    } else {
        let parsed = Parsed::parse(&declared, &bytes);
        parsed.map_err(|fault| Fault::protocol(fault.to_string()))?.media_type
    };
    let digest = match which {
        Selector::Digest(digest) => digest.clone(),
        // The registry may name it by another algorithm than we would.
        _ => {
            told.filter(|told: &Digest| told.matches(&bytes)).unwrap_or_else(|| Digest::of(&bytes))
        }
    };
    let descriptor = Descriptor::new(kind, digest, bytes.len() as u64);
    Ok(Some(Manifest { descriptor, bytes }))
}

#[cfg(test)]
#[path = "manifests_tests.rs"]
mod tests;
