use super::*;
use crate::spec::parse::TOP_KEYS;

#[test]
fn the_schema_is_the_checked_in_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/spec.schema.json");
    let made = format!("{:#}\n", schema());
    if option_env!("UPDATE_CASES").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept == made, "specs/spec.schema.json is old; run the tests with UPDATE_CASES=1");
}

#[test]
fn the_top_keys_are_those_of_the_model() {
    let schema = schema();
    let mut known: Vec<&str> =
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut listed = TOP_KEYS.to_vec();
    known.sort_unstable();
    listed.sort_unstable();
    assert_eq!(known, listed);
}
