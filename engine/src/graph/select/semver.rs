//! Versions and ranges in npm's grammar.

use crate::diagnostic::{Fault, Origin};
use crate::graph::codes;
use nodejs_semver::{Range, Version};

/// Digits of a version that is one number: `7`, `2024`.
const MAX_DIGITS_ALONE: usize = 4;

/// A version in a tag: a leading `v` is dropped, missing parts are 0. `None` if it is none.
///
/// `1.27` is 1.27.0, `v2` is 2.0.0, `1.2.3-rc.1` keeps its pre-release, `1.2-alpine` is 1.2.0
/// with the pre-release `alpine`: that is how npm reads what follows a dash. A tag cannot have the `+` of
/// a build, so `1.2.3_b` is 1.2.3+b, as Helm writes it. A number alone is a version only with at most four digits
/// and without a leading zero: others are days (`20250108`) and numbers of builds and commits.
pub(super) fn version(text: &str) -> Option<Version> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let end = text.find(['-', '+', '_']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let rest = rest.strip_prefix('_').map_or_else(|| rest.to_owned(), |build| format!("+{build}"));
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return None;
    }
    if let [alone] = parts.as_slice()
        && (alone.len() > MAX_DIGITS_ALONE || alone.len() > 1 && alone.starts_with('0'))
    {
        return None;
    }
    // Calendar versions have leading zeros (`2024.01`), which npm refuses and people do not.
    let mut numbers: Vec<String> = Vec::with_capacity(3);
    for part in &parts {
        let plain = part.trim_start_matches('0');
        numbers.push(if plain.is_empty() { "0".to_owned() } else { plain.to_owned() });
    }
    numbers.resize(3, "0".to_owned());
    Version::parse(format!("{}{rest}", numbers.join("."))).ok()
}

/// Why a text is no version, for people.
pub(super) fn why_no_version(text: &str) -> &'static str {
    let number = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let number = number.split(['-', '+', '_']).next().unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if is_number && (number.len() > MAX_DIGITS_ALONE || number.starts_with('0')) {
        "not a version: a number alone is one only with at most four digits and no leading zero"
    } else {
        "not a version"
    }
}

/// A range in npm's grammar.
///
/// # Errors
///
/// `graph::bad-range`.
pub(in crate::graph) fn range(text: &str) -> Result<Range, Fault> {
    Range::parse(text).map_err(|_| {
        let message = format!("`{text}` is not a range of versions");
        Fault::new(codes::BAD_RANGE, Origin::Spec, message)
            .help("npm's grammar: `>=1.26 <2 || >=7`, `^1.2`, `~1.2.3`, `1.x`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_no_versions_say_why() {
        for text in ["20250108", "03549270", "007", "v0815", "20250108-1"] {
            assert!(version(text).is_none(), "{text}");
            assert!(why_no_version(text).ends_with("no leading zero"), "{text}");
        }
        for text in ["latest", "1.2.3.4", "", "v", "abc123"] {
            assert!(version(text).is_none(), "{text}");
            assert_eq!(why_no_version(text), "not a version", "{text}");
        }
    }

    #[test]
    fn what_is_a_version_and_which() {
        for (tag, read) in [
            ("v2", Some("2.0.0")),
            ("1.27", Some("1.27.0")),
            ("2024", Some("2024.0.0")),
            ("2024.01", Some("2024.1.0")),
            ("0", Some("0.0.0")),
            ("1.2.3_b.4", Some("1.2.3+b.4")),
            ("1.2-alpine", Some("1.2.0-alpine")),
            ("20250108", None),
            ("20250108.1", Some("20250108.1.0")),
            ("007", None),
            ("v0815", None),
            ("1.2.3_", Some("1.2.3")),
            ("latest", None),
        ] {
            assert_eq!(version(tag).map(|version| version.to_string()).as_deref(), read, "{tag}");
        }
    }
}
