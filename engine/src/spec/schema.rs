//! The JSON Schema of the file, made from the model.

use super::Spec;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The JSON Schema of a spec: `specs/spec.schema.json`, draft 7, which editors understand.
pub fn schema() -> Value {
    let root = SchemaSettings::draft07().into_generator().into_root_schema_for::<Spec>();
    let mut schema = root.to_value();
    tidy(&mut schema);
    schema
}

/// Takes out what only makes faults vague: `null` as a second type of each optional key, and
/// choices of one.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(tidy),
        Value::Object(object) => {
            object.values_mut().for_each(tidy);
            without_null(object);
            words_to_enum(object);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn without_null(object: &mut Map<String, Value>) {
    if object.contains_key("x-nullable") {
        object.remove("x-nullable");
        return;
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let only = match object.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only, null]) if null.get("type").is_some_and(|kind| kind == "null") => only.clone(),
        _ => return,
    };
    object.remove("anyOf");
    object.insert("allOf".to_owned(), Value::Array(vec![only]));
}

/// `oneOf` constants, each with a description, become an `enum`.
fn words_to_enum(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else { return };
    let words: Option<Vec<Value>> =
        choices.iter().map(|choice| choice.get("const").cloned()).collect();
    if let Some(words) = words {
        object.remove("oneOf");
        object.insert("type".to_owned(), "string".into());
        object.insert("enum".to_owned(), Value::Array(words));
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
