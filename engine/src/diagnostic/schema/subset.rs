//! The subset of JSON Schema that is understood. A schema beyond it is refused before anything is
//! checked by it: a keyword that is passed over would let settings through that its author meant
//! to refuse.
//!
//! Left out: references to other documents, `unevaluated…`, `dependentRequired`, `contains` and
//! `multipleOf`. Source of the keywords: JSON Schema, draft 2020-12.

use super::kind::WORDS;
use crate::diagnostic::{Pattern, nearest};
use serde_json::Value;
use std::collections::BTreeMap;

/// Levels of schemas in schemas.
const MAX_DEPTH: usize = 32;
/// Schemas in a schema.
const MAX_SCHEMAS: usize = 4000;

/// Keywords that say nothing about what is right.
const ANNOTATIONS: [&str; 10] = [
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "format",
    "readOnly",
];
/// Keywords whose value is a schema.
const SCHEMAS: [&str; 7] =
    ["additionalProperties", "propertyNames", "items", "not", "if", "then", "else"];
/// Keywords whose value is a map of schemas.
const MAPS: [&str; 5] =
    ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];
/// Keywords whose value is a list of schemas.
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is a whole number from 0.
const COUNTS: [&str; 6] =
    ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
/// Keywords whose value is a number.
const NUMBERS: [&str; 4] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
/// All other keywords.
const OTHERS: [&str; 7] = ["$ref", "type", "enum", "const", "required", "pattern", "uniqueItems"];

/// Checks a schema; its patterns, ready for use.
///
/// # Errors
///
/// What is wrong with it, in words.
pub(super) fn check(schema: &Value) -> Result<BTreeMap<String, Pattern>, String> {
    let mut subset = Subset { root: schema, patterns: BTreeMap::new(), schemas: 0 };
    subset.schema(schema, 0)?;
    Ok(subset.patterns)
}

struct Subset<'a> {
    root: &'a Value,
    patterns: BTreeMap<String, Pattern>,
    schemas: usize,
}

impl Subset<'_> {
    fn schema(&mut self, schema: &Value, depth: usize) -> Result<(), String> {
        self.schemas += 1;
        if depth > MAX_DEPTH || self.schemas > MAX_SCHEMAS {
            return Err(format!(
                "it has more than {MAX_SCHEMAS} schemas, or more than {MAX_DEPTH} levels"
            ));
        }
        let keywords = match schema {
            Value::Bool(_) => return Ok(()),
            Value::Object(keywords) => keywords,
            other => return Err(format!("`{other}` is no schema")),
        };
        for (keyword, value) in keywords {
            self.keyword(keyword, value, depth)?;
        }
        Ok(())
    }

    fn keyword(&mut self, keyword: &str, value: &Value, depth: usize) -> Result<(), String> {
        let wrong = || format!("`{keyword}` cannot be `{value}`");
        let has = |words: &[&str]| words.contains(&keyword);
        if has(&ANNOTATIONS) || keyword.starts_with("x-") || has(&["const"]) {
            Ok(())
        } else if has(&SCHEMAS) {
            self.schema(value, depth + 1)
        } else if has(&MAPS) {
            for (name, schema) in value.as_object().ok_or_else(wrong)? {
                if keyword == "patternProperties" {
                    self.pattern(name)?;
                }
                self.schema(schema, depth + 1)?;
            }
            Ok(())
        } else if has(&LISTS) {
            let schemas = value.as_array().filter(|all| !all.is_empty()).ok_or_else(wrong)?;
            schemas.iter().try_for_each(|schema| self.schema(schema, depth + 1))
        } else if has(&COUNTS) {
            value.as_u64().map(|_| ()).ok_or_else(wrong)
        } else if has(&NUMBERS) {
            value.as_f64().map(|_| ()).ok_or_else(wrong)
        } else {
            self.other(keyword, value)
        }
    }

    fn other(&mut self, keyword: &str, value: &Value) -> Result<(), String> {
        let wrong = || format!("`{keyword}` cannot be `{value}`");
        let texts =
            |value: &Value| value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
        let right = match keyword {
            "$ref" => {
                let name = value.as_str().and_then(|name| name.strip_prefix('#'));
                name.is_some_and(|pointer| self.root.pointer(pointer).is_some())
            }
            "type" => match value {
                Value::Array(words) => !words.is_empty() && words.iter().all(is_type),
                word => is_type(word),
            },
            "enum" => value.is_array(),
            "required" => texts(value),
            "uniqueItems" => value.is_boolean(),
            "pattern" => return self.pattern(value.as_str().ok_or_else(wrong)?),
            _ => return Err(unknown(keyword)),
        };
        if right { Ok(()) } else { Err(wrong()) }
    }

    fn pattern(&mut self, text: &str) -> Result<(), String> {
        if !self.patterns.contains_key(text) {
            let pattern = Pattern::new(text)
                .map_err(|why| format!("`{text}` is not a regular expression: {why}"))?;
            self.patterns.insert(text.to_owned(), pattern);
        }
        Ok(())
    }
}

fn is_type(word: &Value) -> bool {
    word.as_str().is_some_and(|word| WORDS.contains(&word))
}

fn unknown(keyword: &str) -> String {
    let known = [&SCHEMAS[..], &MAPS, &LISTS, &COUNTS, &NUMBERS, &OTHERS, &ANNOTATIONS].concat();
    match nearest(keyword, known) {
        Some(meant) => format!("`{keyword}` is not understood; did you mean `{meant}`?"),
        None => format!("`{keyword}` is not understood"),
    }
}
