//! Signing what was written, or what was there: by digest, before the tag is set, so that no name ever
//! points to something that lacks its signature.

use super::error::TransferFault;
use super::repository_session::RepositorySession;
use super::tree::Manifests;
use super::write::{by_digest, write_shared};
use super::{ItemInWork, Transfer};
use crate::companion::{Carrier, is_signed, subject};
use crate::diagnostic::Fault;
use crate::event::Event;
use crate::oci::{Descriptor, NewManifestFault};
use crate::plan::Sign;
use crate::role::{Artifact, Manifested, Subject};

/// Signs what an item wrote: the top and, where its step says so, what is below it.
pub(super) async fn sign(
    transfer: &Transfer,
    entry: &ItemInWork,
    to: &RepositorySession,
    (top, children): (Manifested, Vec<Manifested>),
) -> Result<(), Fault> {
    let reference = &entry.item.destination;
    let transport = reference.transport.as_str();
    for sign in &entry.item.signs {
        let below = if sign.children { children.as_slice() } else { &[] };
        let digest = &top.descriptor.digest;
        let subjects = below.iter().map(|child| (child, Some(digest))).chain([(&top, None)]);
        for (manifest, within) in subjects {
            let subject = subject(manifest, sign.identity.as_deref(), transport, within);
            one(transfer, entry, to, (sign, &subject)).await?;
        }
        let at = (transport, reference.place.as_str(), reference.name.repository.as_str());
        transfer.note(transfer.ledger.record_edited(&sign.row(at, digest)));
    }
    Ok(())
}

/// Whether the steps of an item could sign it, as far as can be said before anything is written:
/// their keys open, and they take the identity. Costs no request, as they are shown no evidence.
///
/// Without this question a wrong passphrase would be found when all content is there already.
///
/// # Errors
///
/// What a signer says.
pub(super) async fn could_sign(
    transfer: &Transfer,
    entry: &ItemInWork,
    top: &Manifested,
) -> Result<(), Fault> {
    let transport = entry.item.destination.transport.as_str();
    for sign in &entry.item.signs {
        let signer = transfer.roles.signer(&sign.step, &sign.word)?;
        signer.present(&subject(top, sign.identity.as_deref(), transport, None), &[]).await?;
    }
    Ok(())
}

/// Signs what a destination had already.
pub(super) async fn sign_present(
    transfer: &Transfer,
    entry: &ItemInWork,
    to: &RepositorySession,
) -> Result<(), Fault> {
    let item = &entry.item;
    let digest = item.previous.as_ref().unwrap_or(&item.pinned.digest);
    let there = Manifests::new(to.clone());
    let top = there.get(digest).await?;
    let mut children = Vec::new();
    if item.signs.iter().any(|sign| sign.children) {
        for child in there.below(digest).await? {
            children.push(there.get(&child).await?);
        }
    }
    sign(transfer, entry, to, (top, children)).await
}

/// One signature of one manifest, unless it is there.
async fn one(
    transfer: &Transfer,
    entry: &ItemInWork,
    to: &RepositorySession,
    (sign, subject): (&Sign, &Subject),
) -> Result<(), Fault> {
    let digest = &subject.descriptor.digest;
    // Two items with the same image must not both find it unsigned.
    let (sink, signer) = (&entry.item.sink, transfer.roles.signer(&sign.step, &sign.word)?);
    let at = to.opened_by(sink);
    let turn = transfer.turns.of(&at, &format!("{} {}", sign.step, digest));
    let _held = turn.lock().await;
    if is_signed(signer.as_ref(), &transfer.referrers, &at, subject).await? {
        return Ok(());
    }
    let made = signer.sign(subject).await?;
    if made.is_empty() {
        return Err(TransferFault::NothingSigned(sign.step.clone()).into());
    }
    for artifact in made {
        attach(transfer, to, sink, &subject.descriptor, artifact).await?;
    }
    transfer.events.say(&Event::Signed {
        item: entry.item.id,
        step: sign.step.clone(),
        digest: digest.clone(),
        identity: sign.identity.clone(),
    });
    Ok(())
}

/// Writes an artifact of a signer, and the manifest that carries it.
async fn attach(
    transfer: &Transfer,
    to: &RepositorySession,
    sink: &str,
    subject: &Descriptor,
    artifact: Artifact,
) -> Result<(), Fault> {
    let Artifact { form, media_type, bytes, annotations } = artifact;
    let at = to.opened_by(sink);
    let layer = Descriptor { annotations, ..at.put_small(&media_type, bytes).await? };
    let carrier = Carrier::of(subject, &layer, form).map_err(defect)?;
    let Carrier { manifest, config_type, config, tag } = carrier;
    at.put_small(config_type, config).await?;
    match tag {
        Some(tag) => write_shared(transfer, sink, to, (&manifest, &tag)).await,
        None => by_digest(transfer, to, &manifest).await,
    }
}

/// No input leads to it.
fn defect(_: NewManifestFault) -> Fault {
    TransferFault::Crashed.into()
}
