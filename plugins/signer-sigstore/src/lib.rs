//! Signs as cosign and Skopeo do: a small text that names the image, signed with a key, attached
//! under the tag `sha256-<hex>.sig`. See README.md.

mod layer;
mod settings;
mod signing_key;

use engine_plugin_sdk::oci::simple_signing::{self, Payload};
use engine_plugin_sdk::oci::{Digest, Reference};
use engine_plugin_sdk::signer::{Artifact, Form, Presence};
use engine_plugin_sdk::{Evidence, Fault, Signer, Subject};
use layer::Layer;
use settings::Settings;
use signing_key::SigningKey;

/// Signatures that are looked at in search of our own. Source: `wit/policy.wit`, which has the
/// same bound.
const MAX_LAYERS: usize = 128;

struct Sigstore;

impl Signer for Sigstore {
    fn needs(settings: &str) -> Result<Vec<String>, Fault> {
        Settings::parse(settings)?;
        Ok(vec![layer::FORM.to_owned()])
    }

    fn present(
        subject: &Subject,
        evidence: &[Evidence],
        settings: &str,
    ) -> Result<Presence, Fault> {
        let ours = payload(subject)?;
        let key = SigningKey::open(&Settings::parse(settings)?.key)?;
        let layers: Vec<Layer<'_>> =
            evidence.iter().filter_map(Layer::of).take(MAX_LAYERS).collect();
        let text = ours.to_bytes();
        let digest = Digest::of(&text);
        let made = |layer: &&Layer<'_>| *layer.digest == digest;
        if layers.iter().filter(made).any(|layer| key.made(&text, &layer.signature)) {
            return Ok(Presence::Yes);
        }
        // Others may say the same in other words: with a time, or with the name of a tool.
        let mut unread = false;
        for layer in layers.iter().filter(|layer| !made(layer)) {
            match layer.text {
                None => unread = true,
                Some(text) if key.made(text, &layer.signature) => {
                    if Payload::parse(text).is_ok_and(|said| same(&said, &ours)) {
                        return Ok(Presence::Yes);
                    }
                }
                Some(_) => {}
            }
        }
        Ok(if unread { Presence::Fetch } else { Presence::No })
    }

    fn sign(subject: &Subject, settings: &str) -> Result<Vec<Artifact>, Fault> {
        let bytes = payload(subject)?.to_bytes();
        let signature = SigningKey::open(&Settings::parse(settings)?.key)?.sign(&bytes)?;
        Ok(vec![Artifact {
            form: Form::Attachment,
            media_type: simple_signing::MEDIA_TYPE.to_owned(),
            bytes,
            annotations: vec![(
                simple_signing::SIGNATURE.to_owned(),
                simple_signing::encode(&signature),
            )],
        }])
    }
}

/// What is signed. No time and no name of a tool are in it, so that the same image and name give
/// the same bytes, and a look at the digests says whether it is signed.
fn payload(subject: &Subject) -> Result<Payload, Fault> {
    let without = || {
        Fault::settings(
            "an identity is needed: the destination has no name that an image could be signed as",
        )
    };
    let written = subject.reference.as_ref().ok_or_else(without)?;
    let wrong = |why: &str| Fault::settings(format!("the identity `{}` {why}", shown(written)));
    let reference: Reference = written.parse().map_err(|_| wrong("is no image name"))?;
    if !reference.is_registry() {
        return Err(wrong("is not a registry's name, which is all that verifiers compare with"));
    }
    Ok(Payload { digest: subject.descriptor.digest.clone(), reference: reference.to_string() })
}

/// The same digest, signed as the same name, however that is written.
fn same(said: &Payload, ours: &Payload) -> bool {
    let expanded = |text: &str| text.parse::<Reference>().ok();
    said.digest == ours.digest && expanded(&said.reference) == expanded(&ours.reference)
}

fn shown(text: &str) -> String {
    text.chars().take(256).collect()
}

engine_plugin_sdk::export_signer!(Sigstore);

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
