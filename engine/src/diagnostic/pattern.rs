//! Regular expressions, with a bound on the memory that one may take.

use std::fmt;

/// Bytes that a compiled pattern may take. A repetition of a repetition should be a fault and not a
/// full memory.
const MAX_PATTERN_BYTES: usize = 4 << 20;

/// A regular expression. Matching takes time in proportion to the text: there is no look-around
/// and there are no back references.
#[derive(Debug, Clone)]
pub struct Pattern(regex::Regex);

impl Pattern {
    /// Prepares a pattern.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn new(text: &str) -> Result<Self, String> {
        let built = regex::RegexBuilder::new(text).size_limit(MAX_PATTERN_BYTES).build();
        built.map(Self).map_err(|fault| {
            let why = fault.to_string();
            why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        })
    }

    /// Whether it matches anywhere in a text.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The part of a text that it picks out: the group `v`, else the first group, else the match.
    pub fn picked<'a>(&self, text: &'a str) -> Option<&'a str> {
        let found = self.0.captures(text)?;
        let part = found.name("v").or_else(|| found.get(1)).or_else(|| found.get(0))?;
        Some(part.as_str())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_picks_its_group() {
        for (pattern, text, picked) in [
            ("^r([0-9]+)", "r12-x", Some("12")),
            ("^(r)(?<v>[0-9]+)", "r12-x", Some("12")),
            ("[0-9]+", "r12-x", Some("12")),
            ("^x", "r12-x", None),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().picked(text), picked, "{pattern}");
        }
    }

    #[test]
    fn what_cannot_be_matched_in_time_or_memory_is_refused() {
        for pattern in ["(", "(?=a)", r"(a)\1", "(((a{1000}){1000}){1000})"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
