//! Edits of one JSON document, which keep all that they do not change.

use engine_plugin_sdk::oci::media_type::{DOCKER_CONFIG, OCI_CONFIG};
use engine_plugin_sdk::{Descriptor, Digest, Fault};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const ATTESTATION_LAYER: &str = "application/vnd.in-toto+json";
/// How an attestation names the image that it speaks of. Source: `BuildKit`, "Attestation storage".
const SPEAKS_OF: &str = "vnd.docker.reference.digest";

/// A document that is being edited.
pub(crate) struct Edited(Map<String, Value>);

impl Edited {
    /// Reads an object. Fails with `invalid`.
    pub(crate) fn read(noun: &str, bytes: &[u8]) -> Result<Self, Fault> {
        let read = serde_json::from_slice(bytes);
        read.map(Self)
            .map_err(|fault| Fault::invalid(format!("the {noun} is not readable: {fault}")))
    }

    /// The bytes.
    pub(crate) fn bytes(self) -> Vec<u8> {
        Value::Object(self.0).to_string().into_bytes()
    }

    /// Of a manifest: whether it is an image, rather than an artifact or an attestation.
    pub(crate) fn is_labelled(&self) -> bool {
        let kind = |one: &Value| one.get("mediaType").and_then(Value::as_str).map(str::to_owned);
        let config = self.0.get("config").and_then(kind).unwrap_or_default();
        let layers = self.0.get("layers").and_then(Value::as_array);
        let statements = layers.is_some_and(|layers| {
            !layers.is_empty()
                && layers.iter().all(|one| kind(one).as_deref() == Some(ATTESTATION_LAYER))
        });
        [OCI_CONFIG, DOCKER_CONFIG].contains(&config.as_str()) && !statements
    }

    /// Of a config: sets labels. Gives whether that changed anything.
    pub(crate) fn label(&mut self, set: &BTreeMap<String, String>) -> Result<bool, Fault> {
        let labels = object(object(&mut self.0, "config")?, "Labels")?;
        let mut changed = false;
        for (key, value) in set {
            let old = labels.insert(key.clone(), Value::String(value.clone()));
            changed |= old.as_ref().and_then(Value::as_str) != Some(value);
        }
        Ok(changed)
    }

    /// Of a manifest: names these bytes as the config.
    pub(crate) fn point_to(&mut self, config: &[u8]) -> Result<(), Fault> {
        rename(object(&mut self.0, "config")?, &Digest::of(config), config.len() as u64);
        Ok(())
    }

    /// Of an index: names its children by their new descriptors. Gives whether any was named.
    pub(crate) fn rename(&mut self, changed: &[(Digest, Descriptor)]) -> bool {
        let new = |old: &str| changed.iter().find(|(digest, _)| digest.as_str() == old);
        let children = self.0.get_mut("manifests").and_then(Value::as_array_mut);
        let mut any = false;
        for child in children.into_iter().flatten().filter_map(Value::as_object_mut) {
            let old = child.get("digest").and_then(Value::as_str).and_then(new);
            if let Some((_, found)) = old {
                rename(child, &found.digest, found.size);
                any = true;
            }
            let speaks_of = child.get_mut("annotations").and_then(|all| all.get_mut(SPEAKS_OF));
            if let Some(text) = speaks_of
                && let Some((_, found)) = text.as_str().and_then(new)
            {
                *text = Value::String(found.digest.to_string());
                any = true;
            }
        }
        any
    }
}

/// The object at a key, made where there is none.
fn object<'a>(
    parent: &'a mut Map<String, Value>,
    key: &str,
) -> Result<&'a mut Map<String, Value>, Fault> {
    let value = parent.entry(key).or_insert(Value::Null);
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().ok_or_else(|| Fault::invalid(format!("`{key}` is no object")))
}

fn rename(descriptor: &mut Map<String, Value>, digest: &Digest, size: u64) {
    descriptor.insert("digest".to_owned(), Value::String(digest.to_string()));
    descriptor.insert("size".to_owned(), Value::from(size));
    // A copy of the old content inside the descriptor.
    descriptor.shift_remove("data");
}
