use super::Schema;
use crate::diagnostic::Place;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[track_caller]
fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let schema = Schema::new(schema).unwrap();
    let faults = schema.check(document, &Place::root().key("with"));
    faults
        .iter()
        .map(|fault| format!("{} {}", fault.place.as_deref().unwrap_or(""), fault))
        .collect()
}

#[track_caller]
fn refused(schema: &Value) -> String {
    Schema::new(schema).err().unwrap().message
}

/// Schemas, each with a value that is right, one that is wrong, and what is said of it.
#[track_caller]
fn held<const N: usize>(cases: [(Value, Value, Value, &str); N]) {
    for (schema, right, wrong, said) in cases {
        assert_eq!(faults(&schema, &right), [""; 0], "{schema} {right}");
        let found = faults(&schema, &wrong);
        assert!(found.len() == 1 && found[0].ends_with(said), "{schema} {wrong}: {found:?}");
    }
}

#[test]
fn each_keyword_of_plain_values_is_held() {
    held([
        (json!({"type": "string"}), json!("a"), json!(1), "a text is expected here, not a number"),
        (
            json!({"type": ["integer", "null"]}),
            json!(2.0),
            json!(2.5),
            "a whole number or nothing is expected here, not a number",
        ),
        (
            json!({"enum": ["a", "b"]}),
            json!("a"),
            json!("c"),
            "`c` is not a word that is known here",
        ),
        (json!({"const": 1}), json!(1), json!(2), "`2` is not `1`"),
        (json!({"minLength": 2}), json!("äö"), json!("ä"), "`ä` has fewer than 2 characters"),
        (json!({"maxLength": 2}), json!("äö"), json!("abc"), "`abc` has more than 2 characters"),
        (json!({"pattern": "^a"}), json!("ab"), json!("b"), "`b` is not matched by `^a`"),
        (
            json!({"pattern": "^a", "description": "a word in a"}),
            json!("ab"),
            json!("b"),
            "`b` is not a word in a",
        ),
        (json!({"minimum": 1}), json!(1), json!(0), "`0` is not at least 1"),
        (json!({"exclusiveMaximum": 1}), json!(0), json!(1), "`1` is not less than 1"),
    ]);
}

#[test]
fn each_keyword_of_lists_is_held() {
    held([
        (json!({"minItems": 1}), json!([1]), json!([]), "the list is empty"),
        (json!({"maxItems": 1}), json!([1]), json!([1, 2]), "the list has more than 1 entries"),
        (
            json!({"uniqueItems": true}),
            json!([1, 2]),
            json!([1, 1]),
            "`1` stands twice in the list",
        ),
        (
            json!({"items": {"type": "string"}}),
            json!(["a"]),
            json!([1]),
            "a text is expected here, not a number",
        ),
        (
            json!({"prefixItems": [true], "items": {"type": "string"}}),
            json!([1, "a"]),
            json!([1, 2]),
            "a text is expected here, not a number",
        ),
    ]);
}

#[test]
fn each_keyword_of_maps_is_held() {
    held([
        (
            json!({"dependentSchemas": {"a": {"required": ["b"]}}}),
            json!({"c": 1}),
            json!({"a": 1}),
            "`b` is missing",
        ),
        (json!({"minProperties": 1}), json!({"a": 1}), json!({}), "the map is empty"),
        (json!({"required": ["a"]}), json!({"a": 1}), json!({}), "`a` is missing"),
        (
            json!({"properties": {"a": true}, "additionalProperties": false}),
            json!({"a": 1}),
            json!({"b": 1}),
            "unknown key `b`",
        ),
        (
            json!({"patternProperties": {"^a": {"type": "string"}}}),
            json!({"b": 1}),
            json!({"ab": 1}),
            "a text is expected here, not a number",
        ),
        (
            json!({"propertyNames": {"maxLength": 1}}),
            json!({"a": 1}),
            json!({"ab": 1}),
            "`ab` has more than 1 characters",
        ),
    ]);
}

#[test]
fn each_keyword_that_joins_schemas_is_held() {
    held([
        (
            json!({"allOf": [{"minimum": 1}, {"maximum": 3}]}),
            json!(2),
            json!(4),
            "`4` is not at most 3",
        ),
        (
            json!({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            json!({"b": 1}),
            json!({}),
            "needs `a` or `b`",
        ),
        (
            json!({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            json!({"b": 1}),
            json!({"a": 1, "b": 1}),
            "needs exactly one of `a`, `b`",
        ),
        (json!({"not": {"const": 1}}), json!(2), json!(1), "`1` is not allowed here"),
        (json!({"if": {"const": 1}, "else": {"const": 2}}), json!(2), json!(3), "`3` is not `2`"),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"minimum": 1}}}),
            json!(1),
            json!(0),
            "`0` is not at least 1",
        ),
    ]);
}

#[test]
fn a_schema_beyond_the_subset_is_refused() {
    for (schema, said) in [
        (json!({"minLenght": 1}), "`minLenght` is not understood; did you mean `minLength`?"),
        (json!({"unevaluatedProperties": false}), "`unevaluatedProperties` is not understood"),
        (json!({"type": "text"}), "`type` cannot be `\"text\"`"),
        (json!({"$ref": "https://example.com/a.json"}), "`$ref` cannot be"),
        (json!({"$ref": "#/$defs/gone"}), "`$ref` cannot be"),
        (json!({"properties": {"a": 1}}), "`1` is no schema"),
        (json!({"pattern": "("}), "is not a regular expression"),
        (json!({"patternProperties": {"(?=a)": true}}), "is not a regular expression"),
        (json!([]), "is no schema"),
    ] {
        let why = refused(&schema);
        assert!(why.contains(said), "{schema}: {why}");
    }
    let mut deep = json!(true);
    for _ in 0..40 {
        deep = json!({"not": deep});
    }
    assert!(refused(&deep).contains("levels"));
}

/// References that double sixty times, alternatives of negations, and a schema that is itself.
#[test]
fn a_hostile_schema_ends_soon() {
    let doubled = |keyword: &str| {
        let mut all = serde_json::Map::new();
        for level in 0..60 {
            let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
            all.insert(format!("d{level}"), json!({keyword: [next, next]}));
        }
        all.insert("d60".to_owned(), json!({"not": {"type": "string"}}));
        json!({"$ref": "#/$defs/d0", "$defs": all})
    };
    for schema in [
        doubled("allOf"),
        doubled("anyOf"),
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
    ] {
        let begun = Instant::now();
        let found = faults(&schema, &json!({"a": 1}));
        assert!(found.len() == 1 && found[0].contains("takes too long"), "{found:?}");
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    let long: Vec<u32> = (0..5000).collect();
    let found = faults(&json!({"uniqueItems": true}), &json!(long));
    assert!(found.len() == 1 && found[0].contains("takes too long"), "{found:?}");
}

#[test]
fn values_are_not_quoted_where_they_may_be_secret() {
    let schema =
        json!({"properties": {"a": {"maxLength": 1}, "b": {"enum": ["x"]}, "c": {"const": 1}}});
    let schema = Schema::new(&schema).unwrap().without_values();
    let found =
        schema.check(&json!({"a": "hunter2", "b": "hunter2", "c": "hunter2"}), &Place::root());
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|fault| !format!("{fault:?}").contains("hunter2")), "{found:?}");
}
