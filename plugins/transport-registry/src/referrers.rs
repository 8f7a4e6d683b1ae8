//! Referrers: the registry's own list; where it has none, what is written is listed under the
//! fallback tag, and the engine finds it there. Source:
//! distribution-spec 1.1, "Listing Referrers" and "Referrers Tag Schema".

use crate::address::Repository;
use crate::answer::refused;
use crate::link::next_query;
use crate::manifests;
use engine_plugin_sdk::http::Request;
use engine_plugin_sdk::oci::{MAX_MANIFEST_BYTES, Manifest as Parsed, Shape, media_type};
use engine_plugin_sdk::{Descriptor, Digest, Fault, Manifest, Selector};
use serde_json::{Map, Value, json};

/// Referrers of one subject. Source: `wit/transport.wit`.
const MAX_REFERRERS: usize = 10_000;
/// Pages of one list; more is a registry that goes round in circles.
const MAX_PAGES: usize = 200;
/// How often an entry that somebody else's write removed is written again.
const MAX_WRITES: usize = 3;

/// The manifests that refer to `subject`.
pub(crate) fn list(repository: &Repository, subject: &Digest) -> Result<Vec<Descriptor>, Fault> {
    let url = repository.referrers(subject);
    let mut found = Vec::new();
    let mut query: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let page = query.as_ref().map_or_else(|| url.clone(), |query| format!("{url}?{query}"));
        let answer = Request::new("GET", page).header("Accept", media_type::OCI_INDEX).send()?;
        let kind = answer.header("content-type").unwrap_or_default();
        let is_index = kind.starts_with(media_type::OCI_INDEX);
        match answer.status {
            200 if is_index => {}
            // No list, or something else at that path.
            200 | 400 | 404 | 405 if query.is_none() => {
                return Err(Fault::unsupported("the registry does not list referrers"));
            }
            _ => return Err(refused(answer, "listing referrers")),
        }
        query = answer.header("link").and_then(next_query).map(str::to_owned);
        let bytes = answer.body.read_all(MAX_MANIFEST_BYTES)?;
        // One that cannot be read may be the signature that somebody looks for: it is not left out.
        let page = parse(&bytes)?;
        let before = found.len();
        for entry in page.get("manifests").and_then(Value::as_array).into_iter().flatten() {
            let entry = serde_json::from_value(entry.clone()).map_err(|why| {
                Fault::protocol(format!("an entry of the list of referrers is not readable: {why}"))
            })?;
            found.push(entry);
        }
        // An empty page is the end, even if it names a next one.
        if query.is_none() || found.len() == before || found.len() >= MAX_REFERRERS {
            found.truncate(MAX_REFERRERS);
            return Ok(found);
        }
    }
    Err(Fault::protocol(format!("the list of referrers has more than {MAX_PAGES} pages")))
}

/// Lists `manifest` under the fallback tag of its subject, if it has one. Entries of others stay,
/// and what was written is read again: two writers at once lose one's entry.
pub(crate) fn record(repository: &Repository, manifest: &Manifest) -> Result<(), Fault> {
    let Some((subject, entry)) = entry(manifest) else { return Ok(()) };
    let digest = &manifest.descriptor.digest;
    for _ in 0..MAX_WRITES {
        let mut index = tagged(repository, &subject)?;
        if lists(&index, digest) {
            return Ok(());
        }
        if let Some(Value::Array(manifests)) = index.get_mut("manifests") {
            manifests.push(entry.clone());
        }
        let bytes = Value::Object(index).to_string().into_bytes();
        let descriptor = Descriptor::of_manifest(media_type::OCI_INDEX, &bytes);
        let written = Manifest { descriptor, bytes };
        manifests::put(repository, Some(&fallback(&subject)), &written)?;
    }
    if lists(&tagged(repository, &subject)?, digest) {
        return Ok(());
    }
    Err(Fault::conflict(format!("somebody else keeps writing the referrers of `{subject}`")))
}

/// The tag that lists referrers where a registry does not: `algorithm-hex`, at most 64 hex digits.
fn fallback(subject: &Digest) -> String {
    let hex = subject.hex();
    format!("{}-{}", subject.algorithm().name(), hex.get(..64).unwrap_or(hex))
}

/// The index under the fallback tag; an empty one where there is none.
fn tagged(repository: &Repository, subject: &Digest) -> Result<Map<String, Value>, Fault> {
    let tag = fallback(subject);
    match manifests::get(repository, &Selector::Tag(tag.clone()))? {
        None => Ok(Map::from_iter([
            ("schemaVersion".to_owned(), json!(2)),
            ("mediaType".to_owned(), json!(media_type::OCI_INDEX)),
            ("manifests".to_owned(), json!([])),
        ])),
        Some(found) if found.descriptor.media_type == media_type::OCI_INDEX => parse(&found.bytes),
        Some(found) => Err(Fault::conflict(format!(
            "the tag `{tag}` should list referrers but is a `{}`",
            found.descriptor.media_type
        ))),
    }
}

/// An index. Without `manifests`, or with `null`, it has none: programs in Go write an empty list so.
fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
    let broken = || Fault::protocol("the list of referrers is not an index");
    let mut index: Map<String, Value> = serde_json::from_slice(bytes).map_err(|_| broken())?;
    let manifests = index.entry("manifests").or_insert(Value::Null);
    if manifests.is_null() {
        *manifests = json!([]);
    }
    if manifests.is_array() { Ok(index) } else { Err(broken()) }
}

fn entries(index: &Map<String, Value>) -> Vec<Descriptor> {
    let values = index.get("manifests").and_then(Value::as_array).into_iter().flatten();
    values.filter_map(|value| serde_json::from_value(value.clone()).ok()).collect()
}

fn lists(index: &Map<String, Value>, digest: &Digest) -> bool {
    entries(index).iter().any(|entry| entry.digest == *digest)
}

/// The subject of a manifest and its entry in the list.
fn entry(manifest: &Manifest) -> Option<(Digest, Value)> {
    let descriptor = &manifest.descriptor;
    let parsed = Parsed::parse(&descriptor.media_type, &manifest.bytes).ok()?;
    let subject = parsed.subject?.digest;
    let size = manifest.bytes.len() as u64;
    let mut entry = Descriptor::new(parsed.media_type, descriptor.digest.clone(), size);
    entry.artifact_type = parsed.artifact_type.or(match parsed.shape {
        Shape::Image { config, .. } => Some(config.media_type),
        _ => None,
    });
    entry.annotations = parsed.annotations;
    Some((subject, serde_json::to_value(&entry).ok()?))
}

#[cfg(test)]
#[path = "referrers_tests.rs"]
mod tests;
