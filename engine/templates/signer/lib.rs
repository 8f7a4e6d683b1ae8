//! Signs each image as cosign and Skopeo do, with a note beside what they say: a JSON text that names the
//! image, attached to it with the signature of those bytes. Other tools verify it.
//!
//! `wit/` says what each call means. A call gets an instance of its own: nothing is remembered.

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use engine::plugin::judgement::{Evidence, Subject};
use engine::plugin::keys::{self, Key};
use engine::plugin::types::Fault;
use exports::engine::plugin::signer::{Artifact, Guest, Presence};
use serde_json::{Value, json};

/// The media type of such a text, and the annotation with its signature.
const TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// The digits of base64.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Plugin;

export!(Plugin);

impl Guest for Plugin {
    fn needs(_settings: String) -> Result<Vec<String>, Fault> {
        Ok(vec!["attachment".to_owned()])
    }

    fn present(
        subject: Subject,
        evidence: Vec<Evidence>,
        settings: String,
    ) -> Result<Presence, Fault> {
        let (key, text) = read(&settings, &subject)?;
        let texts = evidence.iter().filter(|one| one.descriptor.media_type == TYPE);
        let mut answer = Presence::No;
        for found in texts {
            match &found.bytes {
                // Its bytes are on their way: the engine asks again.
                None => answer = Presence::Fetch,
                Some(bytes) if *bytes == text && is_signed(&key, found) => return Ok(Presence::Yes),
                Some(_) => {}
            }
        }
        Ok(answer)
    }

    fn sign(subject: Subject, settings: String) -> Result<Vec<Artifact>, Fault> {
        let (key, text) = read(&settings, &subject)?;
        // The key stays in the engine, which reads the text, and signs it as it is about this image.
        let signature = key.sign(&scheme(&key), &text)?;
        Ok(vec![Artifact {
            form: "attachment".to_owned(),
            media_type: TYPE.to_owned(),
            artifact_type: None,
            bytes: text,
            annotations: vec![(SIGNATURE.to_owned(), base64(&signature))],
            manifest_annotations: Vec::new(),
            extra: Vec::new(),
        }])
    }
}

/// The key, and what is signed. The engine has checked the settings by settings.schema.json.
fn read(settings: &str, subject: &Subject) -> Result<(Key, Vec<u8>), Fault> {
    let settings: Value = serde_json::from_str(settings).unwrap_or_default();
    let key = keys::open(settings["key"].as_str().unwrap_or_default())?;
    let name = subject.reference.as_deref().unwrap_or_default();
    let note = settings["note"].as_str().unwrap_or("hello");
    Ok((key, text(&subject.descriptor.digest, name, note)))
}

/// The same for the same image, so that it is found again. What is said in `optional` is free.
fn text(digest: &str, name: &str, note: &str) -> Vec<u8> {
    let critical = json!({
        "identity": {"docker-reference": name},
        "image": {"docker-manifest-digest": digest},
        "type": "cosign container image signature",
    });
    json!({"critical": critical, "optional": {"note": note}}).to_string().into_bytes()
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

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut number = three.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        number <<= 8 * (3 - three.len());
        let digits = [18, 12, 6, 0].map(|shift| DIGITS[(number >> shift) as usize & 63]);
        text.extend(digits.iter().take(three.len() + 1).map(|digit| char::from(*digit)));
        text.extend(std::iter::repeat_n('=', 3 - three.len()));
    }
    text
}

/// The bytes of a text in base64; none if it is not.
fn bytes(base64: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for four in base64.trim_end_matches('=').as_bytes().chunks(4) {
        let mut number = 0;
        for digit in four {
            let value = DIGITS.iter().position(|known| known == digit)?;
            number = number << 6 | u32::try_from(value).ok()?;
        }
        number <<= 6 * (4 - four.len());
        bytes.extend(number.to_be_bytes().iter().skip(1).take(four.len().saturating_sub(1)));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_base64_and_read_again() {
        for (of, text) in [(&[][..], ""), (&[0], "AA=="), (&[0, 171], "AKs="), (b"foo", "Zm9v")] {
            assert_eq!(base64(of), text);
            assert_eq!(bytes(text).as_deref(), Some(of));
        }
        assert_eq!(bytes("x!"), None);
    }

    #[test]
    fn a_text_names_its_image() {
        let text: Value = serde_json::from_slice(&text("sha256:1", "a/b:1", "x")).unwrap();
        assert_eq!(text["critical"]["image"], json!({"docker-manifest-digest": "sha256:1"}));
        assert_eq!(text["critical"]["identity"], json!({"docker-reference": "a/b:1"}));
        assert_eq!(text["optional"], json!({"note": "x"}));
    }
}
