//! Regular expressions of the spec.

use crate::diagnostic::{Fault, Origin, Pattern};
use crate::graph::codes;

/// Prepares a regular expression.
///
/// # Errors
///
/// `graph::bad-pattern`.
pub(in crate::graph) fn pattern(text: &str) -> Result<Pattern, Fault> {
    Pattern::new(text).map_err(|why| {
        let message = format!("`{text}` is not a regular expression: {why}");
        Fault::new(codes::BAD_PATTERN, Origin::Spec, message)
    })
}
