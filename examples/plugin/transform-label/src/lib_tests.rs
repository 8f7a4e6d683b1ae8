//! Labels set in images in memory.

use super::*;
use engine_plugin_sdk::oci::Manifest;
use engine_plugin_sdk::oci::media_type::{OCI_CONFIG, OCI_INDEX, OCI_MANIFEST};
use engine_plugin_sdk::{Descriptor, Digest};
use serde_json::{Value, json};

const SETTINGS: &str = r#"{"set": {"team": "red"}}"#;

fn document(media_type: &str, value: &Value, config: Option<&str>) -> Document {
    let bytes = value.to_string().into_bytes();
    Document {
        descriptor: Descriptor::of_manifest(media_type, &bytes),
        bytes,
        config: config.map(|config| config.as_bytes().to_vec()),
        changed: Vec::new(),
        extra: Vec::new(),
    }
}

fn image(config: &str, layer_type: &str) -> Document {
    let config_of = json!({"mediaType": OCI_CONFIG, "digest": Digest::of(config.as_bytes()),
        "size": config.len(), "data": "e30="});
    let layer = json!({"mediaType": layer_type, "digest": Digest::of(b"layer"), "size": 5});
    let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config_of,
        "layers": [layer], "x-kept": [1, {"b": 1, "a": 2}]});
    document(OCI_MANIFEST, &manifest, Some(config))
}

fn layered(config: &str) -> Document {
    image(config, "application/vnd.oci.image.layer.v1.tar")
}

fn rewrite(document: &Document) -> Option<Edit> {
    Label::rewrite(document, SETTINGS).unwrap()
}

#[test]
fn a_label_changes_config_and_manifest_and_nothing_else() {
    let edit = rewrite(&layered(r#"{"os": "linux", "config": {"Env": ["A=1"]}, "z": 1, "a": 2}"#))
        .unwrap();
    let config = edit.config.unwrap();
    let expected = r#"{"os":"linux","config":{"Env":["A=1"],"Labels":{"team":"red"}},"z":1,"a":2}"#;
    assert_eq!(String::from_utf8(config.clone()).unwrap(), expected);
    let value: Value = serde_json::from_slice(&edit.bytes).unwrap();
    assert_eq!(value["config"]["digest"], Digest::of(&config).to_string());
    assert_eq!(value["config"]["size"], config.len());
    assert_eq!(value["config"].get("data"), None, "the old content is not carried along");
    assert_eq!(value["x-kept"].to_string(), r#"[1,{"b":1,"a":2}]"#);
    let again = image(expected, "application/vnd.oci.image.layer.v1.tar");
    assert_eq!(rewrite(&again), None, "what has the label stays as it is");
    assert!(rewrite(&layered(r#"{"config": null}"#)).is_some());
    assert!(rewrite(&layered(r#"{"config": {"Labels": {"team": "blue"}}}"#)).is_some());
}

#[test]
fn an_index_names_what_has_changed() {
    let (old, attestation) = (Digest::of(b"old"), Digest::of(b"attestation"));
    let new = Descriptor::of_manifest(OCI_MANIFEST, b"new one");
    let child = |digest: &Digest| {
        json!({"mediaType": OCI_MANIFEST, "digest": digest, "size": 3,
        "platform": {"os": "linux", "architecture": "amd64"}})
    };
    let mut statement = child(&attestation);
    statement["annotations"] = json!({"vnd.docker.reference.digest": old});
    let index_of = |children: &[Value]| json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children});
    let mut index = document(OCI_INDEX, &index_of(&[child(&old), statement.clone()]), None);
    assert_eq!(rewrite(&index), None);
    index.changed = vec![(old.clone(), new.clone())];
    let edit = rewrite(&index).unwrap();
    let manifest = Manifest::parse(OCI_INDEX, &edit.bytes).unwrap();
    let [first, second] = manifest.entries() else { panic!("two children") };
    assert_eq!((&first.digest, first.size), (&new.digest, new.size));
    assert!(first.platform.is_some());
    assert_eq!((&second.digest, second.size), (&attestation, 3));
    assert_eq!(second.attests(), Some(new.digest), "it speaks of the image by its new digest");
    index.bytes = edit.bytes;
    assert_eq!(rewrite(&index), None, "all is named already");
    index.bytes = index_of(&[statement]).to_string().into_bytes();
    assert!(rewrite(&index).is_some(), "the attestation alone still had the old name");
}

#[test]
fn what_is_no_image_stays_as_it_is() {
    assert_eq!(rewrite(&image("{}", "application/vnd.in-toto+json")), None, "an attestation");
    let config = json!({"mediaType": "application/vnd.oci.empty.v1+json",
        "digest": Digest::of(b"{}"), "size": 2});
    let chart =
        json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": []});
    assert_eq!(rewrite(&document(OCI_MANIFEST, &chart, Some("{}"))), None);
    assert_eq!(rewrite(&document(OCI_MANIFEST, &chart, None)), None);
}

#[test]
fn what_is_not_readable_is_a_fault() {
    for config in ["", "[]", r#"{"config": 1}"#, r#"{"config": {"Labels": []}}"#] {
        let fault = Label::rewrite(&layered(config), SETTINGS).unwrap_err();
        assert_eq!(fault.code, "invalid", "{config}");
    }
    assert_eq!(Label::rewrite(&layered("{}"), "{}").unwrap_err().code, "settings");
}
