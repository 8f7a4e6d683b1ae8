//! Scalars: texts, numbers, truths, durations and sizes, taken as they are written.

use super::fill::{Fill, Filling};
use crate::diagnostic::Place;
use crate::spec::codes;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::ops::Deref;
use std::time::Duration;

/// A text. `3.10` without quotes is the text `3.10`, not the number 3.1.
pub type Text = Written<String>;

/// The largest count, and the digits that a number has at most. More is a slip of the keyboard, and
/// with nine digits no unit overflows.
const MAX_COUNT: u32 = 999_999_999;
const MAX_DIGITS: usize = 9;

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

/// A text of a spec that is built in memory: it stands for itself, `${` and all.
impl<S: Into<String>> From<S> for Text {
    fn from(text: S) -> Self {
        let text = text.into();
        Self { value: text.clone(), text }
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
        if let Some(value) = T::read(&text) {
            *self = Self { text, value };
            return;
        }
        // What a variable holds is not shown: it may be a secret that stands in the wrong place.
        let filled = if text == self.text { "" } else { ", filled in," };
        let message = format!("`{}`{filled} is not {}", self.text, T::WHAT);
        filling.fault_at(at, codes::WRONG_VALUE, message);
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
        match text {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    fn shape() -> Schema {
        json_schema!({ "type": ["boolean", "string"], "pattern": r"^(true|True|TRUE|false|False|FALSE)$|\$\{" })
    }
}

impl Word for u32 {
    const NAME: &'static str = "count";
    const WHAT: &'static str = "a whole number from 1 to 999999999";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|count| (1..=MAX_COUNT).contains(count))
    }

    fn shape() -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": MAX_COUNT,
            "pattern": r"^0*[1-9][0-9]{0,8}$|\$\{",
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
        json_schema!({ "type": "string", "pattern": r"^[0-9]{1,9}(ms|s|m|h)$|\$\{" })
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

/// A number of at most nine digits, and what follows it.
fn split_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    (number.len() <= MAX_DIGITS).then_some(())?;
    Some((number.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Many;

    #[test]
    fn units() {
        for (text, millis) in
            [("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("72h", 259_200_000)]
        {
            assert_eq!(Duration::read(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["10", "s", "1.5s", "10 s", "-1s", "5min", "1d", "", "9999999999999s"] {
            assert_eq!(Duration::read(text), None, "{text}");
        }
        assert_eq!(ByteCount::read("64MiB"), Some(ByteCount(64 << 20)));
        assert_eq!(ByteCount::read("4GiB"), Some(ByteCount(4 << 30)));
        for text in ["64MB", "64", "64M", "1.5GiB", "999999999999GiB"] {
            assert_eq!(ByteCount::read(text), None, "{text}");
        }
        assert_eq!((u32::read("1"), u32::read("0"), u32::read("-1")), (Some(1), None, None));
        assert_eq!((bool::read("true"), bool::read("yes")), (Some(true), None));
    }

    #[test]
    fn a_plain_scalar_is_taken_as_it_is_written() {
        let texts: Many = serde_yaml::from_str("[3.10, 1e3, 007, true, latest, '~']").unwrap();
        let texts: Vec<&str> = texts.texts.iter().map(Text::text).collect();
        assert_eq!(texts, ["3.10", "1e3", "007", "true", "latest", "~"]);
    }
}
