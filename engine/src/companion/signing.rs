//! What a signer is told about a manifest, and whether the manifest is signed already. The survey
//! asks this of images that are unchanged, `transfer` of what it wrote.

use super::{CompanionFault, OpenRepository, Referrers, evidence, fetch};
use crate::diagnostic::Fault;
use crate::oci::Digest;
use crate::role::{Manifested, Presence, Signer, Subject};

/// What a signer is told about a manifest: a signature is over its digest and `identity`.
/// `transport` is the word of the place where it stands, `within` the index that names it.
pub(crate) fn subject(
    manifest: &Manifested,
    identity: Option<&str>,
    transport: &str,
    within: Option<&Digest>,
) -> Subject {
    Subject {
        descriptor: manifest.descriptor.clone(),
        bytes: manifest.bytes.clone(),
        reference: identity.map(str::to_owned),
        transport: transport.to_owned(),
        scopes: Vec::new(),
        within: within.cloned(),
    }
}

/// Whether a subject has the signature that this signer would make, as far as its place can say.
///
/// # Errors
///
/// What the place and the signer say.
pub(crate) async fn is_signed(
    signer: &dyn Signer,
    referrers: &Referrers,
    at: &OpenRepository<'_>,
    subject: &Subject,
) -> Result<bool, Fault> {
    let forms = signer.needs().await?;
    let mut pieces = match evidence(referrers, at, &subject.descriptor.digest, &forms).await {
        Ok(pieces) => pieces,
        // What stands there is no signature; ours is added.
        Err(CompanionFault::Unusable(_)) => return Ok(false),
        Err(CompanionFault::Unread(fault)) => return Err(fault),
    };
    if pieces.is_empty() {
        return Ok(false);
    }
    match signer.present(subject, &pieces).await? {
        Presence::Yes => Ok(true),
        Presence::No => Ok(false),
        Presence::Fetch => {
            fetch(at, &mut pieces).await?;
            Ok(signer.present(subject, &pieces).await? == Presence::Yes)
        }
    }
}
