use super::*;
use engine_plugin_sdk::Source;
use engine_plugin_sdk::oci::media_type;
use engine_plugin_sdk::testing::{blob_body, broken, with};
use serde_json::{Value, json};

fn layout() -> Layout {
    Layout::open("", Side::Destination, "{}").unwrap()
}

fn source() -> Layout {
    Layout::open("", Side::Source, "{}").unwrap()
}

fn blob(text: &str) -> Descriptor {
    Descriptor::new("x/y", Digest::of(text.as_bytes()), text.len() as u64)
}

fn manifest(value: &Value) -> Manifest {
    let bytes = value.to_string().into_bytes();
    let kind = value["mediaType"].as_str().unwrap();
    Manifest { descriptor: Descriptor::of_manifest(kind, &bytes), bytes }
}

fn image(layer: &str) -> Manifest {
    manifest(&json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": blob("config"), "layers": [blob(layer)]}))
}

fn signature(subject: &Manifest) -> Manifest {
    manifest(&json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "artifactType": "kind/x", "config": blob("{}"), "layers": [], "annotations": {"a": "b"},
        "subject": subject.descriptor}))
}

fn put(body: Source, text: &str) -> Result<Put, Fault> {
    let expected = Expected::from(&blob(text));
    let put = PutBlob { expected, body, mount_from: None, resume: None };
    layout().put_blob("", put)
}

fn store(manifest: &Manifest) {
    layout().put_manifest("", Some("ignored"), manifest).unwrap();
}

fn naming(repository: &str, tag: Option<&str>, manifest: &Manifest) -> Naming {
    let descriptor = manifest.descriptor.clone();
    Naming { repository: repository.to_owned(), tag: tag.map(str::to_owned), descriptor }
}

fn tag(tag: &str) -> Selector {
    Selector::Tag(tag.to_owned())
}

fn index_text() -> String {
    String::from_utf8(with(|outside| outside.file("index.json")).unwrap()).unwrap()
}

#[test]
fn content_of_an_unknown_digest_gets_its_name_at_its_end() {
    let expected = Expected { media_type: "x/y".to_owned(), digest: None, size: None };
    let body = blob_body(b"layer");
    let put = PutBlob { expected, body, mount_from: None, resume: None };
    assert_eq!(layout().put_blob("", put).unwrap(), Put::Done);
    let path = format!("blobs/sha256/{}", Digest::of(b"layer").hex());
    assert_eq!(with(|outside| outside.file(&path)).unwrap(), b"layer");
}

#[test]
fn an_image_is_found_by_its_position() {
    let (one, two) = (image("one"), image("two"));
    for (name, image) in [("1", &one), ("2", &two)] {
        store(image);
        layout().tag(&[naming("a/b", Some(name), image)])[0].as_ref().unwrap();
    }
    let at = |position| {
        let found = layout().resolve("", &Selector::Index(position)).unwrap();
        found.map(|found| found.digest)
    };
    assert_eq!(at(0), Some(one.descriptor.digest));
    assert_eq!(at(1), Some(two.descriptor.digest));
    assert_eq!(at(2), None);
}

#[test]
fn content_comes_before_names() {
    let image = image("layer");
    assert_eq!(put(Source::from_bytes(b"layer"), "layer").unwrap(), Put::Done);
    assert_eq!(put(Source::from_bytes(b"layer"), "layer").unwrap(), Put::Mounted);
    let early = layout().tag(&[naming("a/b", Some("1"), &image)]);
    assert_eq!(early[0].as_ref().unwrap_err().code, "not-found");
    assert!(
        with(|outside| outside.file("index.json")).is_err(),
        "nothing changed, nothing written"
    );
    store(&image);
    assert_eq!(layout().resolve("", &Selector::Only).unwrap(), None);
    let done = layout().tag(&[naming("a/b", Some("1"), &image), naming("", Some("2"), &image)]);
    assert!(done.iter().all(Result::is_ok));
    let marker = with(|outside| outside.file("oci-layout")).unwrap();
    assert_eq!(marker, br#"{"imageLayoutVersion":"1.0.0"}"#);
    assert!(!index_text().contains("platform"), "{}", index_text());
    let found = layout().get_manifest("a/b", &tag("1")).unwrap().unwrap();
    assert_eq!(found.bytes, image.bytes);
    assert_eq!(layout().resolve("", &tag("1")).unwrap(), None);
    assert_eq!(layout().list_repositories(None).unwrap().names, ["a/b", ""]);
    assert_eq!(layout().list_tags("a/b", None).unwrap().names, ["1"]);
    let by_digest = Selector::Digest(image.descriptor.digest.clone());
    assert_eq!(layout().resolve("", &by_digest).unwrap().unwrap().size, image.descriptor.size);
    assert!(layout().has_blob("", &blob("layer")).unwrap());
    let Content::Source(source) = layout().get_blob("", &blob("layer"), 3).unwrap() else {
        panic!("a file is a source");
    };
    assert_eq!(source.read_all(9).unwrap(), b"er");
}

#[test]
fn a_broken_body_leaves_nothing() {
    let fault = put(broken(b"lay", Fault::io("broke")), "layer").unwrap_err();
    assert_eq!(fault.code, "io");
    assert!(!layout().has_blob("", &blob("layer")).unwrap());
}

#[test]
fn a_directory_with_other_things_is_left_alone() {
    with(|outside| outside.put("thesis.doc", "important").unwrap());
    assert_eq!(put(Source::from_bytes(b"x"), "x").unwrap_err().code, "conflict");
    let done = layout().tag(&[naming("", Some("1"), &image("x"))]);
    assert_eq!(done[0].as_ref().unwrap_err().code, "conflict");
    assert_eq!(with(|outside| outside.file("thesis.doc")).unwrap(), b"important");
    assert!(with(|outside| outside.file("oci-layout")).is_err());
}

#[test]
fn the_lost_and_found_of_a_volume_is_nothing_else() {
    with(|outside| outside.make_directory("lost+found").unwrap());
    assert_eq!(put(Source::from_bytes(b"x"), "x").unwrap(), Put::Done);
    assert!(with(|outside| outside.file("oci-layout")).is_ok());
}

/// Names as containerd and Skopeo write them.
#[test]
fn full_names_are_found_by_repository_and_tag() {
    let (one, two) = (image("one"), image("two"));
    for image in [&one, &two] {
        store(image);
    }
    let named = |name: &str, image: &Manifest| {
        let mut entry = serde_json::to_value(&image.descriptor).unwrap();
        entry["annotations"] = json!({ "org.opencontainers.image.ref.name": name });
        entry
    };
    let entries = [
        named("docker.io/library/app:3.20", &one),
        named("localhost:5000/app:1", &two),
        named("quay.io/team/app", &two),
        named("app", &one),
        named("what is this?", &one),
    ];
    let index = json!({"schemaVersion": 2, "manifests": entries}).to_string();
    with(|outside| outside.put("index.json", index.as_str()).unwrap());
    let repositories = source().list_repositories(None).unwrap().names;
    let wanted =
        ["docker.io/library/app", "localhost:5000/app", "quay.io/team/app", "", "what is this?"];
    assert_eq!(repositories, wanted, "the last one is for the engine to report");
    for (repository, name, image) in [
        ("docker.io/library/app", "3.20", &one),
        ("localhost:5000/app", "1", &two),
        ("quay.io/team/app", "latest", &two),
        ("", "app", &one),
    ] {
        assert_eq!(source().list_tags(repository, None).unwrap().names, [name]);
        let found = source().resolve(repository, &tag(name)).unwrap().unwrap();
        assert_eq!(found.digest, image.descriptor.digest, "{repository}");
    }
    let latest = layout().resolve("quay.io/team/app", &tag("latest")).unwrap();
    assert_eq!(latest, None, "a destination has a name only as it was written");
}

#[test]
fn names_move_and_go() {
    let (old, new) = (image("old"), image("new"));
    for manifest in [&old, &new] {
        store(manifest);
        layout().tag(&[naming("", Some("1"), manifest)]).remove(0).unwrap();
    }
    assert_eq!(index_text().matches("digest").count(), 1, "no entry stays behind");
    assert_eq!(layout().resolve("", &tag("1")).unwrap().unwrap().digest, new.descriptor.digest);
    layout().untag("", "1").unwrap();
    layout().untag("", "1").unwrap();
    assert_eq!(layout().resolve("", &tag("1")).unwrap(), None);
    let digest = &new.descriptor.digest;
    assert!(layout().manifest(digest, None).unwrap().is_some(), "the manifest stays");
    layout().tag(&[naming("", Some("1"), &new)]).remove(0).unwrap();
    layout().delete("", digest).unwrap();
    layout().delete("", digest).unwrap();
    assert!(layout().manifest(digest, None).unwrap().is_none());
    assert_eq!(layout().list_tags("", None).unwrap().names, Vec::<String>::new());
}

#[test]
fn referrers_are_found_by_their_subject() {
    let image = image("layer");
    store(&image);
    layout().tag(&[naming("", Some("1"), &image)]).remove(0).unwrap();
    let signature = signature(&image);
    store(&signature);
    store(&signature);
    let found = layout().referrers("", &image.descriptor.digest).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].digest, signature.descriptor.digest);
    assert_eq!(found[0].artifact_type.as_deref(), Some("kind/x"));
    assert_eq!(found[0].annotations["a"], "b");
    assert_eq!(layout().referrers("", &signature.descriptor.digest).unwrap(), []);
    let only = layout().resolve("", &Selector::Only).unwrap().unwrap();
    assert_eq!(only.digest, image.descriptor.digest, "an artifact of the image is no second image");
}

#[test]
fn what_is_lost_or_broken_is_said() {
    let image = image("layer");
    store(&image);
    layout().tag(&[naming("", Some("1"), &image)]).remove(0).unwrap();
    with(|outside| outside.remove(&Layout::path(&image.descriptor.digest)));
    assert_eq!(layout().get_manifest("", &tag("1")).unwrap_err().code, "not-found");
    with(|outside| outside.put("index.json", "{}").unwrap());
    assert_eq!(layout().list_tags("", None).unwrap_err().code, "invalid");
    assert_eq!(layout().untag("", "1").unwrap_err().code, "invalid", "and it stays as it is");
    assert_eq!(index_text(), "{}");
}

#[test]
fn pages_are_bounded() {
    let names: Vec<String> = (0..=MAX_PAGE).map(|at| at.to_string()).collect();
    let first = page(names.clone(), None).unwrap();
    assert_eq!((first.names.len(), first.next.as_deref()), (MAX_PAGE, Some("10000")));
    let second = page(names.clone(), first.next.as_deref()).unwrap();
    assert_eq!((second.names.len(), second.next), (1, None));
    assert!(page(names, Some("x")).is_err());
}
