use super::*;
use crate::{Digest, Manifest, media_type};
use serde_json::json;

fn descriptor(of: &str) -> String {
    let digest = Digest::of(of.as_bytes());
    format!(r#"{{"mediaType":"{}","digest":"{digest}","size":1}}"#, media_type::OCI_CONFIG)
}

fn image(members: &str) -> Result<Manifest, String> {
    let config = descriptor("config");
    let text = format!(r#"{{"schemaVersion":2,"config":{config},"layers":[]{members}}}"#);
    parsed(&text)
}

fn parsed(text: &str) -> Result<Manifest, String> {
    use std::error::Error as _;
    let read = Manifest::parse(media_type::OCI_MANIFEST, text.as_bytes());
    read.map_err(|fault| format!("{fault}: {}", fault.source().expect("JSON is the cause")))
}

#[test]
fn what_another_reader_would_take_is_refused() {
    let evil = descriptor("evil");
    for members in [
        format!(r#","Config":{evil}"#),
        format!(r#","CONFIG":{evil}"#),
        format!(r#","Layers":[{evil}]"#),
        format!(r#","layerſ":[{evil}]"#),
        r#","MediaType":"x","mediaType":"y""#.to_owned(),
        format!(r#","subject":{}"#, evil.replacen('{', r#"{"Digest":"sha256:00","#, 1)),
    ] {
        let fault = image(&members).unwrap_err();
        assert!(fault.contains("for other readers"), "{members}: {fault}");
    }
    let child =
        descriptor("child").replacen('{', r#"{"platform":{"os":"linux","OS":"windows"},"#, 1);
    let index = format!(r#"{{"schemaVersion":2,"manifests":[{child}]}}"#);
    assert!(parsed(&index).unwrap_err().contains("for other readers"));
}

#[test]
fn what_all_readers_take_alike_passes() {
    let config = descriptor("config");
    for members in [
        // The same value, maps with free keys, what nobody knows, and a name that only looks alike.
        format!(r#","Config":{config}"#),
        r#","annotations":{"config":"x","Config":"y","CONFIG":"z"}"#.to_owned(),
        r#","Unknown":1,"unknown":2"#.to_owned(),
        r#","con fig":1,"konfig":2,"configs":3"#.to_owned(),
    ] {
        let read = image(&members).unwrap_or_else(|fault| panic!("{members}: {fault}"));
        assert_eq!(read.blobs().len(), 1, "{members}");
    }
}

#[test]
fn a_lone_member_is_read_as_go_reads_it() {
    let (config, layer) = (descriptor("config"), descriptor("layer"));
    let text = format!(r#"{{"schemaVersion":2,"Config":{config},"LAYERS":[{layer}]}}"#);
    let digests: Vec<_> =
        parsed(&text).unwrap().blobs().into_iter().map(|blob| blob.digest).collect();
    assert_eq!(digests, [Digest::of(b"config"), Digest::of(b"layer")]);
}

#[test]
fn configs_have_one_reading_too() {
    #[derive(Debug, Deserialize)]
    struct Config {
        config: Execution,
    }
    #[derive(Debug, Deserialize)]
    struct Execution {
        #[serde(rename = "Labels")]
        labels: std::collections::BTreeMap<String, String>,
    }
    let read = |text: &str| read_config::<Config>(text.as_bytes());
    let evil = read(r#"{"config":{"Labels":{"a":"b"},"labels":{"evil":"yes"}}}"#).unwrap_err();
    assert!(evil.to_string().contains("`labels` is `Labels` for other readers"), "{evil}");
    let evil = r#"{"config":{"Labels":{}},"Config":{"Labels":{"evil":"yes"}}}"#;
    read(evil).unwrap_err();
    let lone = read(r#"{"Config":{"labels":{"Label":"1","label":"2"}}}"#).unwrap();
    assert_eq!(json!(lone.config.labels), json!({"Label": "1", "label": "2"}));
}

#[test]
fn names_fold_as_go_folds_them() {
    for (name, known, same) in [
        ("Config", "config", true),
        ("diſgest", "disgest", true),
        ("\u{212a}ey", "key", true),
        ("OS.Version", "os.version", true),
        ("os_version", "os.version", false),
        ("configs", "config", false),
        ("cönfig", "config", false),
    ] {
        assert_eq!(folds(name, known), same, "{name}");
    }
}
