//! Writes the note of the step's settings into the annotations of manifests and indexes.
//!
//! `wit/` says what each call means. A call gets an instance of its own: nothing is remembered.

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use engine::plugin::types::Fault;
use exports::engine::plugin::transform::{Document, Edit, Guest};
use serde_json::{Value, json};

/// The annotation.
const NOTE: &str = "org.example.note";

struct Plugin;

export!(Plugin);

impl Guest for Plugin {
    fn needs(_settings: String) -> Result<Vec<String>, Fault> {
        // `config` costs a request for each image.
        Ok(Vec::new())
    }

    fn rewrite(document: Document, settings: String) -> Result<Option<Edit>, Fault> {
        // The engine has checked the settings by settings.schema.json.
        let settings: Value = serde_json::from_str(&settings).unwrap_or_default();
        let bytes = noted(&document.bytes, settings["note"].as_str().unwrap_or("hello"))?;
        Ok(bytes.map(|bytes| Edit { bytes, config: None, extra: Vec::new() }))
    }
}

/// The manifest with the note; nothing where it has it already, as it stays the same image then.
fn noted(manifest: &[u8], note: &str) -> Result<Option<Vec<u8>>, Fault> {
    let mut manifest: Value = serde_json::from_slice(manifest).map_err(|e| invalid(&e.to_string()))?;
    if manifest["annotations"][NOTE] == note {
        return Ok(None);
    }
    if !manifest["annotations"].is_object() {
        manifest["annotations"] = json!({});
    }
    manifest["annotations"][NOTE] = json!(note);
    Ok(Some(manifest.to_string().into_bytes()))
}

/// A failure with one of the words of `wit/`'s `fault`.
fn invalid(message: &str) -> Fault {
    Fault {
        code: "invalid".to_owned(),
        message: format!("the manifest cannot be read: {message}"),
        retry_after: None,
        extra: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_written_once() {
        let bytes = noted(br#"{"schemaVersion":2,"layers":[]}"#, "x").unwrap().unwrap();
        let expected = r#"{"schemaVersion":2,"layers":[],"annotations":{"org.example.note":"x"}}"#;
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
        assert_eq!(noted(&bytes, "x").unwrap(), None);
        assert_eq!(noted(b"", "x").unwrap_err().code, "invalid");
    }
}
