//! Makes manifests anew from what was written: after their blobs, and before the manifests above
//! them. The JSON value changes; unknown members and the order of all stay.

use crate::Descriptor;
use crate::descriptor::ATTESTS;
use crate::edit::{EditFault, object};
use serde_json::{Map, Value};

/// Beginnings of annotations that speak of a layer's compressed bytes: tables of contents, and where
/// in the bytes they are. They are wrong for other bytes of the same content.
///
/// Sources: containers/storage, "zstd:chunked"; containerd's stargz-snapshotter, "eStargz".
const OF_COMPRESSED_BYTES: [&str; 4] = [
    "io.github.containers.zstd-chunked.",
    "io.containers.zstd-chunked.",
    "containerd.io/snapshot/stargz/",
    "io.containers.estargz.",
];

/// Puts what was written in the place of what `draft`, a manifest or an index, names: of each pair
/// the first is named there as a layer or child, the second was written for it.
///
/// Media type, digest and size change; what else the draft says of an entry stays, but for what was
/// true of the old bytes only: embedded `data`, `urls`, and annotations about compressed bytes. The
/// config stays: it names layers by what they unpack to. Attestations name the new child.
///
/// Where nothing differs, the draft's own bytes come back.
///
/// # Errors
///
/// [`EditFault::NotAnObject`].
pub fn rebuild(draft: &[u8], written: &[(Descriptor, Descriptor)]) -> Result<Vec<u8>, EditFault> {
    let mut manifest = object(draft)?;
    let changed: Vec<_> = written.iter().filter(|(old, new)| differ(old, new)).collect();
    let mut any = false;
    for list in ["layers", "manifests"] {
        let entries = manifest.get_mut(list).and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten().filter_map(Value::as_object_mut) {
            if let Some((_, new)) = changed.iter().find(|(old, _)| is_named(entry, old)) {
                replace(entry, new);
                any = true;
            }
            any |= attest(entry, &changed);
        }
    }
    if any { Ok(Value::Object(manifest).to_string().into_bytes()) } else { Ok(draft.to_vec()) }
}

fn differ(old: &Descriptor, new: &Descriptor) -> bool {
    (&old.media_type, &old.digest, old.size) != (&new.media_type, &new.digest, new.size)
}

/// Whether an entry is this one. Docker's lists and some indexes leave the media type out.
fn is_named(entry: &Map<String, Value>, old: &Descriptor) -> bool {
    let text = |member: &str| entry.get(member).and_then(Value::as_str);
    text("digest") == Some(old.digest.as_str())
        && text("mediaType").is_none_or(|kind| kind == old.media_type)
}

fn replace(entry: &mut Map<String, Value>, new: &Descriptor) {
    entry.insert("mediaType".to_owned(), Value::String(new.media_type.clone()));
    entry.insert("digest".to_owned(), Value::String(new.digest.to_string()));
    entry.insert("size".to_owned(), Value::from(new.size));
    entry.shift_remove("data");
    entry.shift_remove("urls");
    if let Some(annotations) = entry.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.retain(|key, _| !OF_COMPRESSED_BYTES.iter().any(|old| key.starts_with(old)));
        if annotations.is_empty() {
            entry.shift_remove("annotations");
        }
    }
}

/// Lets an attestation name the image that stands in the place of the one it was made for.
fn attest(entry: &mut Map<String, Value>, changed: &[&(Descriptor, Descriptor)]) -> bool {
    let named = entry.get_mut("annotations").and_then(|all| all.get_mut(ATTESTS));
    let Some(named) = named else { return false };
    let text = named.as_str();
    let Some((_, new)) = changed.iter().find(|(old, _)| text == Some(old.digest.as_str())) else {
        return false;
    };
    *named = Value::String(new.digest.to_string());
    true
}

#[cfg(test)]
#[path = "rebuild_tests.rs"]
mod tests;
