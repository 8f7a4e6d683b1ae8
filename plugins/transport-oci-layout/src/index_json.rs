//! `index.json`: read and written, one writer at a time. Entries are found, set and removed; all else
//! in it stays as it is, byte by byte.
//!
//! Each call of the engine reads the file anew, and a mirror's can have tens of thousands of
//! entries. So it is only cut into its entries; one is read when its text can be what is asked for.

use crate::layout::{LOCK, LOCK_WAIT_MILLIS, Layout};
use crate::name::{self, REF_NAME};
use engine_plugin_sdk::{Descriptor, Digest, Fault};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a layout without names has.
const EMPTY: &str = concat!(
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","#,
    r#""manifests":[]}"#
);

/// The file's name.
const FILE: &str = "index.json";

/// Bytes of the largest `index.json` that is read: some 90,000 entries. The engine takes at most
/// 32 MiB from a component in one call.
const MAX_BYTES: u64 = 24 << 20;

/// The member that has the entries.
const ENTRIES: &str = "manifests";

/// What editors of Windows begin a file with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Digests of an ambiguous name that are shown: a fault has 1 KiB.
const MAX_SHOWN: usize = 4;

impl Layout {
    /// The text of the file, for [`Index::parse`]; an empty list where there is no layout yet.
    pub(crate) fn index_text(&self) -> Result<Vec<u8>, Fault> {
        let text = self.root.read_small(FILE, MAX_BYTES)?;
        Ok(text.unwrap_or_else(|| EMPTY.as_bytes().to_vec()))
    }

    /// Changes the file under a lock that other processes see too; it is written only where `change`
    /// says that it changed.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Index) -> Result<(T, bool), Fault>,
    ) -> Result<T, Fault> {
        self.prepare()?;
        let _held = self.root.lock(LOCK, LOCK_WAIT_MILLIS)?;
        let text = self.index_text()?;
        let mut index = Index::parse(&text)?;
        let (answer, changed) = change(&mut index)?;
        if changed {
            self.root.write(FILE, &index.bytes())?;
        }
        Ok(answer)
    }
}

/// The list of what a layout holds, on the text of the file.
pub(crate) struct Index<'a> {
    /// All members, in order; `manifests` only has its place here.
    members: Vec<(String, &'a RawValue)>,
    /// The text of each entry.
    entries: Vec<Cow<'a, str>>,
}

/// One entry that could be read.
pub(crate) struct Entry {
    /// What it points to.
    pub(crate) descriptor: Descriptor,
    /// Its name, if it has one.
    pub(crate) name: Option<String>,
}

/// What tells one entry from another. An entry that cannot be read has neither.
#[derive(Deserialize, Default)]
struct Face<'a> {
    #[serde(borrow, default)]
    digest: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    annotations: Option<Named<'a>>,
}

#[derive(Deserialize, Default)]
struct Named<'a> {
    #[serde(borrow, default, rename = "org.opencontainers.image.ref.name")]
    name: Option<Cow<'a, str>>,
}

impl<'a> Index<'a> {
    /// Reads an index. Fails with `invalid` when it is not an object with one list of manifests.
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, Fault> {
        let unreadable = |fault| Fault::invalid(format!("index.json is not readable: {fault}"));
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let Members(members) = serde_json::from_slice(text).map_err(unreadable)?;
        let mut lists = members.iter().filter(|(name, _)| is_list(name));
        let Some((_, list)) = lists.next() else {
            return Err(Fault::invalid("index.json has no list of manifests"));
        };
        // Programs in Go take the last one, whatever the case of its letters.
        if lists.next().is_some() {
            return Err(Fault::invalid("index.json has two lists of manifests"));
        }
        // Programs in Go write `null` for an empty list.
        let entries: Option<Vec<&RawValue>> =
            serde_json::from_str(list.get()).map_err(unreadable)?;
        let entries = entries
            .unwrap_or_default()
            .into_iter()
            .map(|entry| Cow::Borrowed(entry.get()))
            .collect();
        Ok(Self { members, entries })
    }

    /// The bytes, without spaces where we write, as other tools do.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let member = |(name, value): &(String, &RawValue)| {
            let value = if is_list(name) {
                format!("[{}]", self.entries.join(","))
            } else {
                value.get().to_owned()
            };
            format!("{}:{value}", serde_json::Value::String(name.clone()))
        };
        let members: Vec<String> = self.members.iter().map(member).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    }

    /// The entries that have a usable descriptor, in order. Others are of no use to us but stay.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().filter_map(|text| read(text))
    }

    /// All names, each once, in order; those of entries that are not readable too, as whoever asks
    /// for one is to hear of it.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let names = self.entries.iter().filter_map(|text| face(text).name().map(str::to_owned));
        names.filter(|name| seen.insert(name.clone())).collect()
    }

    /// What a name points to, or the other name, which means the same. Fails with `conflict` when
    /// that is more than one manifest, as image-spec does not promise that names are unique, and
    /// with `invalid` when its entry is not readable.
    pub(crate) fn named(
        &self,
        wanted: &str,
        other: Option<&str>,
    ) -> Result<Option<Descriptor>, Fault> {
        // The other name is the beginning of the wanted one.
        let part = other.unwrap_or(wanted);
        let entries = self.find(part, |face| {
            face.name().is_some_and(|name| name == wanted || other == Some(name))
        });
        let mut found: Vec<Descriptor> = Vec::new();
        for text in entries {
            let Some(entry) = read(text) else {
                let message = format!("index.json has an entry `{wanted}` that is not readable");
                return Err(Fault::invalid(message));
            };
            if found.iter().all(|known| known.digest != entry.descriptor.digest) {
                found.push(entry.descriptor);
            }
        }
        if found.len() > 1 {
            return Err(ambiguous(wanted, &found));
        }
        Ok(found.pop())
    }

    /// The first entry with this digest.
    pub(crate) fn with_digest(&self, digest: &Digest) -> Option<Descriptor> {
        let mut found = self.find(digest.as_str(), |face| face.digest() == Some(digest.as_str()));
        found.find_map(read).map(|entry| entry.descriptor)
    }

    /// The texts of entries that have `part` in them.
    fn find(&self, part: &str, is_it: impl Fn(&Face) -> bool) -> impl Iterator<Item = &str> {
        // A text with an escape may have the part in another form.
        let may_be = move |text: &&str| text.contains(part) || text.contains('\\');
        let texts = self.entries.iter().map(|text| &**text).filter(may_be);
        texts.filter(move |text| is_it(&face(text)))
    }

    /// The only image of a repository, or of the layout: the only manifest, passing over artifacts
    /// that belong to others, or else the only one with a name. Fails with `conflict` when there are
    /// more, and with `invalid` when there are entries and none is readable.
    pub(crate) fn only(&self, repository: &str) -> Result<Option<Descriptor>, Fault> {
        let belongs = |entry: &Entry| {
            let own = entry.name.as_deref().and_then(name::split).map(|(repository, _)| repository);
            repository.is_empty() || own == Some(repository)
        };
        let entries: Vec<Entry> = self.entries().filter(belongs).collect();
        if entries.is_empty() && repository.is_empty() && !self.entries.is_empty() {
            return Err(Fault::invalid("index.json has no entry that is readable"));
        }
        let images = entries.iter().filter(|entry| entry.descriptor.artifact_type.is_none());
        let named = entries.iter().filter(|entry| entry.name.is_some());
        let found = one(entries.iter()).or_else(|| one(images)).or_else(|| one(named));
        if found.is_some() || entries.is_empty() {
            return Ok(found.map(|entry| entry.descriptor.clone()));
        }
        let digests: BTreeSet<&Digest> = entries.iter().map(|one| &one.descriptor.digest).collect();
        Err(Fault::conflict(format!(
            "the layout holds {} images: name one of them, as `oci:PATH:NAME`, `oci:PATH:@0` or \
             `oci:PATH@sha256:…`",
            digests.len()
        )))
    }

    /// Points names to manifests; older entries of these names go, and so do entries without a
    /// name of what gets one now. Without a name a manifest is listed, unless it is already.
    ///
    /// All in one pass: a group of thousands meets a list of tens of thousands.
    pub(crate) fn set(&mut self, namings: &[(Option<String>, Descriptor)]) -> Result<(), Fault> {
        let named = namings.iter().filter_map(|(name, to)| Some((name.as_deref()?, to)));
        let wanted: BTreeMap<&str, &Descriptor> = named.clone().collect();
        let digests: BTreeSet<&str> = wanted.values().map(|to| to.digest.as_str()).collect();
        let mut placed: BTreeSet<&str> = BTreeSet::new();
        let mut listed: BTreeSet<String> = BTreeSet::new();
        let mut kept = Vec::with_capacity(self.entries.len() + namings.len());
        for text in std::mem::take(&mut self.entries) {
            let face = face(&text);
            match face.name().map(|name| wanted.get_key_value(name)) {
                Some(Some((name, to))) => {
                    if placed.insert(name) {
                        kept.push(Cow::Owned(written(Some(name), to)?));
                    }
                }
                None if face.digest().is_some_and(|digest| digests.contains(digest)) => {}
                Some(None) | None => {
                    listed.extend(face.digest().map(str::to_owned));
                    drop(face);
                    kept.push(text);
                }
            }
        }
        for (name, _) in named {
            if placed.insert(name)
                && let Some(to) = wanted.get(name)
            {
                kept.push(Cow::Owned(written(Some(name), to)?));
            }
        }
        listed.extend(digests.into_iter().map(str::to_owned));
        for (_, to) in namings.iter().filter(|(name, _)| name.is_none()) {
            if listed.insert(to.digest.to_string()) {
                kept.push(Cow::Owned(written(None, to)?));
            }
        }
        self.entries = kept;
        Ok(())
    }

    /// Removes the entries with this name, and says whether there were any.
    pub(crate) fn remove_named(&mut self, name: &str) -> bool {
        self.remove(|face| face.name() == Some(name))
    }

    /// Removes the entries with this digest, and says whether there were any.
    pub(crate) fn remove_digest(&mut self, digest: &Digest) -> bool {
        self.remove(|face| face.digest() == Some(digest.as_str()))
    }

    fn remove(&mut self, goes: impl Fn(&Face) -> bool) -> bool {
        let before = self.entries.len();
        self.entries.retain(|text| !goes(&face(text)));
        self.entries.len() < before
    }
}

impl Face<'_> {
    /// Its name; an empty one is none.
    fn name(&self) -> Option<&str> {
        self.annotations.as_ref()?.name.as_deref().filter(|name| !name.is_empty())
    }

    fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }
}

fn face(text: &str) -> Face<'_> {
    serde_json::from_str(text).unwrap_or_default()
}

fn read(text: &str) -> Option<Entry> {
    let descriptor: Descriptor = serde_json::from_str(text).ok()?;
    let name = descriptor.annotations.get(REF_NAME).filter(|name| !name.is_empty()).cloned();
    Some(Entry { descriptor, name })
}

/// An entry as we write it. A named one has no platform and no other annotations: those of a
/// source's entry speak about the source.
fn written(name: Option<&str>, to: &Descriptor) -> Result<String, Fault> {
    let mut listed = to.clone();
    listed.platform = None;
    listed.annotations.remove(REF_NAME);
    if let Some(name) = name {
        listed.annotations = BTreeMap::from([(REF_NAME.to_owned(), name.to_owned())]);
    }
    serde_json::to_string(&listed)
        .map_err(|fault| Fault::invalid(format!("the entry cannot be written: {fault}")))
}

/// The first of entries that all point to one manifest.
fn one<'a>(mut entries: impl Iterator<Item = &'a Entry>) -> Option<&'a Entry> {
    let first = entries.next()?;
    entries.all(|other| other.descriptor.digest == first.descriptor.digest).then_some(first)
}

/// A name that points to several manifests, as where somebody wrote one for each platform.
fn ambiguous(name: &str, found: &[Descriptor]) -> Fault {
    let shown = found.iter().take(MAX_SHOWN).map(|one| format!("`{}`", one.digest));
    let mut shown: Vec<String> = shown.collect();
    if found.len() > MAX_SHOWN {
        shown.push(format!("{} more", found.len() - MAX_SHOWN));
    }
    Fault::conflict(format!(
        "index.json has the name `{name}` for several manifests, {}: name one by its digest, as \
         `oci:PATH@sha256:…`, or give each a name of its own",
        shown.join(" and ")
    ))
}

/// Whether a member is the list of entries, for programs in Go too.
fn is_list(name: &str) -> bool {
    name.eq_ignore_ascii_case(ENTRIES)
}

/// The members of an object in their order, their values unread.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Self::Value = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, _>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format!("`{name}` stands there twice")));
                    }
                    members.push((name, value));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Self)
    }
}

#[cfg(test)]
#[path = "index_json_tests.rs"]
mod tests;
