use super::*;
use engine_plugin_sdk::oci::media_type;
use serde_json::{Value, json};

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

fn text(entries: &[Value]) -> Vec<u8> {
    let index = json!({"schemaVersion": 2, "x-own": {"b": 1, "a": 2}, "manifests": entries});
    index.to_string().into_bytes()
}

fn set(index: &mut Index, name: Option<&str>, to: &str) {
    index.set(&[(name.map(str::to_owned), descriptor(to))]).unwrap();
}

fn names(index: &Index) -> Vec<Option<String>> {
    index.entries().map(|entry| entry.name).collect()
}

#[test]
fn what_is_not_ours_stays_as_it_is() {
    let mut strange = entry("a", Some("1"));
    strange["x-strange"] = json!(1);
    let unreadable = json!({"digest": "md5:1"});
    let text = text(&[strange, unreadable]);
    let mut index = Index::parse(&text).unwrap();
    assert_eq!(index.entries().count(), 1);
    set(&mut index, Some("2"), "b");
    let text = String::from_utf8(index.bytes()).unwrap();
    let start = r#"{"schemaVersion":2,"x-own":{"b":1,"a":2},"manifests":[{"mediaType""#;
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("x-strange") && text.contains("md5:1"), "{text}");
}

#[test]
fn a_name_points_to_one_entry() {
    let entries =
        [entry("a", Some("1")), entry("b", Some("2")), entry("c", None), entry("d", Some("1"))];
    let text = text(&entries);
    let mut index = Index::parse(&text).unwrap();
    set(&mut index, Some("1"), "c");
    assert_eq!(names(&index), [Some("1".to_owned()), Some("2".to_owned())]);
    assert_eq!(index.named("1").unwrap().digest, descriptor("c").digest);
    set(&mut index, None, "c");
    set(&mut index, None, "e");
    assert_eq!(index.entries().count(), 3, "listed once, named or not");
    assert!(index.remove_named("2"));
    assert!(!index.remove_named("2"));
    assert!(index.remove_digest(&descriptor("c").digest));
    assert_eq!(names(&index), [None]);
}

#[test]
fn a_name_may_have_the_digest_of_another() {
    let text = text(&[entry("a", Some("1"))]);
    let mut index = Index::parse(&text).unwrap();
    set(&mut index, Some("2"), "a");
    assert_eq!(names(&index), [Some("1".to_owned()), Some("2".to_owned())]);
}

#[test]
fn the_only_image_is_the_only_one() {
    let only = |entries: &[Value], repository: &str| {
        Index::parse(&text(entries))
            .unwrap()
            .only(repository)
            .map(|found| found.map(|found| found.digest))
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

const TWICE: &str = r#"{"manifests":[],"manifests":[1]}"#;

#[test]
fn nonsense_is_refused() {
    for text in ["", "[]", "{}", r#"{"manifests":{}}"#, TWICE] {
        assert_eq!(Index::parse(text.as_bytes()).err().unwrap().code, "invalid", "{text}");
    }
}

#[test]
fn an_empty_list_is_written_as_it_is_read() {
    assert_eq!(Index::parse(EMPTY.as_bytes()).unwrap().bytes(), EMPTY.as_bytes());
    let null = Index::parse(br#"{"schemaVersion":2,"manifests":null}"#).unwrap();
    assert_eq!(null.bytes(), br#"{"schemaVersion":2,"manifests":[]}"#);
    assert!(EMPTY.contains(media_type::OCI_INDEX));
    let spaced = b"{ \"schemaVersion\" : 2,\n \"manifests\": [ { \"digest\" :\"x\"} ] }";
    let index = Index::parse(spaced).unwrap();
    let written = index.bytes();
    assert_eq!(written, br#"{"schemaVersion":2,"manifests":[{ "digest" :"x"}]}"#);
}

#[test]
fn escaped_names_are_found() {
    let digest = descriptor("a").digest;
    let text = format!(
        r#"{{"manifests":[{{"mediaType":"x/y","digest":"{digest}","size":1,"annotations":{{"{REF_NAME}":"a\/b:1"}}}}]}}"#
    );
    let mut index = Index::parse(text.as_bytes()).unwrap();
    assert_eq!(index.named("a/b:1").unwrap().digest, digest);
    assert!(index.remove_named("a/b:1"));
}

#[test]
fn a_group_is_set_at_once_and_the_last_word_counts() {
    let text = text(&[entry("a", Some("1")), entry("b", None)]);
    let mut index = Index::parse(&text).unwrap();
    let naming = |name: Option<&str>, to: &str| (name.map(str::to_owned), descriptor(to));
    let group = [
        naming(None, "c"),
        naming(Some("2"), "b"),
        naming(Some("1"), "c"),
        naming(Some("2"), "d"),
        naming(None, "e"),
    ];
    index.set(&group).unwrap();
    let found: Vec<_> = index.entries().map(|e| (e.name, e.descriptor.digest)).collect();
    let wanted = [(Some("1"), "c"), (None, "b"), (Some("2"), "d"), (None, "e")];
    let wanted = wanted.map(|(n, t)| (n.map(str::to_owned), descriptor(t).digest));
    assert_eq!(found, wanted);
}
