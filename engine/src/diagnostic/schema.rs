//! A JSON Schema, and what is wrong with a document by it, in words for people.

use super::nearest::MEANT;
use super::{Code, Fault, Origin, Place, codes, suggestion};
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::LocationSegment;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A JSON Schema that documents are checked by.
pub struct Schema {
    text: Value,
    validator: Validator,
    shows_values: bool,
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
            Fault::new(codes::BAD_SCHEMA, Origin::Plugin, message)
        })?;
        Ok(Self { text: schema.clone(), validator, shows_values: true })
    }

    /// The same schema, whose faults do not quote the document: for settings that may hold what
    /// a variable was filled in with.
    #[must_use]
    pub fn without_values(self) -> Self {
        Self { shows_values: false, ..self }
    }

    /// All that is wrong with a document that stands at `at` in a file.
    pub fn check(&self, document: &Value, at: &Place) -> Vec<Fault> {
        let mut faults = Vec::new();
        for error in self.validator.iter_errors(document) {
            let place = place_of(&error, document, at);
            self.explain(&error, &place, &mut faults);
        }
        without_followers(faults)
    }

    fn explain(&self, error: &ValidationError<'_>, at: &Place, faults: &mut Vec<Fault>) {
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                faults.extend(unexpected.iter().map(|key| self.unknown_key(error, key, at)));
            }
            Kind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                faults.push(fault(codes::MISSING_KEY, at, format!("`{key}` is missing")));
            }
            Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } | Kind::AnyOf { .. }
                if self.choices(error).is_some() =>
            {
                let choices = self.choices(error).unwrap_or_default();
                faults.push(fault(codes::ONE_KIND, at, choices));
            }
            Kind::MinItems { .. } => {
                faults.push(fault(codes::WRONG_VALUE, at, "the list is empty".to_owned()));
            }
            Kind::Type { kind } => faults.push(self.wrong_type(error, kind, at)),
            Kind::Enum { options } => {
                let words = options.as_array().map(Vec::as_slice).unwrap_or_default();
                let words = || words.iter().filter_map(Value::as_str);
                let found = self.shown(error.instance());
                let mut fault = fault(
                    codes::WRONG_VALUE,
                    at,
                    format!("{found} is not a word that is known here"),
                );
                fault.help = suggestion(error.instance().as_str().unwrap_or_default(), words());
                faults.push(fault);
            }
            Kind::Constant { expected_value } => {
                let found = self.shown(error.instance());
                let message = format!("{found} is not `{expected_value}`");
                faults.push(fault(codes::WRONG_VALUE, at, message));
            }
            Kind::Pattern { .. } | Kind::Minimum { .. } | Kind::Maximum { .. } => {
                let found = self.shown(error.instance());
                let message = match self.description(error) {
                    Some(what) => format!("{found} is not {what}"),
                    None => error.masked_with(found).to_string(),
                };
                faults.push(fault(codes::WRONG_VALUE, at, message));
            }
            _ => {
                let message = error.masked_with(self.shown(error.instance())).to_string();
                faults.push(fault(codes::WRONG_VALUE, at, message));
            }
        }
    }

    fn unknown_key(&self, error: &ValidationError<'_>, key: &str, at: &Place) -> Fault {
        let known = self
            .parent(error)
            .and_then(|schema| schema.get("properties"))
            .and_then(Value::as_object)
            .map(|known| known.keys().map(String::as_str).collect::<Vec<_>>())
            .unwrap_or_default();
        let mut fault = fault(codes::UNKNOWN_KEY, &at.key(key), format!("unknown key `{key}`"));
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
            return fault(codes::PLAIN_SECRET, at, "a password stands in the file".to_owned())
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
        fault(codes::WRONG_TYPE, at, format!("{what} is expected here, not {found}"))
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

    /// What is expected, in the words of the schema.
    fn description(&self, error: &ValidationError<'_>) -> Option<String> {
        let description = self.parent(error)?.get("description")?.as_str()?;
        // Those of our scalars read on after "is not"; others are sentences about a key.
        let reads_on = !description.starts_with(char::is_uppercase) && !description.ends_with('.');
        reads_on.then(|| description.to_owned())
    }

    /// A value, as far as it may be shown.
    fn shown(&self, value: &Value) -> String {
        match value {
            _ if !self.shows_values => "the value".to_owned(),
            Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        }
    }

    /// The schema that the failed keyword stands in.
    fn parent(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (parent, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.text.pointer(parent)
    }
}

/// The faults without those that another one explains: a key that is missing because it is
/// misspelt, and keys that are asked of a value that is no map.
fn without_followers(faults: Vec<Fault>) -> Vec<Fault> {
    let mut no_maps: BTreeSet<String> = BTreeSet::new();
    let mut misspelt: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for fault in &faults {
        let place = fault.place.as_deref().unwrap_or_default();
        if fault.is(codes::WRONG_TYPE) || fault.is(codes::PLAIN_SECRET) {
            no_maps.insert(place.to_owned());
        } else if fault.is(codes::UNKNOWN_KEY) {
            let beside = Place::read(place).parent().unwrap_or_default().to_string();
            let meant = fault.help.as_deref().and_then(|help| help.strip_prefix(MEANT));
            let meant = meant.map(|name| name.trim_end_matches('?').to_owned());
            misspelt.entry(beside).or_default().extend(meant);
        }
    }
    let follows = |fault: &Fault| {
        let place = fault.place.as_deref().unwrap_or_default();
        let misspelt = misspelt
            .get(place)
            .is_some_and(|meant| meant.iter().any(|name| fault.message.contains(name.as_str())));
        (fault.is(codes::MISSING_KEY) || fault.is(codes::ONE_KIND))
            && (misspelt || no_maps.contains(place))
    };
    faults.into_iter().filter(|fault| !follows(fault)).collect()
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
        let next = if let (Some(list), Ok(index)) = (value.as_array(), key.parse::<usize>()) {
            place = place.index(index);
            list.get(index)
        } else {
            place = place.key(&key);
            value.get(&key)
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

fn fault(code: Code, at: &Place, message: String) -> Fault {
    Fault::new(code, Origin::Spec, message).at(at.to_string())
}
