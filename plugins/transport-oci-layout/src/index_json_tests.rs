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

fn named(index: &Index, name: &str) -> Option<Digest> {
    index.named(name, None).unwrap().map(|found| found.digest)
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
    assert_eq!(named(&index, "1"), Some(descriptor("c").digest));
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
    let twice = [entry("a", Some("1")), entry("a", Some("2")), entry("a", None)];
    assert_eq!(only(&twice, "").unwrap(), a, "one image under two names");
    let mut artifact = entry("b", None);
    artifact["artifactType"] = json!("kind/x");
    assert_eq!(only(&[entry("a", None), artifact], "").unwrap(), a);
}

const FOLDED: &str = r#"{"manifests":[],"Manifests":[1]}"#;
const TWICE: &str = r#"{"manifests":[],"manifests":[1]}"#;

#[test]
fn nonsense_is_refused() {
    for text in ["", "[]", "{}", r#"{"manifests":{}}"#, TWICE, FOLDED] {
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
    assert_eq!(named(&index, "a/b:1"), Some(digest));
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

#[test]
fn a_name_of_two_manifests_is_a_fault() {
    let entries = [entry("a", Some("1")), entry("b", Some("1")), entry("a", Some("2"))];
    let text = text(&[entries.clone(), entries].concat());
    let index = Index::parse(&text).unwrap();
    let fault = index.named("1", None).unwrap_err();
    assert_eq!(fault.code, "conflict");
    for text in ["a", "b"] {
        assert!(fault.message.contains(descriptor(text).digest.as_str()), "{fault}");
    }
    assert_eq!(named(&index, "2"), Some(descriptor("a").digest), "twice the same is one");
    assert_eq!(index.names(), ["1", "2"]);
    let many: Vec<Value> = (0..9).map(|at| entry(&at.to_string(), Some("x"))).collect();
    let text = self::text(&many);
    let fault = Index::parse(&text).unwrap().named("x", None).unwrap_err();
    assert!(fault.message.contains("and 5 more"), "{fault}");
}

#[test]
fn a_repository_alone_is_another_name_of_its_latest() {
    let text = text(&[entry("a", Some("r.io/app")), entry("b", Some("r.io/app:1"))]);
    let index = Index::parse(&text).unwrap();
    let latest = |index: &Index| index.named("r.io/app:latest", Some("r.io/app"));
    assert_eq!(latest(&index).unwrap().unwrap().digest, descriptor("a").digest);
    assert_eq!(named(&index, "r.io/app:latest"), None);
    let both = self::text(&[entry("a", Some("r.io/app")), entry("b", Some("r.io/app:latest"))]);
    assert_eq!(latest(&Index::parse(&both).unwrap()).unwrap_err().code, "conflict");
}

#[test]
fn odd_entries_hide_no_others() {
    let mut nulls = entry("a", None);
    nulls["annotations"] = json!(null);
    let mut no_name = entry("b", None);
    no_name["annotations"] = json!({ REF_NAME: null, "x": null });
    let unreadable = json!({"digest": "md5:1", "annotations": { REF_NAME: "broken" }});
    let entries =
        [nulls, no_name, entry("c", Some("")), json!(null), unreadable, entry("d", Some("1"))];
    let text = text(&entries);
    let index = Index::parse(&text).unwrap();
    assert_eq!(index.names(), ["broken", "1"], "an empty name is none");
    assert_eq!(names(&index), [None, None, None, Some("1".to_owned())]);
    assert_eq!(named(&index, "1"), Some(descriptor("d").digest));
    let fault = index.named("broken", None).unwrap_err();
    assert_eq!(fault.code, "invalid");
    assert!(fault.message.contains("`broken`"), "{fault}");
    let text = self::text(&entries[3..5]);
    let fault = Index::parse(&text).unwrap().only("").unwrap_err();
    assert_eq!(fault.code, "invalid", "an image that is not readable is not absent");
}

#[test]
fn a_list_is_read_as_other_programs_read_it() {
    let marked = [b"\xef\xbb\xbf".as_slice(), EMPTY.as_bytes()].concat();
    assert_eq!(Index::parse(&marked).unwrap().bytes(), EMPTY.as_bytes());
    let mut folded = Index::parse(br#"{"schemaVersion":2,"Manifests":[]}"#).unwrap();
    set(&mut folded, Some("1"), "a");
    let text = String::from_utf8(folded.bytes()).unwrap();
    assert!(text.starts_with(r#"{"schemaVersion":2,"Manifests":[{"#), "{text}");
}
