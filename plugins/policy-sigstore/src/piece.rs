//! One signature, judged.

use crate::identity::Identity;
use crate::known_key::KnownKey;
use crate::named;
use engine_plugin_sdk::oci::simple_signing::{CERTIFICATE, Payload, SIGNATURE, decode};
use engine_plugin_sdk::{Claim, Evidence, Subject};

/// A signature, and what it is held to.
pub(crate) struct Piece<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) keys: &'a [KnownKey],
    pub(crate) identity: &'a Identity,
}

impl Piece<'_> {
    /// What it proves of the subject, or why it proves nothing.
    ///
    /// The order matters: nobody's words are read before it is known whose they are.
    pub(crate) fn judge(&self, subject: &Subject) -> Result<Claim, String> {
        let text = self.evidence.bytes.as_deref().ok_or("its text was not fetched")?;
        let signature = self.signature()?;
        let signer = self.keys.iter().find(|key| key.made(text, &signature));
        let signer = signer.ok_or_else(|| self.not_by_a_key())?;
        let said = Payload::parse(text).map_err(|fault| {
            let wrong = shown(&fault.to_string());
            format!("what `{}` signed is not a signature's text: {wrong}", signer.name)
        })?;
        if said.digest != subject.descriptor.digest {
            return Err(format!("signs {}, not this image", said.digest));
        }
        let reference = shown(&said.reference);
        self.identity.check(&said.reference, subject.reference.as_deref())?;
        let says = format!("signed as {reference}");
        Ok(Claim { evidence: None, by: signer.fingerprint(), says })
    }

    fn signature(&self) -> Result<Vec<u8>, String> {
        let annotations = &self.evidence.descriptor.annotations;
        let written = annotations.get(SIGNATURE).ok_or("its layer has no signature")?;
        decode(written).ok_or_else(|| "what its layer has is not base64".to_owned())
    }

    fn not_by_a_key(&self) -> String {
        if self.evidence.descriptor.annotations.contains_key(CERTIFICATE) {
            return "made without a key (keyless), which needs a later version".to_owned();
        }
        format!("made by another key than {}, or damaged", named(self.keys))
    }
}

/// A signer's words, fit for a line of a report.
pub(crate) fn shown(text: &str) -> String {
    const MAX: usize = 256;
    let printed = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut line: String = text.chars().take(MAX).map(printed).collect();
    if text.chars().nth(MAX).is_some() {
        line.push('…');
    }
    line
}
