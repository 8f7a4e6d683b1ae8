use super::*;
use engine_plugin_sdk::oci::{Algorithm, Hasher, media_type};
use engine_plugin_sdk::testing::{blob_body, with};
use engine_plugin_sdk::{Digest, Signature, Source};
use serde_json::{Value, json};

fn folder() -> Folder {
    Folder::open("", Side::Destination, "{}").unwrap()
}

fn blob(text: &str) -> Descriptor {
    Descriptor::new("x/y", Digest::of(text.as_bytes()), text.len() as u64)
}

fn image(layers: &[&str]) -> Manifest {
    manifest(&json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": blob("config"), "layers": layers.iter().map(|l| blob(l)).collect::<Vec<_>>()}))
}

fn index(children: &[&Manifest]) -> Manifest {
    let children: Vec<_> = children.iter().map(|child| &child.descriptor).collect();
    manifest(
        &json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": children}),
    )
}

fn manifest(value: &Value) -> Manifest {
    let bytes = value.to_string().into_bytes();
    let kind = value["mediaType"].as_str().unwrap();
    Manifest { descriptor: Descriptor::of_manifest(kind, &bytes), bytes }
}

fn put(text: &str) -> Put {
    let body = Source::from_bytes(text.as_bytes());
    let expected = Expected::from(&blob(text));
    let put = PutBlob { expected, body, mount_from: None, resume: None };
    folder().put_blob("", put).unwrap()
}

fn name(manifest: &Manifest) -> Result<(), Fault> {
    let descriptor = manifest.descriptor.clone();
    let naming = Naming { repository: String::new(), tag: Some("1".to_owned()), descriptor };
    folder().tag(&[naming]).remove(0)
}

fn files() -> Vec<String> {
    with(|outside| outside.paths().into_iter().map(str::to_owned).collect())
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[test]
fn an_image_is_written_as_skopeo_writes_it() {
    assert_eq!(put("config"), Put::Done);
    assert_eq!(files()[1], "version", "it comes first");
    assert_eq!(put("layer"), Put::Done);
    assert_eq!(put("layer"), Put::Mounted);
    let image = image(&["layer"]);
    folder().put_manifest("", Some("1"), &image).unwrap();
    assert_eq!(folder().resolve("", &Selector::Only).unwrap(), None, "not named yet");
    name(&image).unwrap();
    let [config, layer] = ["config", "layer"].map(|text| blob(text).digest.hex().to_owned());
    let wanted = vec![config, layer, "manifest.json".to_owned(), "version".to_owned()];
    assert_eq!(files(), sorted(wanted));
    assert_eq!(folder().get_manifest("", &Selector::Only).unwrap(), Some(image.clone()));
    let by_digest = Selector::Digest(image.descriptor.digest.clone());
    assert_eq!(folder().get_manifest("", &by_digest).unwrap(), Some(image.clone()));
    name(&image).unwrap();
    assert!(folder().has_blob("", &blob("layer")).unwrap());
    assert!(!folder().has_blob("", &blob("other")).unwrap());
    let Content::Source(source) = folder().get_blob("", &blob("layer"), 3).unwrap() else {
        panic!("a file is a source");
    };
    assert_eq!(source.read_all(9).unwrap(), b"er");
}

#[test]
fn a_new_image_replaces_the_old_one_at_the_end() {
    put("config");
    put("old");
    let old = image(&["old"]);
    folder().put_manifest("", None, &old).unwrap();
    name(&old).unwrap();
    with(|outside| {
        outside.put("signature-1", "x").unwrap();
        outside.put("notes.txt", "mine").unwrap();
    });
    put("new");
    let (child, absent) = (image(&["new"]), image(&["absent"]));
    let new = index(&[&child, &absent]);
    for manifest in [&child, &new] {
        folder().put_manifest("", None, manifest).unwrap();
    }
    assert_eq!(folder().get_manifest("", &Selector::Only).unwrap(), Some(old), "still whole");
    name(&new).unwrap();
    let mut wanted: Vec<_> =
        ["config", "new"].map(|text| blob(text).digest.hex().to_owned()).into();
    wanted.push(names::child(&child.descriptor.digest));
    wanted.extend(["manifest.json", "notes.txt", "version"].map(str::to_owned));
    assert_eq!(files(), sorted(wanted));
}

#[test]
fn what_is_something_else_is_left_alone() {
    with(|outside| outside.put("thesis.doc", "important").unwrap());
    let image = image(&[]);
    assert_eq!(folder().put_manifest("", None, &image).unwrap_err().code, "conflict");
    assert_eq!(files(), ["thesis.doc"]);
    with(|outside| outside.put("version", "Directory Transport Version: 7\n").unwrap());
    assert_eq!(folder().put_manifest("", None, &image).unwrap_err().code, "unsupported");
    assert_eq!(folder().resolve("", &Selector::Only).unwrap_err().code, "unsupported");
}

#[test]
fn the_lost_and_found_of_a_volume_is_nothing_else() {
    with(|outside| outside.make_directory("lost+found").unwrap());
    folder().put_manifest("", None, &image(&[])).unwrap();
}

#[test]
fn names_need_content_and_there_is_one() {
    let (one, two) = (image(&["1"]), image(&["2"]));
    assert_eq!(name(&one).unwrap_err().code, "not-found");
    let naming = |manifest: &Manifest| Naming {
        repository: String::new(),
        tag: None,
        descriptor: manifest.descriptor.clone(),
    };
    let both = folder().tag(&[naming(&one), naming(&two)]);
    assert!(both.iter().all(|done| done.as_ref().unwrap_err().code == "conflict"));
    assert_eq!(files(), Vec::<String>::new());
    assert_eq!(folder().list_tags("", None).unwrap_err().code, "unsupported");
}

#[test]
fn content_of_an_unknown_digest_gets_its_name_at_its_end() {
    let expected = Expected { media_type: "x/y".to_owned(), digest: None, size: None };
    let put = PutBlob { expected, body: blob_body(b"layer"), mount_from: None, resume: None };
    assert_eq!(folder().put_blob("", put).unwrap(), Put::Done);
    let name = Digest::of(b"layer").hex().to_owned();
    assert_eq!(with(|outside| outside.file(&name)).unwrap(), b"layer");
}

#[test]
fn other_digests_raise_the_version() {
    put("config");
    let mut hasher = Hasher::new(Algorithm::Sha512);
    hasher.update(b"x");
    let descriptor = Descriptor::new("x/y", hasher.finish(), 1);
    let body = Source::from_bytes(b"x");
    let expected = Expected::from(&descriptor);
    let put = PutBlob { expected, body, mount_from: None, resume: None };
    folder().put_blob("", put).unwrap();
    let version = with(|outside| outside.file("version").unwrap());
    assert_eq!(version, b"Directory Transport Version: 1.2\n");
}

fn signature(text: &str) -> Signature {
    let form = if text.starts_with('\0') { "sigstore" } else { "openpgp" };
    let bytes = text.as_bytes().to_vec();
    Signature { form: form.to_owned(), bytes, annotations: Vec::new() }
}

fn signature_files() -> Vec<String> {
    let all =
        with(|outside| outside.paths().iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
    all.into_iter().filter(|path| path.contains("signature-")).collect()
}

#[test]
fn signatures_stand_beside_the_image_and_its_children() {
    let child = image(&["layer"]);
    let top = index(&[&child]);
    for text in ["config", "layer"] {
        put(text);
    }
    for manifest in [&child, &top] {
        folder().put_manifest("", None, manifest).unwrap();
    }
    let (own, childs) = (&top.descriptor.digest, &child.descriptor.digest);
    let two = [signature("\u{89}pgp"), signature("\0sigstore-json\n{}")];
    folder().put_signatures("", own, &two).unwrap();
    folder().put_signatures("", childs, &two[..1]).unwrap();
    name(&top).unwrap();
    let of_child = format!("{}.signature-1", childs.hex());
    let mut files = vec!["signature-1".to_owned(), "signature-2".to_owned(), of_child];
    files.sort();
    let mut found = signature_files();
    found.sort();
    assert_eq!(found, files);
    assert_eq!(folder().signatures("", own).unwrap(), two);
    assert_eq!(folder().signatures("", childs).unwrap(), two[..1]);

    // Of the next image there are none: those of the old one go with it.
    let next = image(&["layer"]);
    let next = index(&[&next, &image(&[])]);
    folder().put_manifest("", None, &image(&[])).unwrap();
    folder().put_manifest("", None, &next).unwrap();
    name(&next).unwrap();
    assert_eq!(folder().signatures("", &next.descriptor.digest).unwrap(), []);
    assert_eq!(signature_files().len(), 1, "the child that stays keeps its own");
}
