//! Scalars: texts, numbers, truths, durations and sizes, taken as they are written.

use super::fill::{Fill, Filling};
use crate::diagnostic::Place;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::time::Duration;

/// A text. `3.10` without quotes is the text `3.10`, not the number 3.1.
pub type Text = Written<String>;

/// Bytes, written `64KiB`, `64MiB` or `1GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByteCount(pub u64);

/// A scalar: what is written, and, after the variables are filled in, what it means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written<T> {
    text: String,
    value: T,
}

/// What a scalar can mean.
pub trait Word: Sized + Default {
    /// The name of its schema.
    const NAME: &'static str;
    /// What is expected, to be read after "is not".
    const WHAT: &'static str;

    /// The value of a text; `None` if it has none.
    fn read(text: &str) -> Option<Self>;

    /// The JSON types and the pattern that a value has.
    fn shape() -> Schema;
}

impl<T: Default> Written<T> {
    /// A scalar that is not filled in yet.
    pub(super) fn from_written(text: &str) -> Self {
        Self { text: text.to_owned(), value: T::default() }
    }
}

impl<T> Written<T> {
    /// What is written, with variables filled in.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<T> Deref for Written<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Word> Fill for Written<T> {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>) {
        let Some(text) = filling.text(&self.text, at) else { return };
        match T::read(&text) {
            Some(value) => *self = Self { text, value },
            None => {
                filling.fault_at(at, "spec::wrong-value", format!("`{text}` is not {}", T::WHAT))
            }
        }
    }
}

impl<'de, T: Word> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // Asked for a string, serde_yaml gives any plain scalar as it is written.
        let text = String::deserialize(from)?;
        Ok(Self { text, value: T::default() })
    }
}

impl<T: Word> JsonSchema for Written<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = T::shape();
        schema.insert("description".to_owned(), T::WHAT.into());
        schema
    }
}

impl Word for String {
    const NAME: &'static str = "text";
    const WHAT: &'static str = "a text";

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn shape() -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

impl Word for bool {
    const NAME: &'static str = "truth";
    const WHAT: &'static str = "`true` or `false`";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn shape() -> Schema {
        json_schema!({ "type": ["boolean", "string"], "pattern": r"^(true|false)$|\$\{" })
    }
}

impl Word for u32 {
    const NAME: &'static str = "count";
    const WHAT: &'static str = "a whole number from 1 to 4294967295";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|count| *count > 0)
    }

    fn shape() -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": u32::MAX,
            "pattern": r"^0*[1-9][0-9]{0,9}$|\$\{",
        })
    }
}

impl Word for Duration {
    const NAME: &'static str = "duration";
    const WHAT: &'static str = "a duration such as `500ms`, `10s`, `5m` or `72h`";

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = split_unit(text)?;
        let millis = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        number.checked_mul(millis).map(Self::from_millis)
    }

    fn shape() -> Schema {
        json_schema!({ "type": "string", "pattern": r"^[0-9]{1,12}(ms|s|m|h)$|\$\{" })
    }
}

impl Word for ByteCount {
    const NAME: &'static str = "bytes";
    const WHAT: &'static str = "a size such as `64KiB`, `64MiB` or `1GiB`";

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = split_unit(text)?;
        let bytes = match unit {
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return None,
        };
        number.checked_mul(bytes).map(Self)
    }

    fn shape() -> Schema {
        json_schema!({ "type": "string", "pattern": r"^[0-9]{1,9}(KiB|MiB|GiB)$|\$\{" })
    }
}

/// A number of at most twelve digits, and what follows it.
fn split_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    (number.len() <= 12).then_some(())?;
    Some((number.parse().ok()?, unit))
}

/// One text, or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Many {
    /// The texts.
    pub texts: Vec<Text>,
    /// Whether it is written without a list.
    pub single: bool,
}

impl Many {
    /// The texts, each with its place.
    pub fn placed<'a>(&'a self, at: &'a Place) -> impl Iterator<Item = (Place, &'a str)> {
        self.texts.iter().enumerate().map(move |(index, text)| {
            let place = if self.single { at.clone() } else { at.index(index) };
            (place, text.text())
        })
    }
}

impl Fill for Many {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>) {
        for (index, text) in self.texts.iter_mut().enumerate() {
            let place = if self.single { at.clone() } else { at.index(index) };
            text.fill(&place, filling);
        }
    }
}

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Many;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Many, E> {
                Ok(Many { texts: vec![Text::from_written(text)], single: true })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Many, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Ok(Many { texts, single: false })
            }
        }

        from.deserialize_any(OneOrMore)
    }
}

impl JsonSchema for Many {
    fn schema_name() -> Cow<'static, str> {
        "textOrTexts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let text = generator.subschema_for::<Text>();
        json_schema!({
            "description": "a text or a list of texts",
            "type": ["string", "array"],
            "items": text,
        })
    }
}

/// The settings of a plugin: anything, checked by the plugin's own schema.
#[derive(Debug, Clone, PartialEq, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Settings(pub serde_json::Map<String, serde_json::Value>);

impl Fill for Settings {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>) {
        for (key, value) in &mut self.0 {
            fill_value(value, &at.key(key), filling);
        }
    }
}

fn fill_value(value: &mut serde_json::Value, at: &Place, filling: &mut Filling<'_>) {
    use serde_json::Value;
    match value {
        Value::String(text) => {
            if let Some(filled) = filling.text(text, at) {
                *text = filled;
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter_mut().enumerate() {
                fill_value(value, &at.index(index), filling);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                fill_value(value, &at.key(key), filling);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl JsonSchema for Settings {
    fn schema_name() -> Cow<'static, str> {
        "settings".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "a map of settings", "type": "object" })
    }
}
