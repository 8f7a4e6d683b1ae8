//! A JSON Schema, and what is wrong with a document by it, in words for people.

use super::{Fault, Origin, Place, suggestion};
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::LocationSegment;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

/// A JSON Schema that documents are checked by.
pub struct Schema {
    text: Value,
    validator: Validator,
}

impl Schema {
    /// Prepares a schema.
    ///
    /// # Errors
    ///
    /// `plugin::bad-schema`: it is not a JSON Schema, or it refers to another document. Nothing is
    /// ever fetched.
    pub fn new(schema: &Value) -> Result<Self, Fault> {
        let validator = jsonschema::validator_for(schema).map_err(|fault| {
            let message = format!("not a JSON Schema: {fault}");
            Fault::new("plugin::bad-schema", Origin::Plugin, message)
        })?;
        Ok(Self { text: schema.clone(), validator })
    }

    /// All that is wrong with a document that stands at `at` in a file.
    pub fn check(&self, document: &Value, at: &Place) -> Vec<Fault> {
        let mut faults = Vec::new();
        for error in self.validator.iter_errors(document) {
            let place = place_of(&error, document, at);
            self.explain(&error, &place, &mut faults);
        }
        faults
    }

    fn explain(&self, error: &ValidationError<'_>, at: &Place, faults: &mut Vec<Fault>) {
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                faults.extend(unexpected.iter().map(|key| self.unknown_key(error, key, at)));
            }
            Kind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                faults.push(fault("spec::missing-key", at, format!("`{key}` is missing")));
            }
            Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } | Kind::AnyOf { .. }
                if self.choices(error).is_some() =>
            {
                let choices = self.choices(error).unwrap_or_default();
                faults.push(fault("spec::one-kind", at, choices));
            }
            Kind::Type { kind } => faults.push(self.wrong_type(error, kind, at)),
            Kind::Enum { options } => {
                let words = options.as_array().map(Vec::as_slice).unwrap_or_default();
                let words = || words.iter().filter_map(Value::as_str);
                let found = shown(error.instance());
                let mut fault = fault(
                    "spec::wrong-value",
                    at,
                    format!("{found} is not a word that is known here"),
                );
                fault.help = suggestion(error.instance().as_str().unwrap_or_default(), words());
                faults.push(fault);
            }
            Kind::Constant { expected_value } => {
                let found = shown(error.instance());
                let message = format!("{found} is not {}", shown(expected_value));
                faults.push(fault("spec::wrong-value", at, message));
            }
            Kind::Pattern { .. } | Kind::Minimum { .. } | Kind::Maximum { .. } => {
                let found = shown(error.instance());
                let message = match self.description(error) {
                    Some(what) => format!("{found} is not {what}"),
                    None => format!("{found} is not allowed here: {error}"),
                };
                faults.push(fault("spec::wrong-value", at, message));
            }
            _ => faults.push(fault("spec::wrong-value", at, error.to_string())),
        }
    }

    fn unknown_key(&self, error: &ValidationError<'_>, key: &str, at: &Place) -> Fault {
        let known = self
            .parent(error)
            .and_then(|schema| schema.get("properties"))
            .and_then(Value::as_object)
            .map(|known| known.keys().map(String::as_str).collect::<Vec<_>>())
            .unwrap_or_default();
        let mut fault = fault("spec::unknown-key", &at.key(key), format!("unknown key `{key}`"));
        fault.help = suggestion(key, known);
        fault
    }

    fn wrong_type(&self, error: &ValidationError<'_>, kind: &TypeKind, at: &Place) -> Fault {
        let found = match error.instance().as_ref() {
            Value::Null => "nothing",
            Value::Bool(_) => "`true` or `false`",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "a map",
        };
        if at.key_name() == Some("password") && !error.instance().is_null() {
            return fault("spec::plain-secret", at, "a password stands in the file".to_owned())
                .help("say where it is: `{env: NAME}`, `{file: PATH}` or `{exec: [COMMAND]}`");
        }
        let expected = match kind {
            TypeKind::Single(kind) => vec![kind.to_string()],
            TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
        };
        let scalar = !expected.iter().any(|kind| kind == "object") || expected.len() > 1;
        let what = self.description(error).filter(|_| scalar);
        let what = what.unwrap_or_else(|| {
            expected.iter().map(|kind| type_name(kind)).collect::<Vec<_>>().join(" or ")
        });
        fault("spec::wrong-type", at, format!("{what} is expected here, not {found}"))
    }

    /// What a `oneOf` or `anyOf` of required keys asks for.
    fn choices(&self, error: &ValidationError<'_>) -> Option<String> {
        let choices = self.text.pointer(error.schema_path().as_str())?.as_array()?;
        let keys: Option<Vec<String>> = choices.iter().map(required).collect();
        let keys = keys?;
        Some(match error.kind() {
            Kind::AnyOf { .. } => format!("needs {}", keys.join(" or ")),
            _ => format!("needs exactly one of {}", keys.join(", ")),
        })
    }

    fn description(&self, error: &ValidationError<'_>) -> Option<String> {
        let description = self.parent(error)?.get("description")?.as_str()?;
        Some(description.to_owned())
    }

    /// The schema that the failed keyword stands in.
    fn parent(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (parent, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.text.pointer(parent)
    }
}

/// Where an error is. In a path of the validator `5000` may be a key or an index; the document
/// tells which.
fn place_of(error: &ValidationError<'_>, document: &Value, at: &Place) -> Place {
    let (mut place, mut value) = (at.clone(), document);
    for segment in error.instance_path() {
        let key = match segment {
            LocationSegment::Property(key) => key.into_owned(),
            LocationSegment::Index(index) => index.to_string(),
        };
        let list = value.as_array();
        let next = match (list, key.parse::<usize>()) {
            (Some(list), Ok(index)) => {
                place = place.index(index);
                list.get(index)
            }
            _ => {
                place = place.key(&key);
                value.get(&key)
            }
        };
        value = next.unwrap_or(&Value::Null);
    }
    place
}

fn required(choice: &Value) -> Option<String> {
    let keys = choice.get("required")?.as_array()?;
    let keys: Vec<String> =
        keys.iter().filter_map(Value::as_str).map(|key| format!("`{key}`")).collect();
    Some(keys.join(" and "))
}

fn type_name(kind: &str) -> &'static str {
    match kind {
        "object" => "a map",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "number" => "a number",
        _ => "nothing",
    }
}

/// A value as the user wrote it, if it is short.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

fn fault(code: &'static str, at: &Place, message: String) -> Fault {
    Fault::new(code, Origin::Spec, message).at(at.to_string())
}
