//! A signature as it is attached.

use engine_plugin_sdk::oci::simple_signing::{CERTIFICATE, MEDIA_TYPE, SIGNATURE, decode};
use engine_plugin_sdk::{Digest, Evidence};

/// The form of evidence that this is.
pub(crate) const FORM: &str = "attachment";

/// A layer that a key may have signed.
pub(crate) struct Layer<'a> {
    /// The digest of the signed text.
    pub(crate) digest: &'a Digest,
    /// The signed text, where it was fetched.
    pub(crate) text: Option<&'a [u8]>,
    /// The signature.
    pub(crate) signature: Vec<u8>,
}

impl<'a> Layer<'a> {
    /// None for what no key has signed: other content, and signatures that come with a certificate.
    pub(crate) fn of(evidence: &'a Evidence) -> Option<Self> {
        let Evidence { form, descriptor, bytes, .. } = evidence;
        let annotations = &descriptor.annotations;
        let ours = form == FORM && descriptor.media_type == MEDIA_TYPE;
        if !ours || annotations.contains_key(CERTIFICATE) {
            return None;
        }
        let signature = decode(annotations.get(SIGNATURE)?)?;
        Some(Self { digest: &descriptor.digest, text: bytes.as_deref(), signature })
    }
}
