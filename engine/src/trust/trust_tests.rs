//! Keys made, sealed, opened, used; and everything that must be refused.

use super::*;
use crate::role::Secret;

fn secret() -> Secret {
    Secret::new("correct horse")
}

#[test]
fn a_made_key_signs_and_its_public_half_agrees() {
    let made = generate(&secret()).unwrap();
    let private = Key::private(made.private_pem.as_bytes(), Some(&secret())).unwrap();
    let public = Key::public(made.public_pem.as_bytes()).unwrap();
    assert_eq!(private.public_spki(), public.public_spki());
    assert_eq!(private.fingerprint(), public.fingerprint());
    assert!(private.can_sign() && !public.can_sign());
    assert_eq!(private.schemes(), ["ecdsa-p256-sha256"]);
    let signature = private.sign("ecdsa-p256-sha256", b"message").unwrap();
    let spki = public.public_spki();
    assert!(verify("ecdsa-p256-sha256", &spki, b"message", &signature));
    assert!(!verify("ecdsa-p256-sha256", &spki, b"messages", &signature));
    assert!(!verify("ecdsa-p384-sha384", &spki, b"message", &signature));
    assert!(!verify("ecdsa", &spki, b"message", &signature));
}
