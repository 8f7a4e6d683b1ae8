//! Notes of a plugin about a place, kept as long as the components of a run are.

use crate::diagnostic::{Fault, Origin};
use crate::host::codes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Keys of one plugin at one place. Source: `wit/notes.wit`.
const MAX_KEYS: usize = 16;
/// Bytes of the longest key. Source: `wit/notes.wit`.
const MAX_KEY_BYTES: usize = 64;
/// Bytes of the longest text. Source: `wit/notes.wit`.
const MAX_TEXT_BYTES: usize = 256;

/// The notes of all plugins of a run, by component digest and place.
#[derive(Clone, Default)]
pub(in crate::host) struct Notes(Arc<Mutex<BTreeMap<(String, String), PlaceNotes>>>);

/// The notes of one plugin about one place.
#[derive(Clone, Default)]
pub(in crate::host) struct PlaceNotes(Arc<Mutex<BTreeMap<String, String>>>);

impl Notes {
    /// The notes of a plugin, by the digest of its component, about a place.
    pub(in crate::host) fn of(&self, component: &str, place: &str) -> PlaceNotes {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry((component.to_owned(), place.to_owned())).or_default().clone()
    }
}

impl PlaceNotes {
    /// Keeps a text under a key.
    ///
    /// # Errors
    ///
    /// `host::invalid` beyond the bounds of `wit/notes.wit`.
    pub(in crate::host) fn keep(&self, key: String, text: String) -> Result<(), Fault> {
        let invalid = |what: String| Fault::new(codes::INVALID, Origin::Plugin, what);
        if key.is_empty() || key.len() > MAX_KEY_BYTES {
            return Err(invalid(format!("the key of a note has 1 to {MAX_KEY_BYTES} bytes")));
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(invalid(format!("a note has at most {MAX_TEXT_BYTES} bytes")));
        }
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() >= MAX_KEYS && !notes.contains_key(&key) {
            return Err(invalid(format!("there are {MAX_KEYS} notes about this place already")));
        }
        notes.insert(key, text);
        Ok(())
    }

    /// The text under a key.
    pub(in crate::host) fn get(&self, key: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_of_one_plugin_and_place_and_few() {
        let notes = Notes::default();
        let here = notes.of("sha256:a", "r.io");
        let keep = |key: &str, text: &str| here.keep(key.to_owned(), text.to_owned());
        for key in 0..MAX_KEYS {
            keep(&key.to_string(), &"x".repeat(MAX_TEXT_BYTES)).unwrap();
        }
        keep("3", "again").unwrap();
        assert_eq!(notes.of("sha256:a", "r.io").get("3").as_deref(), Some("again"));
        let long = "x".repeat(MAX_TEXT_BYTES + 1);
        let key = "k".repeat(MAX_KEY_BYTES + 1);
        for (key, text) in [("one more", "x"), ("3", &long), ("", "x"), (&key, "x")] {
            assert_eq!(keep(key, text).unwrap_err().code, "host::invalid", "{key}");
        }
        assert_eq!(here.get("3").as_deref(), Some("again"), "what was kept stays");
        assert_eq!(notes.of("sha256:b", "r.io").get("3"), None);
        assert_eq!(notes.of("sha256:a", "s.io").get("3"), None);
    }
}
