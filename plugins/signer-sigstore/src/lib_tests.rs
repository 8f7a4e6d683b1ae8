use super::*;
use engine_plugin_sdk::Descriptor;
use engine_plugin_sdk::testing;

const SETTINGS: &str = r#"{"key":"release","identity":"{{ item.destination }}","children":"each"}"#;
const NAME: &str = "registry.example/team/app:1.0";

fn subject(reference: Option<&str>) -> Subject {
    testing::with(|outside| outside.keys.insert("release".to_owned()));
    let bytes = b"{}".to_vec();
    Subject {
        descriptor: Descriptor::of_manifest("application/vnd.oci.image.index.v1+json", &bytes),
        bytes,
        reference: reference.map(str::to_owned),
        transport: "docker".to_owned(),
        scopes: Vec::new(),
        within: None,
    }
}

/// The evidence that an artifact becomes once it is attached.
fn attached(artifact: &Artifact, fetched: bool) -> Evidence {
    let Artifact { media_type, bytes, annotations, .. } = artifact;
    let mut descriptor =
        Descriptor::new(media_type, Digest::of(bytes), bytes.len().try_into().unwrap());
    descriptor.annotations.extend(annotations.iter().cloned());
    let bytes = fetched.then(|| bytes.clone());
    Evidence { form: "attachment".to_owned(), descriptor, bytes, carrier: None }
}

fn signed() -> Artifact {
    Sigstore::sign(&subject(Some(NAME)), SETTINGS).unwrap().remove(0)
}

/// The same signed again over another text that says the same.
fn resigned(text: &str) -> Artifact {
    subject(None);
    let signature = SigningKey::open("release").unwrap().sign(text.as_bytes()).unwrap();
    let annotations =
        vec![(simple_signing::SIGNATURE.to_owned(), simple_signing::encode(&signature))];
    Artifact { bytes: text.into(), annotations, ..signed() }
}

fn look(evidence: &[Evidence]) -> Presence {
    Sigstore::present(&subject(Some(NAME)), evidence, SETTINGS).unwrap()
}

#[test]
fn signs_the_digest_and_the_name() {
    let artifacts = Sigstore::sign(&subject(Some("redis:7")), SETTINGS).unwrap();
    let [artifact] = artifacts.as_slice() else { panic!("one signature") };
    let said = Payload::parse(&artifact.bytes).unwrap();
    assert_eq!(said.digest, Digest::of(b"{}"));
    assert_eq!(said.reference, "docker.io/library/redis:7", "in full, as verifiers compare");
    assert_eq!(artifact.form, Form::Attachment);
    assert_eq!(artifact.media_type, simple_signing::MEDIA_TYPE);
    assert_eq!(artifact.annotations.len(), 1);
    assert_eq!(Sigstore::needs(SETTINGS).unwrap(), ["attachment"]);
    assert_eq!(signed().bytes, signed().bytes, "the same image gives the same bytes");
}

#[test]
fn needs_a_name_and_a_key() {
    for (reference, part) in [
        (None, "an identity is needed"),
        (Some("oci:out:1.0"), "not a registry's name"),
        (Some("quay.io/A/b"), "is no image name"),
    ] {
        let subject = subject(reference);
        for fault in [
            Sigstore::sign(&subject, SETTINGS).unwrap_err(),
            Sigstore::present(&subject, &[], SETTINGS).unwrap_err(),
        ] {
            assert_eq!(fault.code, "settings");
            assert!(fault.message.contains(part), "{fault}");
        }
    }
    let other = Sigstore::sign(&subject(Some(NAME)), r#"{"key":"other"}"#).unwrap_err();
    assert_eq!(other.code, "not-granted");
    assert_eq!(Sigstore::needs("{}").unwrap_err().code, "settings");
}

#[test]
fn knows_its_own_signature_by_the_digest_alone() {
    assert_eq!(look(&[]), Presence::No);
    let own = attached(&signed(), false);
    assert_eq!(look(std::slice::from_ref(&own)), Presence::Yes);
    let strange = attached(&resigned("another text"), false);
    assert_eq!(look(&[strange.clone(), own.clone()]), Presence::Yes, "no bytes are asked for");
    assert_eq!(look(&[strange]), Presence::Fetch);

    let mut spoilt = own.clone();
    spoilt
        .descriptor
        .annotations
        .insert(simple_signing::SIGNATURE.to_owned(), simple_signing::encode(b"of another key"));
    assert_eq!(look(&[spoilt]), Presence::No, "the text is ours, the signature is not");
    let mut elsewhere = own;
    elsewhere.form = "referrer".to_owned();
    assert_eq!(look(&[elsewhere]), Presence::No);
}

#[test]
fn knows_what_it_would_have_said_in_other_words() {
    let text = String::from_utf8(signed().bytes).unwrap();
    let timed = text.replace("null", r#"{"creator":"containers/image","timestamp":1795463760}"#);
    assert_eq!(look(&[attached(&resigned(&timed), false)]), Presence::Fetch);
    assert_eq!(look(&[attached(&resigned(&timed), true)]), Presence::Yes);
    for (old, new) in
        [("team/app", "team/other"), (":1.0", ":1.1"), (Digest::of(b"{}").hex(), &"0".repeat(64))]
    {
        let other = attached(&resigned(&timed.replace(old, new)), true);
        assert_eq!(look(&[other]), Presence::No, "{new}");
    }
    let by_another = Artifact { annotations: signed().annotations, ..resigned(&timed) };
    assert_eq!(look(&[attached(&by_another, true)]), Presence::No);
}

#[test]
fn what_no_key_signed_is_not_asked_for() {
    let timed = resigned("another text");
    let keyless = {
        let mut evidence = attached(&timed, false);
        let annotations = &mut evidence.descriptor.annotations;
        annotations.insert(simple_signing::CERTIFICATE.to_owned(), "-----".to_owned());
        evidence
    };
    let unsigned = attached(&Artifact { annotations: Vec::new(), ..timed.clone() }, false);
    let other = Artifact { media_type: "application/json".to_owned(), ..timed.clone() };
    assert_eq!(look(&[keyless, unsigned, attached(&other, false)]), Presence::No);

    let mut many = vec![attached(&timed, true); MAX_LAYERS];
    many.push(attached(&signed(), false));
    assert_eq!(look(&many), Presence::No, "the search has a bound");
}
