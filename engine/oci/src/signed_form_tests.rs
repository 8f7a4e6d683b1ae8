use super::*;

const SUBJECT: &str = "sha256:a697b360e2cd8281179e79eac0b57cded43d296cdf7dc4800a738880a2d0962d";
const EVIL: &str = "sha256:666660e2cd8281179e79eac0b57cded43d296cdf7dc4800a738880a2d0962d66";
const NAME: &str = "registry.example/team/app:1.0";

fn digest() -> Digest {
    SUBJECT.parse().unwrap()
}

fn read(message: &str) -> Result<SignedForm, SignedFormFault> {
    SignedForm::of_image(message.as_bytes(), &digest(), Some(NAME))
}

/// A message about an image, with `optional` and more members behind those of `image`.
fn message(image: &str, reference: &str, optional: &str) -> String {
    format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"{reference}"}},"image":{{{image}}},"type":"cosign container image signature"}},"optional":{optional}}}"#
    )
}

fn of(digest: &str) -> String {
    format!(r#""docker-manifest-digest":"{digest}""#)
}

#[test]
fn what_cosign_and_skopeo_write_of_this_image_is_signed() {
    let cosign = include_bytes!("../../../tests/fixtures/signatures/cosign-3.1.1/payload.json");
    let skopeo = include_bytes!("../../../tests/fixtures/signatures/skopeo-1.22.0/payload.json");
    for fixture in [&cosign[..], skopeo] {
        let form = SignedForm::of_image(fixture, &digest(), Some(NAME)).unwrap();
        assert_eq!(*form.subject(), digest());
    }
    // What stands in `optional` is said of the image, and names no other.
    let noted = message(&of(SUBJECT), NAME, &format!(r#"{{"base":"{EVIL}"}}"#));
    assert_eq!(*read(&noted).unwrap().subject(), digest());
}

#[test]
fn a_message_about_another_image_is_not_signed_whatever_else_it_says() {
    let harmless = format!(r#"{{"note":"{SUBJECT}"}}"#);
    let evil = message(&of(EVIL), NAME, &harmless);
    let other = SignedFormFault::OtherSubject { named: EVIL.parse().unwrap(), subject: digest() };
    assert_eq!(read(&evil), Err(other.clone()));
    // Escapes are read as every reader of JSON reads them.
    let escaped = evil.replace("docker-manifest", "docker\\u002dmanifest");
    assert_eq!(read(&escaped), Err(other));
}

#[test]
fn what_two_readers_could_read_differently_is_in_no_form() {
    let both = format!("{},{}", of(SUBJECT), of(EVIL));
    let escaped = format!(r#"{},"docker\u002dmanifest-digest":"{EVIL}""#, of(SUBJECT));
    let folded = format!(r#"{},"Docker-Manifest-Digest":"{EVIL}""#, of(SUBJECT));
    // Go folds the long s to s, and the Kelvin sign to k.
    let long_s = format!(r#"{},"docker-manife\u017ft-digest":"{EVIL}""#, of(SUBJECT));
    let kelvin = format!(r#"{},"doc\u212aer-manifest-digest":"{EVIL}""#, of(SUBJECT));
    let fine = message(&of(SUBJECT), NAME, "null");
    let inner = fine.replace('"', "\\\"");
    let evil = message(&of(EVIL), NAME, "null");
    let critical = &evil[r#"{"critical":"#.len()..evil.len() - r#","optional":null}"#.len()];
    for hostile in [
        message(&both, NAME, "null"),
        message(&escaped, NAME, "null"),
        message(&folded, NAME, "null"),
        message(&long_s, NAME, "null"),
        message(&kelvin, NAME, "null"),
        fine.replacen('{', &format!(r#"{{"critical":{critical},"#), 1),
        fine.replacen('{', &format!(r#"{{"Critical":{critical},"#), 1),
        fine.replacen('{', &format!(r#"{{"CRITICAL":{critical},"#), 1),
        fine.replacen('{', &format!(r#"{{"cr\u0069tical":{critical},"#), 1),
        fine.replacen(r#""image""#, &format!(r#""Image":{{{}}},"image""#, of(EVIL)), 1),
        format!("{fine}{evil}"),
        format!("{fine}\n{evil}"),
        format!("{fine}\0"),
        format!("\u{feff}{fine}"),
        format!("[{fine}]"),
        format!("\"{inner}\""),
        format!(r#"{{"payload":{fine}}}"#),
        format!(r#"{{"critical":{fine},"optional":null}}"#),
        // Free messages that name the digest.
        SUBJECT.to_owned(),
        format!(r#"{{"image":"{SUBJECT}","note":"checked"}}"#),
        String::new(),
    ] {
        let read = read(&hostile);
        assert!(matches!(read, Err(SignedFormFault::Unknown(_))), "{hostile}: {read:?}");
    }
    assert!(read(&fine).is_ok());
}

#[test]
fn the_name_is_the_one_that_the_step_signs_as_or_its_repository() {
    let named = |reference: &str, name: Option<&str>| {
        let message = message(&of(SUBJECT), reference, "null");
        SignedForm::of_image(message.as_bytes(), &digest(), name).is_ok()
    };
    assert!(named("registry.example/team/app", Some(NAME)), "as cosign 2 writes it");
    assert!(named("redis:7", Some("docker.io/library/redis:7")), "however it is written");
    assert!(named("public.example/app", Some("public.example/app")));
    for (reference, name) in [
        ("registry.example/team/app:1.1", Some(NAME)),
        ("registry.example/team/other:1.0", Some(NAME)),
        ("other.example/team/app:1.0", Some(NAME)),
        ("registry.example/team", Some(NAME)),
        ("public.example/app:1.0", Some("public.example/app")),
        (&format!("{NAME}@{EVIL}"), Some(NAME)),
        (NAME, None),
        ("", Some(NAME)),
        ("", None),
        ("oci:out:1.0", Some("oci:out:1.0")),
    ] {
        assert!(!named(reference, name), "{reference} as {name:?}");
    }
}
