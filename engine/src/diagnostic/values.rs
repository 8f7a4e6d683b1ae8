//! A tree as JSON, and as YAML without the parts at fault.

use super::{Branch, Place, PlacePart, Value};
use serde_json::{Number, Value as Json};
use std::collections::BTreeSet;

impl Branch {
    /// The value as JSON. Plain scalars are what YAML's core schema makes of them; of keys that
    /// stand twice the first counts.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Scalar { text, plain } => match plain.then(|| meaning(text)).flatten() {
                Some(meaning) => meaning,
                None => Json::String(text.clone()),
            },
            Value::List(values) => values.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                let mut map = serde_json::Map::new();
                for entry in entries {
                    if !map.contains_key(&entry.key) {
                        map.insert(entry.key.clone(), entry.value.to_json());
                    }
                }
                Json::Object(map)
            }
        }
    }

    /// Whether it is a key without a value, or has one in it.
    pub fn has_null(&self) -> bool {
        match &self.value {
            Value::Scalar { text, plain } => *plain && meaning(text) == Some(Json::Null),
            Value::List(values) => values.iter().any(Self::has_null),
            Value::Map(entries) => entries.iter().any(|entry| entry.value.has_null()),
        }
    }

    /// The document as YAML in flow style, without the entries of maps that hold the places
    /// `without`, and without second entries of the same key. Scalars stay as they are written.
    pub fn to_flow_yaml(&self, without: &[Place]) -> String {
        let without: BTreeSet<Place> = without.iter().map(enclosing_entry).collect();
        let mut text = String::new();
        self.flow(&Place::root(), &without, &mut text);
        text
    }

    fn flow(&self, at: &Place, without: &BTreeSet<Place>, text: &mut String) {
        match &self.value {
            Value::Scalar { text: scalar, plain } if *plain && meaning(scalar).is_some() => {
                text.push_str(if scalar.is_empty() { "null" } else { scalar });
            }
            Value::Scalar { text: scalar, .. } => quote(scalar, text),
            Value::List(values) => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    value.flow(&at.index(index), without, text);
                    text.push_str(", ");
                }
                text.push(']');
            }
            Value::Map(entries) => {
                text.push('{');
                let mut seen = BTreeSet::new();
                for entry in entries {
                    let place = at.key(&entry.key);
                    if !seen.insert(entry.key.as_str()) || without.contains(&place) {
                        continue;
                    }
                    quote(&entry.key, text);
                    text.push_str(": ");
                    entry.value.flow(&place, without, text);
                    text.push_str(", ");
                }
                text.push('}');
            }
        }
    }
}

/// The entry of a map that a place is, or that its list is the value of: an entry of a list cannot
/// be left out, as all after it would have another place.
fn enclosing_entry(place: &Place) -> Place {
    let mut entry = place.clone();
    while let Some(PlacePart::Index(_)) = entry.parts().last() {
        entry = entry.parent().unwrap_or_default();
    }
    entry
}

fn quote(scalar: &str, text: &mut String) {
    text.push_str(&Json::String(scalar.to_owned()).to_string());
}

/// What a plain scalar means that is not a text. Source: YAML 1.2.2, 10.3.2 "Tag Resolution".
fn meaning(text: &str) -> Option<Json> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Json::Null),
        "true" | "True" | "TRUE" => return Some(Json::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Json::Bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    // serde_yaml takes a number with leading zeros for a text.
    let leading_zero =
        digits.len() > 1 && digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
    if leading_zero || digits.contains(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)) {
        return None;
    }
    let whole = text.strip_prefix('+').unwrap_or(text).parse::<i64>().map(Number::from);
    let number = whole.ok().or_else(|| Number::from_f64(text.parse().ok()?));
    number.map(Json::Number)
}
