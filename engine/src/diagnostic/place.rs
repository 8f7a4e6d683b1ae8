//! Places in a document: `sinks.mirror.inputs[1]`.

use std::fmt;

/// A path into a document, from its root. As text, keys that are not plain words are quoted:
/// `registries["127.0.0.1:5000"].tls`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    parts: Vec<PlacePart>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlacePart {
    /// Into a map.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

impl Place {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The value of a key in the map at this place.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(PlacePart::Key(key.to_owned()))
    }

    /// An entry of the list at this place.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(PlacePart::Index(index))
    }

    /// The steps, from the root.
    pub fn parts(&self) -> &[PlacePart] {
        &self.parts
    }

    /// The place without its last step; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, parts) = self.parts.split_last()?;
        Some(Self { parts: parts.to_vec() })
    }

    /// Whether `other` is this place or lies in it.
    pub fn holds(&self, other: &Self) -> bool {
        other.parts.starts_with(&self.parts)
    }

    /// Reads a path as [`fmt::Display`] writes it. What does not parse ends the path: a place is
    /// only ever asked for to draw, and a frame around the parent is better than none.
    pub fn read(text: &str) -> Self {
        let mut place = Self::root();
        let mut rest = text;
        while !rest.is_empty() {
            let Some((part, after)) = next_part(rest) else { break };
            place.parts.push(part);
            rest = after;
        }
        place
    }

    /// The key that the place ends with, if it is no entry of a list.
    pub fn key_name(&self) -> Option<&str> {
        match self.parts.last() {
            Some(PlacePart::Key(key)) => Some(key),
            Some(PlacePart::Index(_)) | None => None,
        }
    }

    fn with(&self, part: PlacePart) -> Self {
        let mut parts = self.parts.clone();
        parts.push(part);
        Self { parts }
    }
}

/// The first step of `text`, and what follows it.
fn next_part(text: &str) -> Option<(PlacePart, &str)> {
    if let Some(rest) = text.strip_prefix("[\"") {
        let end = rest.find("\"]")?;
        let (key, after) = rest.split_at(end);
        return Some((PlacePart::Key(key.to_owned()), after.strip_prefix("\"]")?));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (index, after) = rest.split_once(']')?;
        return Some((PlacePart::Index(index.parse().ok()?), after));
    }
    let text = text.strip_prefix('.').unwrap_or(text);
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (key, after) = text.split_at(end);
    (!key.is_empty()).then(|| (PlacePart::Key(key.to_owned()), after))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, part) in self.parts.iter().enumerate() {
            match part {
                PlacePart::Index(index) => write!(f, "[{index}]")?,
                PlacePart::Key(key) if !is_plain(key) => write!(f, "[\"{key}\"]")?,
                PlacePart::Key(key) if number == 0 => f.write_str(key)?,
                PlacePart::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && !key.contains(['.', '[', ']', '"', ':'])
        && !key.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_is_written() {
        let place = Place::root().key("registries").key("127.0.0.1:5000").key("tls");
        assert_eq!(place.to_string(), "registries[\"127.0.0.1:5000\"].tls");
        for place in [
            place,
            Place::root(),
            Place::root().key("sinks").key("mirror").key("inputs").index(1),
            Place::root().key("docker.io").index(0).index(2).key("x"),
        ] {
            assert_eq!(Place::read(&place.to_string()), place);
        }
    }
}
