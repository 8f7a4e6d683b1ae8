//! A transform that does what its settings say.

use engine_plugin_sdk::transform::{Document, Edit};
use engine_plugin_sdk::{Digest, Fault, Transform};

/// The guest.
struct Wild;

engine_plugin_sdk::export_transform!(Wild);

impl Transform for Wild {
    fn needs(_: &str) -> Result<Vec<String>, Fault> {
        Ok(vec!["config".to_owned()])
    }

    #[expect(clippy::panic, reason = "what this guest is there for")]
    fn rewrite(document: &Document, settings: &str) -> Result<Option<Edit>, Fault> {
        let made = |bytes: Vec<u8>| Ok(Some(Edit { bytes, config: None }));
        match settings.split('"').nth(3).unwrap_or_default() {
            "trap" => panic!("this guest panics"),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "deny-calls" => Err(Fault::new("denied", "not today")),
            "foreign" => made(foreign(document)),
            "subject" => made(about_another(document)),
            "garbage" => made(b"\xff not a manifest".to_vec()),
            "index" => made(
                br#"{"schemaVersion": 2, "manifests": [],
                    "mediaType": "application/vnd.oci.image.index.v1+json"}"#
                    .to_vec(),
            ),
            "huge" => made(vec![b' '; 5 << 20]),
            _ => Ok(None),
        }
    }
}

/// The same image, which says that it is about one that is not there: its signature, say.
fn about_another(document: &Document) -> Vec<u8> {
    let text = String::from_utf8_lossy(&document.bytes).into_owned();
    let subject = format!(
        r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"{}"}}"#,
        Digest::of(b"another image").as_str()
    );
    text.replacen('{', &format!(r#"{{"subject":{subject},"#), 1).into_bytes()
}

/// A manifest that names a config which neither the image has nor the guest made.
fn foreign(document: &Document) -> Vec<u8> {
    let text = String::from_utf8_lossy(&document.bytes).into_owned();
    let config = document.config.as_deref().unwrap_or_default();
    text.replace(Digest::of(config).as_str(), Digest::of(b"nowhere").as_str()).into_bytes()
}
