//! Documents that all readers read alike.
//!
//! The attack: Go's JSON reader, and so docker, containerd and Skopeo, takes `Config` for `config`, and
//! the last of both wins. A manifest with two of them, or a config with `Labels` and `labels`, is one image
//! for whoever judges it here and another one for whoever runs it. Such a document is refused. Where only one
//! of them is there, it is read as Go reads it. Members that nobody here knows pass, and so do the keys of
//! annotations and labels, which no reader folds.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// The members of one kind of object that are read here.
pub(crate) struct Members(&'static [(&'static str, Kind)]);

/// What a member holds.
enum Kind {
    /// Nothing with members of its own, or a map with free keys.
    Leaf,
    One(&'static Members),
    Each(&'static Members),
}

static PLATFORM: Members = Members(&[
    ("os", Kind::Leaf),
    ("architecture", Kind::Leaf),
    ("variant", Kind::Leaf),
    ("os.version", Kind::Leaf),
    ("os.features", Kind::Leaf),
]);

static DESCRIPTOR: Members = Members(&[
    ("mediaType", Kind::Leaf),
    ("digest", Kind::Leaf),
    ("size", Kind::Leaf),
    ("artifactType", Kind::Leaf),
    ("annotations", Kind::Leaf),
    ("platform", Kind::One(&PLATFORM)),
    ("urls", Kind::Leaf),
    ("data", Kind::Leaf),
]);

static FS_LAYER: Members = Members(&[("blobSum", Kind::Leaf)]);

/// Manifests and indexes of all dialects. Source: image-spec 1.1; Docker's schemas 1 and 2.
pub(crate) static MANIFEST: Members = Members(&[
    ("mediaType", Kind::Leaf),
    ("schemaVersion", Kind::Leaf),
    ("artifactType", Kind::Leaf),
    ("config", Kind::One(&DESCRIPTOR)),
    ("layers", Kind::Each(&DESCRIPTOR)),
    ("manifests", Kind::Each(&DESCRIPTOR)),
    ("subject", Kind::One(&DESCRIPTOR)),
    ("fsLayers", Kind::Each(&FS_LAYER)),
    ("blobs", Kind::Each(&DESCRIPTOR)),
    ("annotations", Kind::Leaf),
]);

static EXECUTION: Members = Members(&[("Labels", Kind::Leaf)]);

static ROOT_FS: Members = Members(&[("diff_ids", Kind::Leaf)]);

/// The config of an image. Source: image-spec 1.1, "Image Configuration".
static CONFIG: Members = Members(&[
    ("os", Kind::Leaf),
    ("architecture", Kind::Leaf),
    ("variant", Kind::Leaf),
    ("os.version", Kind::Leaf),
    ("created", Kind::Leaf),
    ("config", Kind::One(&EXECUTION)),
    ("rootfs", Kind::One(&ROOT_FS)),
]);

/// Reads the config of an image.
///
/// # Errors
///
/// What is no JSON of the shape of `T`, and what other readers would read differently.
pub fn read_config<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    read(bytes, &CONFIG)
}

/// Reads a document whose known members are `members`.
pub(crate) fn read<T: DeserializeOwned>(
    bytes: &[u8],
    members: &'static Members,
) -> serde_json::Result<T> {
    let mut scan = Scan { members, found: false };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    // What is no JSON is told by the true reading.
    if scan.deserialize(&mut reader).is_err() || !scan.found {
        return serde_json::from_slice(bytes);
    }
    let mut node: Node = serde_json::from_slice(bytes)?;
    members.fold(&mut node).map_err(Error::custom)?;
    serde_json::from_slice(&serde_json::to_vec(&node)?)
}

/// Whether Go reads a member called `name` into the field of `known`. Source: package `encoding/json`,
/// `foldName`: letters by simple folding, by which two characters beyond ASCII are like letters of it.
fn folds(name: &str, known: &str) -> bool {
    let fold = |character: char| match character {
        'ſ' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(fold).eq(known.chars().map(fold))
}

impl Members {
    /// The member that a name stands for: itself, or the one that Go takes it for.
    fn known(&self, name: &str) -> Option<&(&'static str, Kind)> {
        let exact = self.0.iter().find(|(known, _)| *known == name);
        exact.or_else(|| self.0.iter().find(|(known, _)| folds(name, known)))
    }

    /// Whether some object below has a member that could be meant for a known one.
    fn has_like(&self, name: &str) -> bool {
        let below = |(known, kind): &(&str, Kind)| {
            let is_like = *known != name && folds(name, known);
            is_like
                || match kind {
                    Kind::Leaf => false,
                    Kind::One(members) | Kind::Each(members) => members.has_like(name),
                }
        };
        self.0.iter().any(below)
    }

    /// Gives all known members their names.
    fn fold(&self, node: &mut Node) -> Result<(), String> {
        let Node::Object(members) = node else { return Ok(()) };
        let mut folded: Vec<(String, Node)> = Vec::with_capacity(members.len());
        for (name, mut value) in std::mem::take(members) {
            let Some((known, kind)) = self.known(&name) else {
                folded.push((name, value));
                continue;
            };
            match (kind, &mut value) {
                (Kind::One(below), one) => below.fold(one)?,
                (Kind::Each(below), Node::List(all)) => {
                    all.iter_mut().try_for_each(|one| below.fold(one))?;
                }
                _ => {}
            }
            match folded.iter().find(|(before, _)| before == known) {
                Some((_, before)) if *before == value => {}
                Some(_) => {
                    return Err(format!(
                        "`{name}` is `{known}` for other readers, which is there with another value"
                    ));
                }
                None => folded.push(((*known).to_owned(), value)),
            }
        }
        *members = folded;
        Ok(())
    }
}

/// A JSON document with its members in their order.
#[derive(Debug, PartialEq)]
enum Node {
    Object(Vec<(String, Node)>),
    List(Vec<Node>),
    Leaf(Value),
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, node)| (name, node)))
            }
            Self::List(nodes) => serializer.collect_seq(nodes),
            Self::Leaf(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadNode)
    }
}

struct ReadNode;

impl<'de> Visitor<'de> for ReadNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Object(members))
    }
}

/// Looks for a name that is like a known one, without keeping anything: nearly no document has one, and
/// each manifest of a run is read here.
struct Scan {
    members: &'static Members,
    found: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Scan {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Scan {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(ScanName(self))?.is_some() {
            map.next_value_seed(&mut *self)?;
        }
        Ok(())
    }
}

struct ScanName<'a>(&'a mut Scan);

impl<'de> DeserializeSeed<'de> for ScanName<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for ScanName<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        self.0.found |= self.0.members.has_like(name);
        Ok(())
    }
}

#[cfg(test)]
#[path = "one_reading_tests.rs"]
mod tests;
