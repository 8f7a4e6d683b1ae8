//! Keys of ours and of other tools: opened, used; and everything that must be refused. Where the
//! others come from stands in `tests/fixtures/keys/README.md`.

use super::*;
use crate::role::Secret;
use proptest::prelude::*;

/// A file that another tool made.
macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/fixtures/keys/", $name)).as_slice()
    };
}

/// Scheme, public key and signature over [`MESSAGE`], all by openssl.
const SIGNED: [(&str, &[u8], &[u8]); 5] = [
    ("ecdsa-p256-sha256", file!("openssl-3.0/p256.pub"), file!("openssl-3.0/p256.sig")),
    ("ecdsa-p384-sha384", file!("openssl-3.0/p384.pub"), file!("openssl-3.0/p384.sig")),
    ("ecdsa-p384-sha256", file!("openssl-3.0/p384.pub"), file!("openssl-3.0/p384-sha256.sig")),
    ("ed25519", file!("openssl-3.0/ed25519.pub"), file!("openssl-3.0/ed25519.sig")),
    ("rsa-pkcs1-sha256", file!("openssl-3.0/rsa.pub"), file!("openssl-3.0/rsa.sig")),
];

const MESSAGE: &[u8] = file!("openssl-3.0/message");

const COSIGN: &[u8] = file!("cosign-3.1.1/private.key");

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

/// A sealed key whose document was changed.
fn resealed(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let (label, document) = pem_rfc7468::decode_vec(COSIGN).unwrap();
    let mut document = serde_json::from_slice(&document).unwrap();
    change(&mut document);
    let document = serde_json::to_vec(&document).unwrap();
    pem_rfc7468::encode_string(label, pem_rfc7468::LineEnding::LF, &document).unwrap().into_bytes()
}

fn code(fault: TrustFault) -> String {
    crate::diagnostic::Fault::from(fault).code.into_owned()
}

#[test]
fn a_made_key_signs_and_its_public_half_agrees() {
    let made = generate(&secret("correct horse")).unwrap();
    let private = Key::private(made.private_pem.as_bytes(), Some(&secret("correct horse")));
    let private = private.unwrap();
    let public = Key::public(made.public_pem.as_bytes()).unwrap();
    assert_eq!(private.public_spki(), public.public_spki());
    assert_eq!(private.fingerprint(), public.fingerprint());
    assert!(private.can_sign() && !public.can_sign());
    let signature = private.sign("ecdsa-p256-sha256", MESSAGE).unwrap();
    assert!(verify("ecdsa-p256-sha256", &public.public_spki(), MESSAGE, &signature));
    assert_eq!(code(generate(&secret("")).unwrap_err()), "trust::no-passphrase");
}

#[test]
fn a_key_for_the_moment_signs_by_its_scheme() {
    for scheme in ["ecdsa-p256-sha256", "ecdsa-p384-sha384", "ed25519"] {
        let (one, other) = (Key::ephemeral(scheme).unwrap(), Key::ephemeral(scheme).unwrap());
        let signature = one.sign(scheme, MESSAGE).unwrap();
        assert!(verify(scheme, &one.public_spki(), MESSAGE, &signature));
        assert!(!verify(scheme, &other.public_spki(), MESSAGE, &signature));
    }
    for scheme in ["rsa-pkcs1-sha256", "ecdsa-p384-sha256", ""] {
        assert_eq!(code(Key::ephemeral(scheme).unwrap_err()), "trust::unsupported-scheme");
    }
}

#[test]
fn keys_of_cosign_and_skopeo_open() {
    let pairs = [
        (COSIGN, file!("cosign-3.1.1/public.pem")),
        (file!("skopeo-1.22.0/private.key"), file!("skopeo-1.22.0/public.pem")),
    ];
    for (private, public) in pairs {
        let private = Key::private(private, Some(&secret("fixture passphrase"))).unwrap();
        let public = Key::public(public).unwrap();
        assert_eq!(private.public_spki(), public.public_spki());
    }
}

#[test]
fn keys_of_openssl_open_and_sign() {
    let keys: [(&[u8], &[u8]); 6] = [
        (file!("openssl-3.0/p256.key"), file!("openssl-3.0/p256.pub")),
        (file!("openssl-3.0/p256.sec1.key"), file!("openssl-3.0/p256.pub")),
        (file!("openssl-3.0/p384.key"), file!("openssl-3.0/p384.pub")),
        (file!("openssl-3.0/p384.sec1.key"), file!("openssl-3.0/p384.pub")),
        (file!("openssl-3.0/ed25519.key"), file!("openssl-3.0/ed25519.pub")),
        (file!("openssl-3.0/rsa.key"), file!("openssl-3.0/rsa.pub")),
    ];
    for (private, public) in keys {
        let private = Key::private(private, None).unwrap();
        let public = Key::public(public).unwrap();
        assert_eq!(private.fingerprint(), public.fingerprint());
        let [scheme] = private.schemes() else { panic!("{private:?}") };
        let signature = private.sign(scheme, MESSAGE).unwrap();
        assert!(verify(scheme, &public.public_spki(), MESSAGE, &signature), "{scheme}");
        assert_eq!(code(public.sign(scheme, MESSAGE).unwrap_err()), "trust::unsupported-scheme");
        assert_eq!(code(private.sign("rot13", MESSAGE).unwrap_err()), "trust::unsupported-scheme");
        let large = vec![0; (4 << 20) + 1];
        assert_eq!(code(private.sign(scheme, &large).unwrap_err()), "trust::message-too-large");
    }
    assert!(Key::private(file!("openssl-3.0/p256.parameters.key"), None).unwrap().can_sign());
}

#[test]
fn a_file_has_one_key_and_its_line_ends_do_not_matter() {
    let public = String::from_utf8(file!("openssl-3.0/p256.pub").to_vec()).unwrap();
    let expected = Key::public(public.as_bytes()).unwrap().fingerprint();
    let spaced = format!("\n{}\n \n", public.trim());
    for same in [public.replace('\n', "\r\n"), public.trim().to_owned(), spaced] {
        assert_eq!(Key::public(same.as_bytes()).unwrap().fingerprint(), expected, "{same:?}");
    }
    let with_headers = public.replacen('\n', "\nProc-Type: 4,ENCRYPTED\n\n", 1);
    for other in [public.repeat(2), format!("{public}x"), with_headers] {
        assert_eq!(code(Key::public(other.as_bytes()).unwrap_err()), "trust::not-a-key", "{other}");
    }
}

#[test]
fn a_signature_holds_for_its_key_scheme_and_message_alone() {
    for (scheme, key, signature) in SIGNED {
        let key = Key::public(key).unwrap();
        assert!(key.schemes().contains(&scheme));
        let spki = key.public_spki();
        assert!(verify(scheme, &spki, MESSAGE, signature), "{scheme}");
        assert!(!verify(scheme, &spki, b"another", signature));
        for (other, other_key, other_signature) in SIGNED {
            let other_spki = Key::public(other_key).unwrap().public_spki();
            assert!(other == scheme || !verify(other, &spki, MESSAGE, signature), "{other}");
            assert!(other_spki == spki || !verify(scheme, &other_spki, MESSAGE, signature));
            assert!(other == scheme || !verify(scheme, &spki, MESSAGE, other_signature));
        }
        for at in 0..signature.len() {
            let mut changed = signature.to_vec();
            changed[at] ^= 1;
            assert!(!verify(scheme, &spki, MESSAGE, &changed), "{scheme}: byte {at}");
            assert!(!verify(scheme, &spki, MESSAGE, &signature[..at]), "{scheme}: {at} bytes");
        }
    }
}

#[test]
fn a_public_key_has_one_encoding() {
    let (_, key, signature) = SIGNED[0];
    let spki = Key::public(key).unwrap().public_spki();
    let mut longer = spki.clone();
    longer.push(0);
    let point = &spki[26..];
    for other in [&longer, point, &[], &vec![0x30; 1 << 20]] {
        assert!(!verify("ecdsa-p256-sha256", other, MESSAGE, signature));
    }
    let compressed = Key::public(file!("openssl-3.0/p256.compressed.pub")).unwrap_err();
    assert_eq!(code(compressed), "trust::unsupported-key");
}

#[test]
fn a_wrong_passphrase_and_none_are_told_apart() {
    let fault = |passphrase: Option<&Secret>| code(Key::private(COSIGN, passphrase).unwrap_err());
    assert_eq!(fault(None), "trust::no-passphrase");
    assert_eq!(fault(Some(&secret("wrong"))), "trust::wrong-passphrase");
    let damaged = resealed(|document| {
        let text = document["ciphertext"].as_str().unwrap();
        let first = if text.starts_with('A') { "B" } else { "A" };
        document["ciphertext"] = format!("{first}{}", &text[1..]).into();
    });
    let opened = Key::private(&damaged, Some(&secret("fixture passphrase")));
    assert_eq!(code(opened.unwrap_err()), "trust::wrong-passphrase");
}

/// `parse` never stretches a passphrase, so what it refuses has cost nothing.
#[test]
fn costs_of_others_are_refused_before_they_are_paid() {
    let params = |key: &'static str, value: u64| {
        resealed(move |document| document["kdf"]["params"][key] = value.into())
    };
    for n in [0, 1, 2, 3, 16384, 65537, 1 << 18, 1 << 20, 1 << 32, 1 << 63, u64::MAX] {
        let fault = KeyFile::parse(&params("N", n)).unwrap_err();
        assert_eq!(code(fault), "trust::unsupported-key", "N = {n}");
    }
    for (key, value) in [("r", 0), ("r", 9), ("r", 1 << 30), ("p", 0), ("p", 2)] {
        let fault = KeyFile::parse(&params(key, value)).unwrap_err();
        assert_eq!(code(fault), "trust::unsupported-key", "{key} = {value}");
    }
    for n in [1 << 15, 1 << 17] {
        assert!(KeyFile::parse(&params("N", n)).unwrap().is_encrypted());
    }
}

#[test]
fn what_is_no_key_is_refused_by_name() {
    let changed = |key: &'static str, value: &'static str| {
        resealed(move |document| *document.pointer_mut(key).unwrap() = value.into())
    };
    let large = [COSIGN, &vec![b'\n'; 64 << 10]].concat();
    let files: [(&[u8], &str); 15] = [
        (b"", "trust::not-a-key"),
        (b"garbage", "trust::not-a-key"),
        (&[0xff; 300], "trust::not-a-key"),
        (&COSIGN[..COSIGN.len() / 2], "trust::not-a-key"),
        (&COSIGN[1..], "trust::not-a-key"),
        (&large, "trust::not-a-key"),
        (&changed("/kdf/salt", "?"), "trust::not-a-key"),
        (&changed("/cipher/nonce", "AAAA"), "trust::not-a-key"),
        (&changed("/ciphertext", "AAAA"), "trust::not-a-key"),
        (&changed("/kdf", "scrypt"), "trust::not-a-key"),
        (&changed("/kdf/name", "argon2"), "trust::unsupported-key"),
        (&changed("/cipher/name", "aes"), "trust::unsupported-key"),
        (file!("openssl-3.0/p256.encrypted.key"), "trust::unsupported-key"),
        (file!("openssl-3.0/p521.pub"), "trust::unsupported-key"),
        (file!("openssl-3.0/rsa-1024.pub"), "trust::unsupported-key"),
    ];
    for (file, expected) in files {
        let fault = KeyFile::parse(file).and_then(|file| file.open(None)).unwrap_err();
        assert_eq!(code(fault), expected, "{}", String::from_utf8_lossy(file));
    }
    let (private, public) = (file!("openssl-3.0/p256.key"), file!("openssl-3.0/p256.pub"));
    assert_eq!(code(Key::public(private).unwrap_err()), "trust::not-a-key");
    assert_eq!(code(Key::private(public, None).unwrap_err()), "trust::not-a-key");
}

#[test]
fn nothing_of_a_private_key_has_a_text() {
    let private = file!("openssl-3.0/p256.key");
    let (_, der) = pem_rfc7468::decode_vec(private).unwrap();
    let scalar: &[u8; 32] = der[36..].first_chunk().unwrap();
    let first = u64::from_be_bytes(*scalar.first_chunk().unwrap());
    let file = KeyFile::parse(private).unwrap();
    let key = file.open(None).unwrap();
    let told = format!("{key:?} {key:#?} {file:?}").to_lowercase();
    assert!(told.contains(&key.fingerprint()), "{told}");
    for part in [format!("{first:016x}"), format!("{}, {}", scalar[0], scalar[1])] {
        assert!(!told.contains(&part), "{told}");
    }
}

proptest! {
    #[test]
    fn whatever_a_file_holds_nothing_panics(at in 0..653_usize, byte: u8, noise: Vec<u8>) {
        let mut changed = COSIGN.to_vec();
        changed[at] = byte;
        drop(KeyFile::parse(&changed));
        drop(KeyFile::parse(&noise));
        for label in ["PRIVATE KEY", "EC PRIVATE KEY", "PUBLIC KEY"] {
            let pem = pem_rfc7468::encode_string(label, pem_rfc7468::LineEnding::LF, &noise);
            let opened = KeyFile::parse(pem.unwrap().as_bytes()).and_then(|file| file.open(None));
            prop_assert!(opened.is_err());
        }
    }

    #[test]
    fn a_changed_public_key_does_not_verify(which in 0..5_usize, at in 0..2048_usize, bit in 0..8_u8) {
        let (scheme, key, signature) = SIGNED[which];
        let mut spki = Key::public(key).unwrap().public_spki();
        let at = at % spki.len();
        spki[at] ^= 1_u8 << bit;
        prop_assert!(!verify(scheme, &spki, MESSAGE, signature));
    }
}
