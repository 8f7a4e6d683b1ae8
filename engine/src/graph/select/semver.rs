//! Versions and ranges in npm's grammar.

use crate::diagnostic::{Fault, Origin};
use crate::graph::codes;
use nodejs_semver::{Range, Version};

/// A version in a tag: a leading `v` is dropped, missing parts are 0. `None` if it is none.
///
/// `1.27` is 1.27.0, `v2` is 2.0.0, `1.2.3-rc.1` keeps its pre-release, `1.2-alpine` is 1.2.0
/// with the pre-release `alpine`: that is how npm reads what follows a dash.
pub(super) fn version(text: &str) -> Option<Version> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_number) {
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
