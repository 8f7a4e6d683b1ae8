//! Signatures that a place keeps beside its manifests, between the guest's words and ours.

use super::checked_results::lied;
use super::conversions::plain;
use crate::diagnostic::Fault;
use crate::host::bindings::transport::exports::engine::plugin::transport as wit;
use crate::role::PlacedSignature;

/// Signatures of one manifest. Source: `wit/transport.wit`, `signatures`.
const MAX_SIGNATURES: usize = 128;
/// Bytes of one signature. Source: `wit/transport.wit`, `signature`.
const MAX_SIGNATURE_BYTES: usize = 4 << 20;

/// The forms of signatures. Source: `wit/transport.wit`, `signature`.
const FORMS: [&str; 2] = ["openpgp", "sigstore"];
/// Characters of an unknown form that a fault shows.
const MAX_FORM_SHOWN: usize = 40;

/// A guest's signatures, few and small.
pub(super) fn from_guest(found: Vec<wit::Signature>) -> Result<Vec<PlacedSignature>, Fault> {
    if found.len() > MAX_SIGNATURES {
        return Err(lied(format!("a manifest has more than {MAX_SIGNATURES} signatures")));
    }
    if found.iter().any(|signature| signature.bytes.len() > MAX_SIGNATURE_BYTES) {
        return Err(lied(format!("a signature has more than {MAX_SIGNATURE_BYTES} bytes")));
    }
    if let Some(unknown) = found.iter().find(|found| !FORMS.contains(&found.form.as_str())) {
        let form: String = plain(&unknown.form).chars().take(MAX_FORM_SHOWN).collect();
        return Err(lied(format!("a signature has the form `{form}`, which is none")));
    }
    let one = |signature: wit::Signature| PlacedSignature {
        form: signature.form,
        bytes: signature.bytes.into(),
    };
    Ok(found.into_iter().map(one).collect())
}

/// Our signatures, as a guest takes them.
pub(super) fn to_guest(signatures: &[PlacedSignature]) -> Vec<wit::Signature> {
    let one = |signature: &PlacedSignature| wit::Signature {
        form: signature.form.clone(),
        bytes: signature.bytes.to_vec(),
        annotations: Vec::new(),
    };
    signatures.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_few_and_small() {
        let of = |form: &str, bytes| wit::Signature {
            form: form.to_owned(),
            bytes: vec![0; bytes],
            annotations: Vec::new(),
        };
        let signature = |bytes| of("openpgp", bytes);
        let read = from_guest(vec![signature(5); MAX_SIGNATURES]).unwrap();
        assert_eq!(read.len(), MAX_SIGNATURES);
        assert_eq!(
            from_guest(vec![signature(5); MAX_SIGNATURES + 1]).unwrap_err().code,
            "host::lied"
        );
        let large = from_guest(vec![signature(MAX_SIGNATURE_BYTES + 1)]);
        assert_eq!(large.unwrap_err().code, "host::lied");
        let unknown = from_guest(vec![of(&"x\u{1b}".repeat(100), 5)]).unwrap_err();
        assert_eq!(unknown.code, "host::lied");
        assert!(unknown.message.len() < 200 && !unknown.message.contains('\u{1b}'));
    }
}
