//! Signatures beside manifests: `signature-N` of the image, `DIGEST.signature-N` of its children, counted
//! from 1 without gaps, as Skopeo writes them.
//!
//! Who writes a manifest's signatures does not know yet whether it becomes the image: they are kept as
//! those of a child until it is named.

use crate::folder::Folder;
use crate::names;
use engine_plugin_sdk::{Digest, Fault, Signature};

/// Signatures of one manifest. Source: `wit/transport.wit`.
const MAX_SIGNATURES: usize = 128;
/// Bytes of one signature. Source: `wit/transport.wit`.
const MAX_SIGNATURE_BYTES: u64 = 4 << 20;
/// What a signature of sigstore begins with; any other is taken as an `openpgp` one.
const SIGSTORE: &[u8] = b"\0sigstore-json\n";

impl Folder {
    /// The signatures of a manifest.
    pub(crate) fn signatures_of(&self, digest: &Digest) -> Result<Vec<Signature>, Fault> {
        let is_top = self.top()?.is_some_and(|top| top.descriptor.digest == *digest);
        self.read_signatures(|number| {
            if is_top { names::signature(number) } else { names::signature_of(digest, number) }
        })
    }

    /// Replaces the signatures of a manifest that is there and has no name yet, or is a child.
    pub(crate) fn write_signatures(
        &self,
        digest: &Digest,
        signatures: &[Signature],
    ) -> Result<(), Fault> {
        self.prepare(digest)?;
        for (number, signature) in (1..).zip(signatures) {
            self.root.write(&names::signature_of(digest, number), &signature.bytes)?;
        }
        self.remove_from(signatures.len() + 1, |number| names::signature_of(digest, number))
    }

    /// Makes the signatures of a manifest those of the image, in place of what is there: just before it
    /// becomes the image. Says how many they are.
    pub(crate) fn promote_signatures(&self, digest: &Digest) -> Result<usize, Fault> {
        let mut count = 0;
        while count < MAX_SIGNATURES {
            let from = names::signature_of(digest, count + 1);
            if self.root.stat(&from)?.is_none() {
                break;
            }
            count += 1;
            self.root.rename(&from, &names::signature(count))?;
        }
        self.remove_from(count + 1, names::signature)?;
        Ok(count)
    }

    fn read_signatures(&self, name: impl Fn(usize) -> String) -> Result<Vec<Signature>, Fault> {
        let mut found = Vec::new();
        for number in 1..=MAX_SIGNATURES {
            let Some(bytes) = self.root.read_small(&name(number), MAX_SIGNATURE_BYTES)? else {
                break;
            };
            let form = if bytes.starts_with(SIGSTORE) { "sigstore" } else { "openpgp" };
            found.push(Signature { form: form.to_owned(), bytes, annotations: Vec::new() });
        }
        Ok(found)
    }

    fn remove_from(&self, first: usize, name: impl Fn(usize) -> String) -> Result<(), Fault> {
        for number in first..=MAX_SIGNATURES {
            if self.root.stat(&name(number))?.is_none() {
                break;
            }
            self.root.remove(&name(number))?;
        }
        Ok(())
    }
}
