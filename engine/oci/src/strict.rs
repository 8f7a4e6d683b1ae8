//! JSON in which nothing can be said twice: an object with two members of one name is refused, as
//! two readers would believe different ones.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// A value, as far as signed texts have them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Strict {
    Null,
    Text(String),
    Number {
        /// Whether it is a whole number of 64 bits.
        whole: bool,
    },
    Object(BTreeMap<String, Strict>),
    /// A list or a truth value.
    Other,
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Strict, E> {
        Ok(Strict::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Strict, E> {
        Ok(Strict::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Strict, E> {
        Ok(Strict::Number { whole: true })
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict::Number { whole: i64::try_from(value).is_ok() })
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Strict, E> {
        // 2^63: beyond it there is no `i64`.
        let whole = value.fract() == 0.0 && value.abs() < 9_223_372_036_854_775_808.0;
        Ok(Strict::Number { whole })
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Strict, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Strict::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Strict>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Strict::Object(members))
    }
}
