//! Manifests that refer to another.

use super::shared::{Call, Shared};
use super::store::Stored;
use crate::server::Answer;
use engine_oci::{Digest, media_type};
use serde_json::{Value, json};

/// The referrers of a digest as an index, an empty one when there are none.
///
/// Source: distribution-spec 1.1, "Listing Referrers".
pub(super) fn list(shared: &Shared, call: &Call, repository: &str, digest: &str) -> Answer {
    if !shared.options.referrers {
        return Answer::fault(404, "UNSUPPORTED", "no referrers API here");
    }
    let Ok(subject) = digest.parse::<Digest>() else {
        return Answer::fault(400, "DIGEST_INVALID", "not a digest");
    };
    let mut descriptors: Vec<Value> = {
        let store = shared.store();
        let found = store.repositories.get(repository);
        let referrers = found.and_then(|found| Some((found, found.referrers.get(&subject)?)));
        referrers.map_or_else(Vec::new, |(found, digests)| {
            let stored = digests.iter().filter_map(|d| Some((d, found.manifests.get(d)?)));
            stored.map(|(digest, stored)| descriptor(digest, stored)).collect()
        })
    };
    let wanted = call.query.get("artifactType");
    if let Some(wanted) = wanted {
        descriptors.retain(|descriptor| descriptor["artifactType"] == wanted);
    }
    if shared.options.unreadable_referrers {
        descriptors.push(json!({"mediaType": 1, "digest": "none"}));
    }
    let index = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": descriptors,
    });
    let answer = Answer::content(media_type::OCI_INDEX, index.to_string());
    match wanted {
        Some(_) => answer.header("oci-filters-applied", "artifactType"),
        None => answer,
    }
}

fn descriptor(digest: &Digest, stored: &Stored) -> Value {
    let manifest: Value = serde_json::from_slice(&stored.bytes).unwrap_or_default();
    let mut descriptor = json!({
        "mediaType": stored.media_type,
        "digest": digest.as_str(),
        "size": stored.bytes.len(),
    });
    let artifact_type = match &manifest["artifactType"] {
        Value::Null => &manifest["config"]["mediaType"],
        declared => declared,
    };
    if !artifact_type.is_null() {
        descriptor["artifactType"] = artifact_type.clone();
    }
    if !manifest["annotations"].is_null() {
        descriptor["annotations"] = manifest["annotations"].clone();
    }
    descriptor
}
