//! Attaches a signed note to each image: a referrer whose layer says the note and the image's digest,
//! and whose annotation is the signature of those bytes.
//!
//! `wit/` says what each call means. A call gets an instance of its own: nothing is remembered.

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use engine::plugin::judgement::{Evidence, Subject};
use engine::plugin::keys::{self, Key};
use engine::plugin::types::Fault;
use exports::engine::plugin::signer::{Artifact, Guest, Presence};
use serde_json::{Value, json};

/// The media type of a note, and the annotation with its signature.
const TYPE: &str = "application/vnd.example.note.v1+json";
const SIGNATURE: &str = "org.example.signature";

struct Plugin;

export!(Plugin);

impl Guest for Plugin {
    fn needs(_settings: String) -> Result<Vec<String>, Fault> {
        Ok(vec!["referrer".to_owned()])
    }

    fn present(
        subject: Subject,
        evidence: Vec<Evidence>,
        settings: String,
    ) -> Result<Presence, Fault> {
        let (key, note) = read(&settings, &subject.descriptor.digest)?;
        let notes = evidence.iter().filter(|one| one.descriptor.media_type == TYPE);
        let mut answer = Presence::No;
        for found in notes {
            match &found.bytes {
                // Its bytes are on their way: the engine asks again.
                None => answer = Presence::Fetch,
                Some(bytes) if *bytes == note && is_signed(&key, found) => return Ok(Presence::Yes),
                Some(_) => {}
            }
        }
        Ok(answer)
    }

    fn sign(subject: Subject, settings: String) -> Result<Vec<Artifact>, Fault> {
        let (key, note) = read(&settings, &subject.descriptor.digest)?;
        // The key stays in the engine, which signs nothing that does not name the image.
        let signature = key.sign(&scheme(&key), &note)?;
        Ok(vec![Artifact {
            form: "referrer".to_owned(),
            media_type: TYPE.to_owned(),
            artifact_type: Some(TYPE.to_owned()),
            bytes: note,
            annotations: vec![(SIGNATURE.to_owned(), hex(&signature))],
            manifest_annotations: Vec::new(),
            extra: Vec::new(),
        }])
    }
}

/// The key, and what is signed. The engine has checked the settings by settings.schema.json.
fn read(settings: &str, digest: &str) -> Result<(Key, Vec<u8>), Fault> {
    let settings: Value = serde_json::from_str(settings).unwrap_or_default();
    let key = keys::open(settings["key"].as_str().unwrap_or_default())?;
    Ok((key, note(digest, settings["note"].as_str().unwrap_or("hello"))))
}

/// The same for the same image, so that it is found again.
fn note(digest: &str, text: &str) -> Vec<u8> {
    json!({"image": digest, "note": text}).to_string().into_bytes()
}

fn is_signed(key: &Key, found: &Evidence) -> bool {
    let all = &found.descriptor.annotations;
    let signature = all.iter().find(|(name, _)| name == SIGNATURE).and_then(|(_, text)| bytes(text));
    let (Some(signature), Some(message)) = (signature, &found.bytes) else { return false };
    keys::verify(&scheme(key), &key.public(), message, &signature)
}

/// How the key signs, at its best.
fn scheme(key: &Key) -> String {
    key.schemes().into_iter().next().unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2));
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_hex_and_read_again() {
        assert_eq!(hex(&[0, 171]), "00ab");
        assert_eq!(bytes("00ab"), Some(vec![0, 171]));
        assert_eq!(bytes("0"), None);
        assert_eq!(bytes("xy"), None);
    }

    #[test]
    fn a_note_names_its_image() {
        let text = String::from_utf8(note("sha256:1", "x")).unwrap();
        assert_eq!(text, r#"{"image":"sha256:1","note":"x"}"#);
    }
}
