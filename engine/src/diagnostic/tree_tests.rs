use super::*;

fn words<'a>(text: &'a str, place: &str) -> &'a str {
    let tree = Tree::parse(text).unwrap();
    let (_, branch) = tree.find(&Place::read(place)).unwrap();
    &text[branch.bytes.clone()]
}

#[test]
fn values_stand_where_they_stand() {
    let text = "# größer → kleiner\na:\n  b: [x, 'y z', 3.10]\n  c: \"q\"\n";
    assert_eq!(words(text, "a.b[0]"), "x");
    assert_eq!(words(text, "a.b[1]"), "'y z'");
    assert_eq!(words(text, "a.b[2]"), "3.10");
    assert_eq!(words(text, "a.c"), "\"q\"");
    assert_eq!(words(text, "a.b"), "[x, 'y z', 3.10]");
}

#[test]
fn duplicates_are_found_at_any_level() {
    let text = "a: {x: 1, y: 2, x: 3}\nb: [{k: 1, k: 2}]\na: 4\n";
    let tree = Tree::parse(text).unwrap();
    let found: Vec<(String, usize)> = tree
        .duplicates()
        .into_iter()
        .map(|(place, _, later)| (place.to_string(), later.bytes.start))
        .collect();
    assert_eq!(found, [("a.x".into(), 16), ("b[0].k".into(), 33), ("a".into(), 40)]);
}

#[test]
fn aliases_are_written_out_within_bounds() {
    let tree = Tree::parse("x: &a {k: v}\ny: *a\n").unwrap();
    let (_, branch) = tree.find(&Place::read("y.k")).unwrap();
    assert_eq!(branch.value, Value::Scalar { text: "v".into(), plain: true });
    let mut lines = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
    for n in 1..9 {
        let list = vec![format!("*a{}", n - 1); 10].join(", ");
        lines.push(format!("a{n}: &a{n} [{list}]"));
    }
    let bomb = lines.join("\n");
    let fault = Tree::parse(&bomb).unwrap_err();
    assert_eq!(fault.code, "spec::not-yaml");
    assert!(Tree::parse(&"[".repeat(100)).is_err());
}

#[test]
fn what_is_not_yaml_has_a_place() {
    let fault = Tree::parse("a: [1,\nb: }\n").unwrap_err();
    assert!(fault.message.starts_with("not YAML"), "{fault}");
    assert!(fault.fact_of("byte").is_some());
    assert_eq!(Tree::parse("a: 1\n---\nb: 2\n").unwrap_err().code, "spec::not-yaml");
    assert!(Tree::parse("# nothing\n").is_ok());
}
