//! `index.json` as a value: entries are found, set and removed; all else in it stays as it is.

use crate::name::{self, REF_NAME};
use engine_plugin_sdk::{Descriptor, Digest, Fault, oci::media_type};
use serde_json::{Map, Value, json};

/// The list of what a layout holds.
pub(crate) struct Index {
    /// All members; `manifests` stands empty in its place.
    members: Map<String, Value>,
    entries: Vec<Value>,
}

/// One entry that could be read.
pub(crate) struct Entry {
    /// What it points to.
    pub(crate) descriptor: Descriptor,
    /// Its name, if it has one.
    pub(crate) name: Option<String>,
}

impl Index {
    /// An index without entries.
    pub(crate) fn new() -> Self {
        let mut members = Map::new();
        members.insert("schemaVersion".to_owned(), json!(2));
        members.insert("mediaType".to_owned(), json!(media_type::OCI_INDEX));
        members.insert("manifests".to_owned(), json!([]));
        Self { members, entries: Vec::new() }
    }

    /// Reads an index. Fails with `invalid` when it is not a JSON object with a list `manifests`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut members: Map<String, Value> = serde_json::from_slice(bytes)
            .map_err(|fault| Fault::invalid(format!("index.json is not readable: {fault}")))?;
        match members.get_mut("manifests").map(Value::take) {
            Some(Value::Array(entries)) => Ok(Self { members, entries }),
            _ => Err(Fault::invalid("index.json has no list of manifests")),
        }
    }

    /// The bytes, without spaces, as other tools write them.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut members = self.members.clone();
        members.insert("manifests".to_owned(), Value::Array(self.entries.clone()));
        Value::Object(members).to_string().into_bytes()
    }

    /// The entries that have a usable descriptor, in order. Others are of no use to us but stay.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().filter_map(|value| {
            let descriptor: Descriptor = serde_json::from_value(value.clone()).ok()?;
            Some(Entry { descriptor, name: name_of(value).map(str::to_owned) })
        })
    }

    /// The first entry with this name.
    pub(crate) fn named(&self, wanted: &str) -> Option<Descriptor> {
        let found = self.entries.iter().find(|value| name_of(value) == Some(wanted))?;
        serde_json::from_value(found.clone()).ok()
    }

    /// The first entry with this digest.
    pub(crate) fn with_digest(&self, digest: &Digest) -> Option<Descriptor> {
        let found = self.entries.iter().find(|value| has_digest(value, digest))?;
        serde_json::from_value(found.clone()).ok()
    }

    /// The only image of a repository: the only entry, passing over artifacts that belong to
    /// others, or else the only one with a name. Fails with `conflict` when there are more.
    pub(crate) fn only(&self, repository: &str) -> Result<Option<Descriptor>, Fault> {
        let belongs = |entry: &Entry| {
            let own = name::split(entry.name.as_deref().unwrap_or_default()).0;
            repository.is_empty() || own == repository
        };
        let entries: Vec<Entry> = self.entries().filter(belongs).collect();
        if entries.len() < 2 {
            return Ok(entries.into_iter().next().map(|entry| entry.descriptor));
        }
        let images = entries.iter().filter(|entry| entry.descriptor.artifact_type.is_none());
        let named = entries.iter().filter(|entry| entry.name.is_some());
        match (one(images), one(named)) {
            (Some(entry), _) | (None, Some(entry)) => Ok(Some(entry.descriptor.clone())),
            (None, None) => {
                let count = entries.len();
                Err(Fault::conflict(format!("the layout holds {count} images: name one of them")))
            }
        }
    }

    /// Points a name to a manifest; an older entry of that name goes. Without a name the manifest
    /// is listed, unless it is listed already.
    pub(crate) fn set(&mut self, name: Option<&str>, descriptor: &Descriptor) -> Result<(), Fault> {
        let mut listed = descriptor.clone();
        listed.annotations.remove(REF_NAME);
        listed.platform = None;
        if let Some(name) = name {
            listed.annotations.insert(REF_NAME.to_owned(), name.to_owned());
        }
        let entry = serde_json::to_value(&listed)
            .map_err(|fault| Fault::invalid(format!("the entry cannot be written: {fault}")))?;
        let entries = &mut self.entries;
        let Some(name) = name else {
            if !entries.iter().any(|value| has_digest(value, &descriptor.digest)) {
                entries.push(entry);
            }
            return Ok(());
        };
        let goes = |value: &Value| {
            name_of(value) == Some(name)
                || name_of(value).is_none() && has_digest(value, &descriptor.digest)
        };
        match entries.iter().position(goes) {
            Some(at) => {
                let mut kept = 0..entries.len();
                entries.retain(|value| kept.next() == Some(at) || !goes(value));
                entries.iter_mut().skip(at).take(1).for_each(|place| *place = entry.clone());
            }
            None => entries.push(entry),
        }
        Ok(())
    }

    /// Removes the entries with this name, and says whether there were any.
    pub(crate) fn remove_named(&mut self, name: &str) -> bool {
        self.remove(|value| name_of(value) == Some(name))
    }

    /// Removes the entries with this digest, and says whether there were any.
    pub(crate) fn remove_digest(&mut self, digest: &Digest) -> bool {
        self.remove(|value| has_digest(value, digest))
    }

    fn remove(&mut self, goes: impl Fn(&Value) -> bool) -> bool {
        let entries = &mut self.entries;
        let before = entries.len();
        entries.retain(|value| !goes(value));
        entries.len() < before
    }
}

fn one<'a>(mut entries: impl Iterator<Item = &'a Entry>) -> Option<&'a Entry> {
    entries.next().filter(|_| entries.next().is_none())
}

fn name_of(value: &Value) -> Option<&str> {
    value.get("annotations")?.get(REF_NAME)?.as_str()
}

fn has_digest(value: &Value, digest: &Digest) -> bool {
    value.get("digest").and_then(Value::as_str) == Some(digest.as_str())
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
