//! From every name down to the last byte.

use super::holdings::{Holdings, Named};
use super::{Violation, Wrong};
use engine_oci::Digest;
use serde_json::Value;
use std::collections::BTreeSet;

/// Indexes may hold indexes, but not without end.
const MAX_DEPTH: usize = 8;

/// Walks down from every name.
pub(super) fn walk(holdings: &impl Holdings) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut walked = BTreeSet::new();
    for named in holdings.names() {
        let mut walk = Walk { holdings, named: &named, walked: &mut walked, found: Vec::new() };
        walk.manifest(&named.digest, named.size, 0);
        let wrongs = walk.found.into_iter();
        violations.extend(wrongs.map(|wrong| Violation { name: named.name.clone(), wrong }));
    }
    violations
}

struct Walk<'a, H> {
    holdings: &'a H,
    named: &'a Named,
    /// Repository and digest of what was found good already.
    walked: &'a mut BTreeSet<(String, Digest)>,
    found: Vec<Wrong>,
}

impl<H: Holdings> Walk<'_, H> {
    fn manifest(&mut self, digest: &Digest, size: Option<u64>, depth: usize) {
        let text = format!("manifest {digest}");
        if depth > MAX_DEPTH {
            return self.found.push(Wrong::Malformed(format!("{text}, nested too deeply,")));
        }
        let Some(bytes) = self.holdings.manifest(&self.named.repository, digest) else {
            return self.found.push(Wrong::Missing(text));
        };
        if size.is_some_and(|size| size != bytes.len() as u64) {
            self.found.push(Wrong::Size(text.clone()));
        }
        if !self.walked.insert((self.named.repository.clone(), digest.clone())) {
            return;
        }
        if !digest.matches(&bytes) {
            self.found.push(Wrong::Digest(text.clone()));
        }
        let Ok(manifest) = serde_json::from_slice::<Value>(&bytes) else {
            return self.found.push(Wrong::Malformed(text));
        };
        let list = |member: &str| manifest[member].as_array().cloned().unwrap_or_default();
        // A build cache is an index of layers.
        let (listed, children): (Vec<Value>, Vec<Value>) =
            list("manifests").into_iter().partition(is_of_a_cache);
        let mut blobs: Vec<Value> = match &manifest["config"] {
            Value::Null => list("layers").into_iter().chain(list("blobs")).collect(),
            config => [config.clone()].into_iter().chain(list("layers")).collect(),
        };
        blobs.extend(listed);
        // Null is the empty list of a program in Go.
        let is_index =
            manifest.get("manifests").is_some_and(|list| list.is_array() || list.is_null());
        let is_artifact = manifest["blobs"].is_array();
        let is_image = !manifest["config"].is_null() || !manifest["fsLayers"].is_null();
        if !is_index && !is_artifact && !is_image {
            self.found.push(Wrong::Malformed(text.clone()));
        }
        for child in &children {
            match content(child) {
                Some((digest, size)) => self.manifest(&digest, Some(size), depth + 1),
                None => self.found.push(Wrong::Malformed(format!("a descriptor of {text}"))),
            }
        }
        for blob in &blobs {
            match content(blob) {
                Some((digest, size)) => self.blob(&digest, size, is_foreign(blob)),
                None => self.found.push(Wrong::Malformed(format!("a descriptor of {text}"))),
            }
        }
        for layer in list("fsLayers") {
            if let Some(digest) = layer["blobSum"].as_str().and_then(|text| text.parse().ok())
                && self.holdings.blob(&self.named.repository, &digest).is_none()
            {
                self.found.push(Wrong::Missing(format!("blob {digest}")));
            }
        }
    }

    fn blob(&mut self, digest: &Digest, size: u64, foreign: bool) {
        let text = format!("blob {digest}");
        let Some(bytes) = self.holdings.blob(&self.named.repository, digest) else {
            if !foreign {
                self.found.push(Wrong::Missing(text));
            }
            return;
        };
        if size != bytes.len() as u64 {
            self.found.push(Wrong::Size(text.clone()));
        }
        let key = (self.named.repository.clone(), digest.clone());
        if self.walked.insert(key) && !digest.matches(&bytes) {
            self.found.push(Wrong::Digest(text));
        }
    }
}

fn content(descriptor: &Value) -> Option<(Digest, u64)> {
    Some((descriptor["digest"].as_str()?.parse().ok()?, descriptor["size"].as_u64()?))
}

/// What `BuildKit` lists in the index of a cache: layers and one config.
fn is_of_a_cache(descriptor: &Value) -> bool {
    let media_type = descriptor["mediaType"].as_str().unwrap_or_default();
    media_type.contains(".image.layer.") || media_type.contains(".buildkit.cacheconfig.")
}

/// Layers with `urls` may be absent when their media type says so.
fn is_foreign(descriptor: &Value) -> bool {
    let media_type = descriptor["mediaType"].as_str().unwrap_or_default();
    let kept_back = media_type.contains("nondistributable") || media_type.contains("foreign");
    kept_back && descriptor["urls"].as_array().is_some_and(|urls| !urls.is_empty())
}
