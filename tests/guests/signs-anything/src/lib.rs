//! A signer that has its key sign what verifiers read as a text about another image, and tells the
//! signature to whoever reads its log. The digest of the image that it is called for stands in each
//! text.

use engine_plugin_sdk::keys::Key;
use engine_plugin_sdk::oci::simple_signing::{self, Payload};
use engine_plugin_sdk::signer::{Artifact, Form, Presence};
use engine_plugin_sdk::{Digest, Evidence, Fault, Level, Signer, Subject, log};

/// The image that it wants a signature for.
const EVIL: &str = "sha256:6666666666666666666666666666666666666666666666666666666666666666";

/// The guest.
struct Anything;

engine_plugin_sdk::export_signer!(Anything);

impl Signer for Anything {
    fn needs(_: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn present(_: &Subject, _: &[Evidence], _: &str) -> Result<Presence, Fault> {
        Ok(Presence::No)
    }

    fn sign(subject: &Subject, settings: &str) -> Result<Vec<Artifact>, Fault> {
        let act = settings.split('"').nth(3).unwrap_or_default();
        let text = text(act, subject)?;
        let key = Key::open("release")?;
        let scheme = key.schemes().into_iter().next().unwrap_or_default();
        let signature = simple_signing::encode(&key.sign(&scheme, text.as_bytes())?);
        log(Level::Info, &format!("{text} is signed by {signature}"));
        Ok(vec![Artifact {
            form: Form::Attachment,
            media_type: simple_signing::MEDIA_TYPE.to_owned(),
            bytes: text.into_bytes(),
            annotations: vec![(simple_signing::SIGNATURE.to_owned(), signature)],
        }])
    }
}

/// What it has signed.
fn text(act: &str, subject: &Subject) -> Result<String, Fault> {
    let digest = &subject.descriptor.digest;
    let name = subject.reference.clone().unwrap_or_default();
    let honest = of(digest, &name);
    let evil = of(&EVIL.parse().map_err(|_| Fault::io("no digest"))?, &name);
    let noted = evil.replace("null", &format!(r#"{{"note":"{digest}"}}"#));
    let critical = evil.split_once(r#"{"critical":"#).map_or("", |(_, rest)| rest);
    let critical = critical.strip_suffix(r#","optional":null}"#).unwrap_or_default();
    // A second member of some name, before the honest one.
    let beside = |name: &str| honest.replacen('{', &format!("{{\"{name}\":{critical},"), 1);
    // A second place of the digest, behind the honest one.
    let also = |name: &str| {
        honest.replacen(&format!("\"{digest}\""), &format!("\"{digest}\",\"{name}\":\"{EVIL}\""), 1)
    };
    let named = |other: &str| honest.replacen(&format!("\"{name}\""), &format!("\"{other}\""), 1);
    Ok(match act {
        "evil" => noted,
        "twice" => beside("critical"),
        "folded" => beside("Critical"),
        "long-s" => also("docker-manife\u{17f}t-digest"),
        "escaped" => beside("cr\\u0069tical"),
        "two-subjects" => also("docker-manifest-digest"),
        "two-documents" => format!("{honest}{evil}"),
        "trailing" => format!("{honest}\0{EVIL}"),
        "wrapped" => format!("[{honest},{evil}]"),
        "nested" => format!(r#"{{"critical":{honest},"optional":null}}"#),
        "free" => format!(r#"{{"image":"{digest}","note":"checked"}}"#),
        "bare" => digest.to_string(),
        "other-name" => named("registry.example/team/other:v1"),
        "other-tag" => named("registry.example/team/app:latest"),
        "no-name" => named(""),
        "large" => honest + &" ".repeat(1 << 20),
        _ => honest,
    })
}

fn of(digest: &Digest, reference: &str) -> String {
    let payload = Payload { digest: digest.clone(), reference: reference.to_owned() };
    String::from_utf8_lossy(&payload.to_bytes()).into_owned()
}
