//! The image under judgement, and nothing else. See `wit/image.wit`.

use crate::{Descriptor, Digest, Fault, imports};

/// The bytes of a manifest or index of the image.
pub fn manifest(digest: &Digest) -> Result<Vec<u8>, Fault> {
    imports::image_manifest(digest)
}

/// The bytes of a config or of a small artifact, at most 4 MiB.
pub fn blob(blob: &Descriptor) -> Result<Vec<u8>, Fault> {
    imports::image_blob(blob)
}

/// The manifests whose subject it is.
pub fn referrers(digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
    imports::image_referrers(digest)
}
