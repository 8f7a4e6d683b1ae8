use super::*;

fn descriptor(text: &str) -> Descriptor {
    Descriptor::new(media_type::OCI_MANIFEST, Digest::of(text.as_bytes()), 1)
}

fn entry(text: &str, name: Option<&str>) -> Value {
    let mut entry = serde_json::to_value(descriptor(text)).unwrap();
    if let Some(name) = name {
        entry["annotations"] = json!({ REF_NAME: name });
    }
    entry
}

fn index(entries: &[Value]) -> Index {
    let text = json!({"schemaVersion": 2, "x-own": {"b": 1, "a": 2}, "manifests": entries});
    Index::parse(text.to_string().as_bytes()).unwrap()
}

fn names(index: &Index) -> Vec<Option<String>> {
    index.entries().map(|entry| entry.name).collect()
}

#[test]
fn what_is_not_ours_stays_as_it_is() {
    let mut strange = entry("a", Some("1"));
    strange["x-strange"] = json!(1);
    let unreadable = json!({"digest": "md5:1"});
    let mut index = index(&[strange, unreadable]);
    assert_eq!(index.entries().count(), 1);
    index.set(Some("2"), &descriptor("b")).unwrap();
    let text = String::from_utf8(index.bytes()).unwrap();
    let start = r#"{"schemaVersion":2,"x-own":{"b":1,"a":2},"manifests":[{"mediaType""#;
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("x-strange") && text.contains("md5:1"), "{text}");
}

#[test]
fn a_name_points_to_one_entry() {
    let entries =
        [entry("a", Some("1")), entry("b", Some("2")), entry("c", None), entry("d", Some("1"))];
    let mut index = index(&entries);
    index.set(Some("1"), &descriptor("c")).unwrap();
    assert_eq!(names(&index), [Some("1".to_owned()), Some("2".to_owned())]);
    assert_eq!(index.named("1").unwrap().digest, descriptor("c").digest);
    index.set(None, &descriptor("c")).unwrap();
    index.set(None, &descriptor("e")).unwrap();
    assert_eq!(index.entries().count(), 3, "listed once, named or not");
    assert!(index.remove_named("2"));
    assert!(!index.remove_named("2"));
    assert!(index.remove_digest(&descriptor("c").digest));
    assert_eq!(names(&index), [None]);
}

#[test]
fn a_name_may_have_the_digest_of_another() {
    let mut index = index(&[entry("a", Some("1"))]);
    index.set(Some("2"), &descriptor("a")).unwrap();
    assert_eq!(names(&index), [Some("1".to_owned()), Some("2".to_owned())]);
}

#[test]
fn the_only_image_is_the_only_one() {
    let only = |entries: &[Value], repository: &str| {
        index(entries).only(repository).map(|found| found.map(|found| found.digest))
    };
    let [a, b] = ["a", "b"].map(|text| Some(descriptor(text).digest));
    assert_eq!(only(&[], "").unwrap(), None);
    assert_eq!(only(&[entry("a", None)], "").unwrap(), a);
    assert_eq!(only(&[entry("a", Some("1")), entry("b", None)], "").unwrap(), a);
    assert_eq!(only(&[entry("a", Some("x:1")), entry("b", Some("y:1"))], "y").unwrap(), b);
    assert_eq!(
        only(&[entry("a", Some("1")), entry("b", Some("2"))], "").unwrap_err().code,
        "conflict"
    );
    let mut artifact = entry("b", None);
    artifact["artifactType"] = json!("kind/x");
    assert_eq!(only(&[entry("a", None), artifact], "").unwrap(), a);
}

#[test]
fn nonsense_is_refused() {
    for text in ["", "[]", "{}", r#"{"manifests":null}"#, r#"{"manifests":{}}"#] {
        assert_eq!(Index::parse(text.as_bytes()).err().unwrap().code, "invalid", "{text}");
    }
}
