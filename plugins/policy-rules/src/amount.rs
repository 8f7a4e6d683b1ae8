//! Durations and sizes, in the units of the spec file, which show as they were written.

use serde::Deserialize;
use std::fmt;

/// A duration: `500ms 10s 5m 72h`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Span {
    written: String,
    /// Its length.
    pub(crate) millis: u64,
}

/// A size: `64KiB 64MiB 1GiB`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Size {
    written: String,
    /// Its bytes.
    pub(crate) bytes: u64,
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
        let millis = counted(&written, &units)
            .ok_or_else(|| format!("`{written}` is not a duration such as `5m` or `72h`"))?;
        Ok(Self { written, millis })
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
        let bytes = counted(&written, &units)
            .ok_or_else(|| format!("`{written}` is not a size such as `64MiB` or `2GiB`"))?;
        Ok(Self { written, bytes })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// A whole number of at most nine digits, and a unit.
fn counted(written: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = written.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = written.split_at(digits);
    let (_, each) = units.iter().find(|(word, _)| *word == unit)?;
    (1..=9).contains(&digits).then(|| count.parse::<u64>().ok()?.checked_mul(*each))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_of_the_spec_file() {
        let span = |text: &str| Span::try_from(text.to_owned()).map(|span| span.millis);
        let size = |text: &str| Size::try_from(text.to_owned()).map(|size| size.bytes);
        assert_eq!((span("72h"), span("5ms")), (Ok(259_200_000), Ok(5)));
        assert_eq!((size("2GiB"), size("0KiB")), (Ok(2 << 30), Ok(0)));
        for wrong in ["", "h", "5", "5d", "-5h", "5 h", "1.5h", "1000000000h", "٣h"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
        assert!(size("5MB").is_err() && size("5").is_err());
    }
}
