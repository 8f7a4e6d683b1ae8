use super::*;
use engine_plugin_sdk::keys::Key;
use engine_plugin_sdk::oci::simple_signing::{CERTIFICATE, Payload, SIGNATURE, encode};
use engine_plugin_sdk::{Descriptor, Digest, testing};

const SETTINGS: &str = r#"{"keys":["upstream"]}"#;
const BYTES: &[u8] = b"{}";

fn subject(within: Option<Digest>) -> Subject {
    Subject {
        descriptor: Descriptor::of_manifest("application/vnd.oci.image.index.v1+json", BYTES),
        bytes: BYTES.to_vec(),
        reference: Some("quay.io/x/z:1".to_owned()),
        transport: "docker".to_owned(),
        scopes: Vec::new(),
        within,
    }
}

fn evidence(text: &[u8], annotations: &[(&str, &str)]) -> Evidence {
    let mut descriptor =
        Descriptor::new(MEDIA_TYPE, Digest::of(text), text.len().try_into().unwrap());
    let annotations =
        annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    descriptor.annotations.extend(annotations);
    let bytes = Some(text.to_vec());
    Evidence { form: "attachment".to_owned(), descriptor, bytes, carrier: None }
}

/// A text, signed by a key of the test.
fn signed(key: &str, text: &[u8]) -> Evidence {
    testing::with(|outside| outside.keys.insert(key.to_owned()));
    let signature = Key::open(key).unwrap().sign("test-sha256", text).unwrap();
    evidence(text, &[(SIGNATURE, &encode(&signature))])
}

fn text(bytes: &[u8], reference: &str) -> Vec<u8> {
    Payload { digest: Digest::of(bytes), reference: reference.to_owned() }.to_bytes()
}

fn good() -> Evidence {
    signed("upstream", &text(BYTES, "quay.io/x/z"))
}

fn decide(evidence: &[Evidence], settings: &str) -> Decision {
    Sigstore::decide(&subject(None), evidence, settings).unwrap()
}

#[test]
fn one_good_signature_allows() {
    let other = signed("stranger", &text(BYTES, "quay.io/x/z"));
    let Decision { claims, reasons, .. } = decide(&[other, good()], SETTINGS);
    assert!(reasons.is_empty());
    let by = format!("key:{}", Digest::of(b"upstream").hex());
    let says = "signed as quay.io/x/z".to_owned();
    assert_eq!(claims, [Claim { evidence: Some(1), by, says }]);

    let wrapped = {
        let mut evidence = good();
        let written = evidence.descriptor.annotations.get_mut(SIGNATURE).unwrap();
        written.insert_str(20, "\r\n");
        evidence
    };
    assert!(decide(&[wrapped], SETTINGS).reasons.is_empty(), "as Go reads base64");
    let both = decide(&[good(), good()], r#"{"keys":["stranger","upstream"]}"#);
    assert_eq!(both.claims.len(), 2, "a report names all who signed");
}

#[test]
fn says_of_each_signature_why_it_does_not_count() {
    let spoilt = {
        let mut evidence = good();
        evidence.bytes.as_mut().unwrap()[0] ^= 1;
        evidence
    };
    let unfetched = Evidence { bytes: None, ..good() };
    let keyless = {
        let mut evidence = signed("stranger", &text(BYTES, "quay.io/x/z"));
        evidence.descriptor.annotations.insert(CERTIFICATE.to_owned(), "-----".to_owned());
        evidence
    };
    let other = text(b"other", "quay.io/x/z");
    let decision = decide(
        &[
            signed("stranger", &text(BYTES, "quay.io/x/z")),
            signed("upstream", &other),
            signed("upstream", &text(BYTES, "quay.io/x/y")),
            signed("upstream", b"any text"),
            spoilt,
            keyless,
            evidence(&text(BYTES, "quay.io/x/z"), &[]),
            evidence(&text(BYTES, "quay.io/x/z"), &[(SIGNATURE, "?")]),
            unfetched,
        ],
        SETTINGS,
    );
    assert!(!decision.missing && decision.claims.is_empty());
    let reasons: Vec<&str> = decision.reasons.iter().map(String::as_str).collect();
    let elsewhere = format!("signature 2: signs {}, not this image", Digest::of(b"other"));
    assert_eq!(
        reasons,
        [
            "signature 1: made by another key than `upstream`, or damaged",
            &elsewhere,
            "signature 3: signed as quay.io/x/y, this is quay.io/x/z",
            "signature 4: what `upstream` signed is not a signature's text: it is not JSON: \
             expected value at line 1 column 1",
            "signature 5: made by another key than `upstream`, or damaged",
            "signature 6: made without a key (keyless), which needs a later version",
            "signature 7: its layer has no signature",
            "signature 8: what its layer has is not base64",
            "signature 9: its text was not fetched",
        ]
    );
}

#[test]
fn nothing_attached_is_missing_and_not_wrong() {
    good();
    let decision = decide(&[], r#"{"keys":["upstream","upstream"]}"#);
    assert!(decision.missing && decision.claims.is_empty());
    let digest = Digest::of(BYTES);
    let expected = format!(
        "no signature was found for {digest}, where one by `upstream` or `upstream` must be"
    );
    assert_eq!(decision.reasons, [expected]);
    let mut attestation = good();
    attestation.descriptor.media_type = "application/vnd.dsse.envelope.v1+json".to_owned();
    let elsewhere = Evidence { form: "referrer".to_owned(), ..good() };
    let decision = decide(&[attestation, elsewhere], SETTINGS);
    assert!(decision.missing);
    assert!(decision.reasons[0].ends_with("the 2 attached pieces are no signatures"));
}

#[test]
fn children_are_covered_by_their_index_or_signed_each() {
    let child = subject(Some(Digest::of(b"index")));
    assert!(Sigstore::needs(&child, SETTINGS).unwrap().is_empty());
    let decision = Sigstore::decide(&child, &[], SETTINGS).unwrap();
    let says = format!("named by the index {}, which was judged before it", Digest::of(b"index"));
    let claim = Claim { evidence: None, by: "rule:covered".to_owned(), says };
    assert_eq!(decision, Decision::allowed(vec![claim]));

    good();
    let each = r#"{"keys":["upstream"],"children":"each"}"#;
    assert_eq!(Sigstore::needs(&child, each).unwrap(), ["attachment"]);
    assert!(Sigstore::decide(&child, &[], each).unwrap().missing);
    assert_eq!(Sigstore::needs(&subject(None), SETTINGS).unwrap(), ["attachment"]);
}

#[test]
fn a_key_that_cannot_be_opened_is_a_fault_also_beside_a_good_one() {
    let settings = r#"{"keys":["upstream","lost"]}"#;
    let fault = Sigstore::decide(&subject(None), &[good()], settings).unwrap_err();
    assert_eq!(fault.code, "not-granted");
}

#[test]
fn reasons_have_a_bound_and_no_control_characters() {
    let many = vec![signed("stranger", b"x"); 128];
    let reasons = decide(&[vec![good()], many.clone()].concat(), SETTINGS).claims;
    assert_eq!(reasons.len(), 1);
    let reasons = decide(&many, r#"{"keys":["upstream"]}"#).reasons;
    assert_eq!(reasons.len(), MAX_WORDS);
    assert_eq!(reasons[MAX_WORDS - 1], "65 more signatures, none of them good");
    let claims = decide(&vec![good(); 128], SETTINGS).claims;
    assert_eq!(claims.len(), MAX_WORDS);

    let loud = signed("upstream", &text(BYTES, &format!("\u{1b}[31m\n{}", "x".repeat(1 << 20))));
    let reasons = decide(&[loud], SETTINGS).reasons;
    assert!(reasons[0].len() < 1000 && !reasons[0].contains(char::is_control), "{}", reasons[0]);
}

#[test]
fn no_text_brings_it_down_or_gets_through_changed() {
    // The texts are signed as they are: what is tried is the reading, not the signature.
    let texts = [
        &include_bytes!("../../../tests/fixtures/signatures/cosign-2.5.0/payload.json")[..],
        include_bytes!("../../../tests/fixtures/signatures/skopeo-1.22.0/payload.json"),
    ];
    let settings = r#"{"keys":["upstream"],"identity":{"type":"exactRepository",
        "dockerRepository":"registry.example/team/app"}}"#;
    let image = Subject {
        descriptor: Descriptor::new(
            "application/vnd.oci.image.index.v1+json",
            Payload::parse(texts[0]).unwrap().digest,
            1,
        ),
        ..subject(None)
    };
    let allowed = |text: &[u8]| {
        let evidence = [signed("upstream", text)];
        Sigstore::decide(&image, &evidence, settings).unwrap().reasons.is_empty()
    };
    for text in texts {
        assert!(allowed(text));
        let optional = text.windows(10).position(|part| part == b"\"optional\"").unwrap();
        let tag = text.windows(3).position(|part| part == b"1.0").map_or(0..0, |at| at..at + 3);
        for at in 0..text.len() {
            assert!(!allowed(&text[..at]), "cut at {at}");
            for replaced in [b'"', b'{', b'}', b'[', b',', b':', b'\\', b'0', 0, 0x80, 0xff] {
                let mut changed = text.to_vec();
                changed[at] = replaced;
                let passed = allowed(&changed) && changed != text;
                // A tag and what is optional are free; everything else is not.
                let free = at > optional || tag.contains(&at);
                assert!(!passed || free, "{replaced:#x} at {at}");
                let mut longer = text.to_vec();
                longer.insert(at, replaced);
                allowed(&longer);
            }
        }
    }
}
