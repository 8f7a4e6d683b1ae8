use super::*;

const DIGEST: &str = "sha256:a697b360e2cd8281179e79eac0b57cded43d296cdf7dc4800a738880a2d0962d";

fn payload() -> Payload {
    Payload { digest: DIGEST.parse().unwrap(), reference: "registry.example/team/app".to_owned() }
}

#[test]
fn reads_what_others_wrote_and_writes_it_as_cosign_does() {
    let cosign = include_bytes!("../../../tests/fixtures/signatures/cosign-3.1.1/payload.json");
    let skopeo = include_bytes!("../../../tests/fixtures/signatures/skopeo-1.22.0/payload.json");
    let two = include_bytes!("../../../tests/fixtures/signatures/two-signers/payload-1.json");
    assert_eq!(Payload::parse(cosign).unwrap(), payload());
    assert_eq!(Payload::parse(two).unwrap(), payload());
    assert_eq!(payload().to_bytes(), cosign);
    let tagged = Payload { reference: "registry.example/team/app:1.0".to_owned(), ..payload() };
    assert_eq!(Payload::parse(skopeo).unwrap(), tagged);
    assert_eq!(Payload::parse(&tagged.to_bytes()).unwrap(), tagged);
}

/// A text with some of its parts replaced.
fn with(parts: &[(&str, &str)]) -> Result<Payload, PayloadFault> {
    let mut text = String::from_utf8(payload().to_bytes()).unwrap();
    for (old, new) in parts {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    Payload::parse(text.as_bytes())
}

#[test]
fn optional_may_have_more_but_its_known_members_have_a_form() {
    for optional in [
        "{}",
        r#"{"creator":"x","timestamp":1795463760}"#,
        r#"{"timestamp":1.795e9}"#,
        r#"{"timestamp":-1}"#,
        r#"{"mine":{"a":[1,{"b":true}]},"b":null}"#,
    ] {
        let parts = [(r#""optional":null"#, format!(r#""optional":{optional}"#))];
        let parts = parts.each_ref().map(|(old, new)| (*old, new.as_str()));
        assert_eq!(with(&parts), Ok(payload()), "{optional}");
    }
    for optional in [
        "[]",
        "1",
        r#""x""#,
        r#"{"creator":1}"#,
        r#"{"creator":null}"#,
        r#"{"timestamp":1.5}"#,
        r#"{"timestamp":"1"}"#,
        r#"{"timestamp":1e30}"#,
        r#"{"timestamp":18446744073709551615}"#,
        r#"{"a":1,"a":1}"#,
        r#"{"mine":{"a":1,"a":1}}"#,
    ] {
        let parts = [(r#""optional":null"#, format!(r#""optional":{optional}"#))];
        let parts = parts.each_ref().map(|(old, new)| (*old, new.as_str()));
        assert!(with(&parts).is_err(), "{optional}");
    }
}

#[test]
fn everything_else_is_there_once_and_alone() {
    let old = "atomic container signature";
    assert_eq!(with(&[(KIND, old)]), Ok(payload()), "the words of OpenPGP");
    for parts in [
        [(r#","optional":null"#, "")],
        [(r#","optional":null"#, r#","optional":null,"more":1"#)],
        [(r#","optional":null"#, r#","optional":null,"optional":null"#)],
        [(r#","optional":null}"#, r#","optional":null} {}"#)],
        [(r#""critical":"#, r#""Critical":"#)],
        [(r#""critical":{"#, r#""critical":{"more":1,"#)],
        [(r#""image":{"#, r#""image":{"more":1,"#)],
        [(r#""identity":{"#, r#""identity":{"more":1,"#)],
        [(r#""type":"#, r#""type":"x","type":"#)],
        [(r#""type":"#, r#""kind":"#)],
        [(KIND, "another")],
        [(r#""image":{"#, r#""image":{"docker-manifest-digest":"x","#)],
        [(DIGEST, "sha256:12")],
        [(r#""registry.example/team/app""#, "null")],
        [(r#""registry.example/team/app""#, r#"["a"]"#)],
    ] {
        assert!(with(&parts).is_err(), "{parts:?}");
    }
    for text in [
        &b""[..],
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        // What a reader of structures takes for an object: its members in their order.
        br#"[[["registry.example/team/app"],["sha256:12"],"cosign container image signature"],null]"#,
    ] {
        assert!(Payload::parse(text).is_err(), "{}", String::from_utf8_lossy(text));
    }
    assert!(Payload::parse("[".repeat(1 << 20).as_bytes()).is_err(), "deep");
    assert!(Payload::parse("{\"a\":".repeat(1 << 20).as_bytes()).is_err(), "deep");
}

#[test]
fn any_change_of_a_byte_is_another_text_or_none() {
    let bytes = payload().to_bytes();
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            assert_ne!(Payload::parse(&changed), Ok(payload()), "byte {at}");
        }
        assert!(Payload::parse(&bytes[..at]).is_err(), "cut at {at}");
    }
}
