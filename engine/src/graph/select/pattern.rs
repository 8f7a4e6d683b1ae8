//! Regular expressions of the spec.

use crate::diagnostic::{Fault, Origin};
use crate::graph::codes;
use regex::Regex;

/// Bytes that a compiled pattern may take. Patterns come from the spec, whose author means no
/// harm, but a repetition of a repetition should be a fault and not a full memory.
const MAX_PATTERN_BYTES: usize = 4 << 20;

/// Prepares a regular expression.
///
/// # Errors
///
/// `graph::bad-pattern`.
pub(in crate::graph) fn pattern(text: &str) -> Result<Regex, Fault> {
    regex::RegexBuilder::new(text).size_limit(MAX_PATTERN_BYTES).build().map_err(|fault| {
        let why = fault.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let message = format!("`{text}` is not a regular expression: {why}");
        Fault::new(codes::BAD_PATTERN, Origin::Spec, message)
    })
}
