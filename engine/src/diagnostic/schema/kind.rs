//! The kinds of values of JSON, as schemas and as people call them.

use serde_json::Value;

/// The words that `type` may have.
pub(super) const WORDS: [&str; 7] =
    ["object", "array", "string", "boolean", "integer", "number", "null"];

/// Whether a value is of the kind that a schema's word names.
pub(super) fn is(value: &Value, word: &str) -> bool {
    match word {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => is_whole(value),
        _ => value.is_number(),
    }
}

fn is_whole(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// What a schema's word means, for people.
pub(super) fn expected(word: &str) -> &'static str {
    match word {
        "object" => "a map",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "number" => "a number",
        _ => "nothing",
    }
}

/// What a value is, for people.
pub(super) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
