//! Lets the images pass that have the annotation of the step's settings, whatever it says.
//!
//! `wit/` says what each call means. A call gets an instance of its own: nothing is remembered.

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use engine::plugin::types::Fault;
use exports::engine::plugin::policy::{Claim, Decision, Evidence, Guest, Subject};
use serde_json::Value;

struct Plugin;

export!(Plugin);

impl Guest for Plugin {
    fn needs(_subject: Subject, _settings: String) -> Result<Vec<String>, Fault> {
        // What is decided stands in the manifest: no signature, no referrer is fetched.
        Ok(Vec::new())
    }

    fn decide(
        subject: Subject,
        _evidence: Vec<Evidence>,
        settings: String,
    ) -> Result<Decision, Fault> {
        // The engine has checked the settings by settings.schema.json.
        let settings: Value = serde_json::from_str(&settings).unwrap_or_default();
        let wanted = settings["annotation"].as_str().unwrap_or_default();
        if subject.within.is_some() {
            return Ok(allowed("its index has it"));
        }
        Ok(match annotation(&subject.bytes, wanted) {
            Some(value) => allowed(&format!("{wanted} is `{value}`")),
            None => refused(&format!("there is no annotation `{wanted}`")),
        })
    }
}

fn annotation(manifest: &[u8], name: &str) -> Option<String> {
    let manifest: Value = serde_json::from_slice(manifest).ok()?;
    manifest["annotations"][name].as_str().map(str::to_owned)
}

fn allowed(says: &str) -> Decision {
    let claim = Claim {
        evidence: None,
        by: "rule:annotated".to_owned(),
        says: says.to_owned(),
        extra: Vec::new(),
    };
    decision(true, vec![claim], Vec::new())
}

fn refused(reason: &str) -> Decision {
    decision(false, Vec::new(), vec![reason.to_owned()])
}

fn decision(allowed: bool, claims: Vec<Claim>, reasons: Vec<String>) -> Decision {
    let kind = if allowed { "" } else { "missing" }.to_owned();
    Decision { allowed, kind, claims, reasons, until: None, extra: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_found_in_a_manifest() {
        let manifest = br#"{"annotations": {"org.example.team": "red"}}"#;
        assert_eq!(annotation(manifest, "org.example.team").as_deref(), Some("red"));
        assert_eq!(annotation(manifest, "org.example.other"), None);
        assert_eq!(annotation(b"{}", "org.example.team"), None);
    }
}
