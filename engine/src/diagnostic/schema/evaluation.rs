//! One document, checked by one schema: each keyword that does not hold is a fault.

use super::kind;
use super::schema::Schema;
use crate::diagnostic::{Code, Fault, Origin, Place, codes, suggestion};
use serde_json::{Map, Value};

/// Schemas that are looked at for one document. References that double make a small schema take
/// for ever; an honest one looks at each value a few times.
const MAX_STEPS: usize = 200_000;
/// Schemas within schemas, by reference too: one that refers to itself has no end.
const MAX_DEPTH: usize = 64;

/// A check on its way.
pub(super) struct Evaluation<'a> {
    schema: &'a Schema,
    faults: Vec<Fault>,
    steps: usize,
}

impl<'a> Evaluation<'a> {
    /// All that is wrong with a document.
    pub(super) fn of(schema: &'a Schema, document: &Value, at: &Place) -> Vec<Fault> {
        let mut evaluation = Self { schema, faults: Vec::new(), steps: 0 };
        let ended = evaluation.look(&schema.text, document, at, 0);
        if ended.is_none() {
            let message = "the schema takes too long to check the settings by".to_owned();
            return vec![Fault::new(codes::BAD_SCHEMA, Origin::Spec, message).at(at.to_string())];
        }
        evaluation.faults
    }

    /// Looks at a value by a schema; `None` when it takes too long.
    fn look(&mut self, schema: &'a Value, value: &Value, at: &Place, depth: usize) -> Option<()> {
        self.steps += 1;
        if self.steps > MAX_STEPS || depth > MAX_DEPTH {
            return None;
        }
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => {
                self.wrong(at, format!("{} is not allowed here", self.shown(value)));
                return Some(());
            }
            _ => return Some(()),
        };
        self.itself(keywords, value, at);
        match value {
            Value::String(text) => self.text(keywords, text, at),
            Value::Array(entries) => self.list(keywords, entries, at, depth)?,
            Value::Object(members) => self.map(keywords, members, at, depth)?,
            Value::Number(number) => self.number(keywords, number.as_f64(), value, at),
            Value::Null | Value::Bool(_) => {}
        }
        self.combined(keywords, value, at, depth)
    }

    /// `type`, `enum` and `const`: what the value itself is.
    fn itself(&mut self, keywords: &Map<String, Value>, value: &Value, at: &Place) {
        if let Some(types) = keywords.get("type") {
            let one = std::slice::from_ref(types);
            let words = types.as_array().map_or(one, Vec::as_slice);
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            if !words.iter().any(|word| kind::is(value, word)) {
                self.faults.push(wrong_type(keywords, &words, value, at));
                return;
            }
        }
        if let Some(words) = keywords.get("enum").and_then(Value::as_array)
            && !words.contains(value)
        {
            let words = words.iter().filter_map(Value::as_str);
            let message = format!("{} is not a word that is known here", self.shown(value));
            let mut fault = fault(codes::WRONG_VALUE, at, message);
            fault.help = suggestion(value.as_str().unwrap_or_default(), words);
            self.faults.push(fault);
        }
        if let Some(only) = keywords.get("const").filter(|only| *only != value) {
            self.wrong(at, format!("{} is not `{}`", self.shown(value), plain(only)));
        }
    }

    fn text(&mut self, keywords: &Map<String, Value>, text: &str, at: &Place) {
        let length = text.chars().count() as u64;
        let shown = self.shown(&Value::String(text.to_owned()));
        if let Some(least) = count(keywords, "minLength").filter(|least| length < *least) {
            self.wrong(at, format!("{shown} has fewer than {least} characters"));
        }
        if let Some(most) = count(keywords, "maxLength").filter(|most| length > *most) {
            self.wrong(at, format!("{shown} has more than {most} characters"));
        }
        let pattern = keywords.get("pattern").and_then(Value::as_str);
        let known = pattern.and_then(|pattern| self.schema.patterns.get(pattern));
        if let Some(pattern) = known.filter(|pattern| !pattern.is_match(text)) {
            let what = description(keywords);
            let what = what.map_or_else(|| format!("matched by `{pattern}`"), str::to_owned);
            self.wrong(at, format!("{shown} is not {what}"));
        }
    }

    fn number(
        &mut self,
        keywords: &Map<String, Value>,
        number: Option<f64>,
        value: &Value,
        at: &Place,
    ) {
        let Some(number) = number else { return };
        let limit = |keyword: &str| keywords.get(keyword).and_then(Value::as_f64);
        let outside = [
            limit("minimum")
                .filter(|least| number < *least)
                .map(|least| format!("at least {least}")),
            limit("maximum").filter(|most| number > *most).map(|most| format!("at most {most}")),
            limit("exclusiveMinimum").filter(|l| number <= *l).map(|l| format!("more than {l}")),
            limit("exclusiveMaximum").filter(|m| number >= *m).map(|m| format!("less than {m}")),
        ];
        if let Some(bound) = outside.into_iter().flatten().next() {
            let what = description(keywords).map_or(bound, str::to_owned);
            self.wrong(at, format!("{} is not {what}", self.shown(value)));
        }
    }

    fn list(
        &mut self,
        keywords: &'a Map<String, Value>,
        entries: &[Value],
        at: &Place,
        depth: usize,
    ) -> Option<()> {
        let length = entries.len() as u64;
        if let Some(least) = count(keywords, "minItems").filter(|least| length < *least) {
            self.wrong(
                at,
                match length {
                    0 => "the list is empty".to_owned(),
                    _ => format!("the list has fewer than {least} entries"),
                },
            );
        }
        if let Some(most) = count(keywords, "maxItems").filter(|most| length > *most) {
            self.wrong(at, format!("the list has more than {most} entries"));
        }
        if keywords.get("uniqueItems") == Some(&Value::Bool(true)) {
            // Each comparison is a step: a long list of long values would take quadratic time.
            for (index, entry) in entries.iter().enumerate() {
                self.steps += index;
                if self.steps > MAX_STEPS {
                    return None;
                }
                if entries.iter().take(index).any(|earlier| earlier == entry) {
                    let message = format!("{} stands twice in the list", self.shown(entry));
                    self.wrong(&at.index(index), message);
                }
            }
        }
        let first = list_of(keywords, "prefixItems");
        for (index, entry) in entries.iter().enumerate() {
            if let Some(schema) = first.get(index).or_else(|| keywords.get("items")) {
                self.look(schema, entry, &at.index(index), depth + 1)?;
            }
        }
        Some(())
    }

    fn map(
        &mut self,
        keywords: &'a Map<String, Value>,
        members: &Map<String, Value>,
        at: &Place,
        depth: usize,
    ) -> Option<()> {
        let length = members.len() as u64;
        if let Some(least) = count(keywords, "minProperties").filter(|least| length < *least) {
            self.wrong(
                at,
                match length {
                    0 => "the map is empty".to_owned(),
                    _ => format!("the map has fewer than {least} keys"),
                },
            );
        }
        if let Some(most) = count(keywords, "maxProperties").filter(|most| length > *most) {
            self.wrong(at, format!("the map has more than {most} keys"));
        }
        for key in keywords.get("required").and_then(Value::as_array).into_iter().flatten() {
            let key = key.as_str().unwrap_or_default();
            if !members.contains_key(key) {
                self.faults.push(fault(codes::MISSING_KEY, at, format!("`{key}` is missing")));
            }
        }
        for (key, member) in members {
            self.member(keywords, (key, member), at, depth)?;
        }
        let dependent = keywords.get("dependentSchemas").and_then(Value::as_object);
        for (key, schema) in dependent.into_iter().flatten() {
            if members.contains_key(key) {
                self.look(schema, &Value::Object(members.clone()), at, depth + 1)?;
            }
        }
        Some(())
    }

    /// One member of a map: by its own schema, by those whose pattern fits its key, or by that of
    /// all others.
    fn member(
        &mut self,
        keywords: &'a Map<String, Value>,
        (key, member): (&str, &Value),
        at: &Place,
        depth: usize,
    ) -> Option<()> {
        let place = at.key(key);
        let known = keywords.get("properties").and_then(Value::as_object);
        let own = known.and_then(|known| known.get(key));
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        let fits = |pattern: &str| {
            self.schema.patterns.get(pattern).is_some_and(|pattern| pattern.is_match(key))
        };
        let by_pattern = patterns.into_iter().flatten().filter(|(pattern, _)| fits(pattern));
        let schemas: Vec<&Value> = own.into_iter().chain(by_pattern.map(|(_, s)| s)).collect();
        if let Some(names) = keywords.get("propertyNames") {
            self.look(names, &Value::String(key.to_owned()), &place, depth + 1)?;
        }
        for schema in &schemas {
            self.look(schema, member, &place, depth + 1)?;
        }
        match keywords.get("additionalProperties") {
            Some(Value::Bool(false)) if schemas.is_empty() => {
                let message = format!("unknown key `{key}`");
                let mut fault = fault(codes::UNKNOWN_KEY, &place, message);
                let known = known.into_iter().flat_map(Map::keys).map(String::as_str);
                fault.help = suggestion(key, known);
                self.faults.push(fault);
            }
            Some(others) if schemas.is_empty() => self.look(others, member, &place, depth + 1)?,
            _ => {}
        }
        Some(())
    }

    /// Schemas that are made of schemas.
    fn combined(
        &mut self,
        keywords: &'a Map<String, Value>,
        value: &Value,
        at: &Place,
        depth: usize,
    ) -> Option<()> {
        if let Some(name) = keywords.get("$ref").and_then(Value::as_str)
            && let Some(referred) = self.schema.referred(name)
        {
            self.look(referred, value, at, depth + 1)?;
        }
        for schema in list_of(keywords, "allOf") {
            self.look(schema, value, at, depth + 1)?;
        }
        for (keyword, words) in [("anyOf", "needs"), ("oneOf", "needs exactly one of")] {
            let choices = list_of(keywords, keyword);
            if choices.is_empty() {
                continue;
            }
            let mut held = 0;
            for schema in choices {
                held += usize::from(self.holds(schema, value, at, depth)?);
            }
            if held == 0 || (keyword == "oneOf" && held > 1) {
                self.faults.push(no_choice(choices, words, at));
            }
        }
        if let Some(schema) = keywords.get("not")
            && self.holds(schema, value, at, depth)?
        {
            self.wrong(at, format!("{} is not allowed here", self.shown(value)));
        }
        if let Some(schema) = keywords.get("if") {
            let branch = if self.holds(schema, value, at, depth)? { "then" } else { "else" };
            if let Some(schema) = keywords.get(branch) {
                self.look(schema, value, at, depth + 1)?;
            }
        }
        Some(())
    }

    /// Whether a value is right by a schema; what is wrong is not told.
    fn holds(
        &mut self,
        schema: &'a Value,
        value: &Value,
        at: &Place,
        depth: usize,
    ) -> Option<bool> {
        let before = self.faults.len();
        self.look(schema, value, at, depth + 1)?;
        let holds = self.faults.len() == before;
        self.faults.truncate(before);
        Some(holds)
    }

    fn wrong(&mut self, at: &Place, message: String) {
        self.faults.push(fault(codes::WRONG_VALUE, at, message));
    }

    /// A value, as far as it may be shown.
    fn shown(&self, value: &Value) -> String {
        if self.schema.shows_values {
            format!("`{}`", plain(value))
        } else {
            "the value".to_owned()
        }
    }
}

/// A value as it stands in a file.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn wrong_type(keywords: &Map<String, Value>, words: &[&str], value: &Value, at: &Place) -> Fault {
    if at.key_name() == Some("password") && !value.is_null() {
        return fault(codes::PLAIN_SECRET, at, "a password stands in the file".to_owned())
            .help("say where it is: `{env: NAME}`, `{file: PATH}` or `{exec: [COMMAND]}`");
    }
    let scalar = !words.contains(&"object") || words.len() > 1;
    let all = || words.iter().map(|word| kind::expected(word)).collect::<Vec<_>>().join(" or ");
    let what = description(keywords).filter(|_| scalar).map_or_else(all, str::to_owned);
    let found = kind::found(value);
    fault(codes::WRONG_TYPE, at, format!("{what} is expected here, not {found}"))
}

/// None, or too many, of some choices held. Most are sets of keys of which one must be there.
fn no_choice(choices: &[Value], words: &str, at: &Place) -> Fault {
    let keys: Option<Vec<String>> = choices.iter().map(required).collect();
    match keys {
        Some(keys) if words == "needs" => {
            fault(codes::ONE_KIND, at, format!("needs {}", keys.join(" or ")))
        }
        Some(keys) => fault(codes::ONE_KIND, at, format!("{words} {}", keys.join(", "))),
        None => fault(codes::WRONG_VALUE, at, "is none of what is allowed here".to_owned()),
    }
}

fn required(choice: &Value) -> Option<String> {
    let keys = choice.get("required")?.as_array()?;
    let keys: Vec<String> =
        keys.iter().filter_map(Value::as_str).map(|key| format!("`{key}`")).collect();
    Some(keys.join(" and "))
}

/// What is expected, in the words of the schema. Those of our scalars read on after "is not";
/// others are sentences about a key.
fn description(keywords: &Map<String, Value>) -> Option<&str> {
    let description = keywords.get("description")?.as_str()?;
    let reads_on = !description.starts_with(char::is_uppercase) && !description.ends_with('.');
    reads_on.then_some(description)
}

fn count(keywords: &Map<String, Value>, keyword: &str) -> Option<u64> {
    keywords.get(keyword)?.as_u64()
}

fn list_of<'a>(keywords: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    keywords.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn fault(code: Code, at: &Place, message: String) -> Fault {
    Fault::new(code, Origin::Spec, message).at(at.to_string())
}
