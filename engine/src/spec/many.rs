//! One text, or a list of them.

use super::Text;
use super::fill::{Fill, Filling};
use crate::diagnostic::Place;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

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

/// The texts of a spec that is built in memory.
impl<T: Into<Text>> FromIterator<T> for Many {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        Self { texts: texts.into_iter().map(Into::into).collect(), single: false }
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
