use super::*;
use crate::{Digest, Manifest, Shape, media_type};
use proptest::prelude::*;
use serde_json::json;

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

fn described(kind: &str, name: &str) -> Descriptor {
    Descriptor::new(kind, Digest::of(name.as_bytes()), name.len() as u64)
}

fn image(layers: &Value) -> Vec<u8> {
    json!({
        "x-first": {"b": 1, "a": [2.50, null]}, "schemaVersion": 2,
        "config": described(media_type::OCI_CONFIG, "config"),
        "layers": layers, "annotations": {"z": "1", "a": "2"}, "x-last": true,
    })
    .to_string()
    .into_bytes()
}

#[test]
fn a_layer_is_replaced_with_all_that_is_true_of_the_new_one() {
    let mut layer = json!(described(GZIP, "old"));
    layer["x-own"] = json!([1]);
    layer["data"] = json!("b2xk");
    layer["urls"] = json!(["https://a.example/old"]);
    layer["annotations"] = json!({
        "containerd.io/snapshot/stargz/toc.digest": "sha256:0",
        "io.github.containers.zstd-chunked.manifest-position": "1:2:3:1",
        "com.example.kept": "yes",
    });
    let mut bare = json!(described(GZIP, "bare"));
    bare["annotations"] = json!({"io.containers.estargz.uncompressed-size": "7"});
    let draft = image(&json!([layer, described(GZIP, "kept"), layer, bare]));
    let new = described(ZSTD, "the new one");
    let written = [
        (described(GZIP, "old"), new.clone()),
        (described(GZIP, "kept"), described(GZIP, "kept")),
        (described(GZIP, "bare"), described(ZSTD, "b")),
        (described(media_type::OCI_CONFIG, "config"), described(media_type::OCI_CONFIG, "no")),
    ];
    let bytes = rebuild(&draft, &written).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let changed = json!({
        "mediaType": ZSTD, "digest": new.digest, "size": 11, "x-own": [1],
        "annotations": {"com.example.kept": "yes"},
    });
    assert_eq!(value["layers"][0], changed);
    assert_eq!(value["layers"][2], changed, "each time that it is named");
    assert_eq!(value["layers"][1], json!(described(GZIP, "kept")));
    assert_eq!(value["layers"][3], json!(described(ZSTD, "b")));
    assert_eq!(value["config"], json!(described(media_type::OCI_CONFIG, "config")), "it stays");
    let text = String::from_utf8(bytes).unwrap();
    let order = ["x-first", "schemaVersion", "config", "layers", "\"z\"", "\"a\":\"2\"", "x-last"];
    let places: Vec<_> = order.iter().map(|member| text.find(member).unwrap()).collect();
    assert!(places.is_sorted() && text.contains(r#"{"b":1,"a":[2.5,null]}"#), "{text}");
}

#[test]
fn only_the_entry_with_the_same_type_is_replaced() {
    let foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    let draft = image(&json!([described(foreign, "one"), described(GZIP, "one")]));
    let written = [(described(GZIP, "one"), described(ZSTD, "new"))];
    let value: Value = serde_json::from_slice(&rebuild(&draft, &written).unwrap()).unwrap();
    assert_eq!(value["layers"], json!([described(foreign, "one"), described(ZSTD, "new")]));
}

#[test]
fn an_index_names_its_new_children_and_their_attestations_too() {
    for (index, manifest) in [
        (media_type::OCI_INDEX, media_type::OCI_MANIFEST),
        (media_type::DOCKER_LIST, media_type::DOCKER_MANIFEST),
    ] {
        let mut child = json!(described(manifest, "child"));
        child["platform"] = json!({"os": "linux", "architecture": "arm64", "x-more": 1});
        let mut attestation = json!(described(manifest, "attestation"));
        attestation["annotations"] = json!({
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": Digest::of(b"child"),
        });
        let draft = json!({"schemaVersion": 2, "mediaType": index, "x": 1,
            "manifests": [child, attestation]});
        let new = described(manifest, "rebuilt child");
        let written = [(described(manifest, "child"), new.clone())];
        let bytes = rebuild(draft.to_string().as_bytes(), &written).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(value["manifests"][0]["platform"], child["platform"]);
        let parsed = Manifest::parse("", &bytes).unwrap();
        assert_eq!((parsed.media_type.as_str(), &parsed.entries()[0].digest), (index, &new.digest));
        assert_eq!(parsed.entries()[0].size, new.size);
        assert_eq!(parsed.entries()[1].digest, Digest::of(b"attestation"), "it stays as it is");
        assert_eq!(parsed.entries()[1].attests(), Some(new.digest));
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for draft in ["", "[]", "3"] {
        assert!(matches!(rebuild(draft.as_bytes(), &[]), Err(EditFault::NotAnObject)));
    }
}

prop_compose! {
    /// A manifest as others write it: any spacing, members in any order, unknown ones among them.
    fn any_draft()(
        names in prop::collection::vec("[a-z]{1,8}", 0..6),
        extra in "[a-z]{1,12}",
        is_index: bool,
        pretty: bool,
        docker: bool,
    ) -> (Vec<u8>, Vec<Descriptor>) {
        let kind = if is_index { media_type::OCI_MANIFEST } else { GZIP };
        let named: Vec<Descriptor> = names.iter().map(|name| described(kind, name)).collect();
        let mut draft = json!({"x-before": {extra.clone(): [extra]}});
        if is_index {
            draft["manifests"] = json!(named);
        } else {
            draft["layers"] = json!(named);
            draft["config"] = json!(described(media_type::OCI_CONFIG, "config"));
        }
        draft["mediaType"] = json!(match (is_index, docker) {
            (true, true) => media_type::DOCKER_LIST,
            (true, false) => media_type::OCI_INDEX,
            (false, true) => media_type::DOCKER_MANIFEST,
            (false, false) => media_type::OCI_MANIFEST,
        });
        draft["schemaVersion"] = json!(2);
        let bytes = if pretty { serde_json::to_vec_pretty(&draft) } else { serde_json::to_vec(&draft) };
        (bytes.unwrap(), named)
    }
}

proptest! {
    #[test]
    fn the_same_descriptors_give_the_same_bytes((draft, named) in any_draft()) {
        let same: Vec<_> = named.iter().cloned().map(|one| (one.clone(), one)).collect();
        prop_assert_eq!(rebuild(&draft, &same).unwrap(), draft.clone());
        prop_assert_eq!(rebuild(&draft, &[]).unwrap(), draft);
    }

    #[test]
    fn only_what_was_written_changes((draft, named) in any_draft(), which in any::<prop::sample::Index>()) {
        prop_assume!(!named.is_empty());
        let old = which.get(&named).clone();
        let new = Descriptor::new(old.media_type.clone(), Digest::of(b"new"), 99);
        let rebuilt = rebuild(&draft, &[(old.clone(), new.clone())]).unwrap();
        let list = |bytes: &[u8]| match Manifest::parse("", bytes).unwrap().shape {
            Shape::Index(children) => children,
            Shape::Image { layers, .. } => layers,
            Shape::Artifact(blobs) => blobs,
            Shape::Schema1(_) => Vec::new(),
        };
        let expected: Vec<_> = named
            .iter()
            .map(|one| if one.digest == old.digest { new.clone() } else { one.clone() })
            .collect();
        prop_assert_eq!(list(&rebuilt), expected);
        let back = rebuild(&rebuilt, &[(new, old)]).unwrap();
        let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        prop_assert_eq!(value(&back), value(&draft));
    }
}
