//! The image under judgement, as a policy may look at it.

use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use async_trait::async_trait;
use bytes::Bytes;

/// Reads what belongs to one image. Which digests that are is for the host to say: it lets a guest
/// ask only for what the manifests read so far name.
#[async_trait]
pub trait Exhibit: Send + Sync {
    /// The bytes of a manifest, checked; at most 4 MiB.
    async fn manifest(&self, digest: &Digest) -> Result<Bytes, Fault>;
    /// The bytes of a small blob, checked; a fault where it has more than 4 MiB.
    async fn blob(&self, blob: &Descriptor) -> Result<Bytes, Fault>;
    /// The manifests whose subject it is.
    async fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, Fault>;
}
