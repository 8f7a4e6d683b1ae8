//! What an instance is about: the image under judgement, or the image to be signed.
//!
//! The attack: a policy that asks for digests of other images, or a signer that has a key sign
//! something else. So only what the manifests read so far name can be asked for, and a message
//! must be about the subject, under the name that the subject is signed as.

use crate::oci::{Descriptor, Digest, Manifest};
use crate::role::{Exhibit, Subject};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Digests that one judgement may learn of. An index of 1000 children is unheard of.
const MAX_DIGESTS: usize = 20_000;

/// What an instance may look at and sign.
#[derive(Default)]
pub(in crate::host) struct Show {
    /// Reads the image; `None` in roles that do not judge.
    pub(in crate::host) exhibit: Option<Arc<dyn Exhibit>>,
    /// What a signed message must be about; `None`: nothing may be signed.
    pub(in crate::host) signing: Option<ImageToSign>,
    known: BTreeSet<Digest>,
}

/// The image that a key signs for in this call.
#[derive(Clone)]
pub(in crate::host) struct ImageToSign {
    /// Its digest.
    pub(in crate::host) digest: Digest,
    /// The name that it is signed as.
    pub(in crate::host) name: Option<String>,
}

impl Show {
    /// For judging a subject. The index around it is of the same image, and was allowed before.
    pub(in crate::host) fn judging(subject: &Subject, exhibit: Arc<dyn Exhibit>) -> Self {
        let mut show = Self { exhibit: Some(exhibit), ..Self::default() };
        show.known.insert(subject.descriptor.digest.clone());
        show.known.extend(subject.within.clone());
        show.learn(&subject.descriptor, &subject.bytes);
        show
    }

    /// For signing a subject.
    pub(in crate::host) fn signing(subject: &Subject) -> Self {
        let (digest, name) = (subject.descriptor.digest.clone(), subject.reference.clone());
        Self { signing: Some(ImageToSign { digest, name }), ..Self::default() }
    }

    /// Whether a digest belongs to the image.
    pub(in crate::host) fn knows(&self, digest: &Digest) -> bool {
        self.known.contains(digest)
    }

    /// Takes in what a manifest names.
    pub(in crate::host) fn learn(&mut self, descriptor: &Descriptor, bytes: &[u8]) {
        let Ok(manifest) = Manifest::parse(&descriptor.media_type, bytes) else { return };
        let children = manifest.children().map(|child| child.digest.clone());
        let named: Vec<Digest> =
            children.chain(manifest.blobs().into_iter().map(|blob| blob.digest)).collect();
        self.allow(named);
    }

    /// Adds digests, as far as the bound allows.
    pub(in crate::host) fn allow(&mut self, digests: impl IntoIterator<Item = Digest>) {
        let left = MAX_DIGESTS.saturating_sub(self.known.len());
        self.known.extend(digests.into_iter().take(left));
    }
}
