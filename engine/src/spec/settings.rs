//! The settings of a plugin.

use super::fill::{Fill, Filling};
use crate::diagnostic::Place;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The settings of a plugin: anything, checked by the plugin's own schema.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(transparent)]
pub struct Settings(pub Map<String, Value>);

impl Fill for Settings {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>) {
        for (key, value) in &mut self.0 {
            fill_value(value, &at.key(key), filling);
        }
    }
}

fn fill_value(value: &mut Value, at: &Place, filling: &mut Filling<'_>) {
    match value {
        Value::String(text) => {
            if let Some(filled) = filling.text(text, at) {
                *text = filled;
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter_mut().enumerate() {
                fill_value(value, &at.index(index), filling);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                fill_value(value, &at.key(key), filling);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl JsonSchema for Settings {
    fn schema_name() -> Cow<'static, str> {
        "settings".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "a map of settings", "type": "object" })
    }
}
