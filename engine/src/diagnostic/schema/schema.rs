//! A JSON Schema, and what is wrong with a document by it, in words for people.

use super::evaluation::Evaluation;
use super::subset;
use crate::diagnostic::nearest::MEANT;
use crate::diagnostic::{Fault, Origin, Pattern, Place, codes};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A JSON Schema that documents are checked by.
///
/// The attack: a plugin's schema that takes for ever to check a small document by, by references
/// that double or patterns that backtrack. So only a subset of JSON Schema is taken (`subset`),
/// patterns take time in proportion to the text, and the steps of one check are counted.
pub struct Schema {
    pub(super) text: Value,
    pub(super) patterns: BTreeMap<String, Pattern>,
    pub(super) shows_values: bool,
}

impl Schema {
    /// Prepares a schema.
    ///
    /// # Errors
    ///
    /// `plugin::bad-schema`: it is not a JSON Schema of the subset that `specs/plugins.md` names.
    /// Nothing is ever fetched.
    pub fn new(schema: &Value) -> Result<Self, Fault> {
        let patterns = subset::check(schema).map_err(|why| {
            Fault::new(codes::BAD_SCHEMA, Origin::Plugin, format!("not a JSON Schema: {why}"))
        })?;
        Ok(Self { text: schema.clone(), patterns, shows_values: true })
    }

    /// The same schema, whose faults do not quote the document: for settings that may hold what
    /// a variable was filled in with.
    #[must_use]
    pub fn without_values(self) -> Self {
        Self { shows_values: false, ..self }
    }

    /// All that is wrong with a document that stands at `at` in a file.
    pub fn check(&self, document: &Value, at: &Place) -> Vec<Fault> {
        without_followers(Evaluation::of(self, document, at))
    }

    /// The schema that a reference within this one names.
    pub(super) fn referred(&self, reference: &str) -> Option<&Value> {
        self.text.pointer(reference.strip_prefix('#')?)
    }
}

/// The faults without those that another one explains: a key that is missing because it is
/// misspelt, and keys that are asked of a value that is no map.
fn without_followers(faults: Vec<Fault>) -> Vec<Fault> {
    let mut no_maps: BTreeSet<String> = BTreeSet::new();
    let mut misspelt: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for fault in &faults {
        let place = fault.place.as_deref().unwrap_or_default();
        if fault.is(codes::WRONG_TYPE) || fault.is(codes::PLAIN_SECRET) {
            no_maps.insert(place.to_owned());
        } else if fault.is(codes::UNKNOWN_KEY) {
            let beside = Place::read(place).parent().unwrap_or_default().to_string();
            let meant = fault.help.as_deref().and_then(|help| help.strip_prefix(MEANT));
            let meant = meant.map(|name| name.trim_end_matches('?').to_owned());
            misspelt.entry(beside).or_default().extend(meant);
        }
    }
    let follows = |fault: &Fault| {
        let place = fault.place.as_deref().unwrap_or_default();
        let misspelt = misspelt
            .get(place)
            .is_some_and(|meant| meant.iter().any(|name| fault.message.contains(name.as_str())));
        (fault.is(codes::MISSING_KEY) || fault.is(codes::ONE_KIND))
            && (misspelt || no_maps.contains(place))
    };
    faults.into_iter().filter(|fault| !follows(fault)).collect()
}
