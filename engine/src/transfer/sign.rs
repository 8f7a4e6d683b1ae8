//! Signing what was written, or what was there: by digest, before the tag is set, so that no name ever
//! points to something that lacks its signature.

use super::end::End;
use super::error::TransferFault;
use super::shared::{self, put_bytes};
use super::tree::Manifests;
use super::write::by_digest;
use super::{Entry, Transfer};
use crate::diagnostic::Fault;
use crate::event::Event;
use crate::oci::{Descriptor, Digest, media_type};
use crate::plan::{Sign, signature_tag};
use crate::role::{Artifact, ArtifactForm, Manifested, Subject};
use serde_json::{Value, json};

/// Signs what an item wrote: the top and, where its step says so, what is below it.
pub(super) async fn sign(
    transfer: &Transfer,
    entry: &Entry,
    to: &End,
    (top, children): (Manifested, Vec<Manifested>),
) -> Result<(), Fault> {
    let reference = &entry.item.destination;
    let transport = reference.transport.as_str();
    for sign in &entry.item.signs {
        let below = if sign.children { children.as_slice() } else { &[] };
        let digest = &top.descriptor.digest;
        let subjects = below.iter().map(|child| (child, Some(digest))).chain([(&top, None)]);
        for (manifest, within) in subjects {
            let subject = sign.subject(transport, manifest, within);
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
    entry: &Entry,
    top: &Manifested,
) -> Result<(), Fault> {
    let transport = entry.item.destination.transport.as_str();
    for sign in &entry.item.signs {
        let signer = transfer.roles.signer(&sign.step, &sign.word)?;
        signer.present(&sign.subject(transport, top, None), &[]).await?;
    }
    Ok(())
}

/// Signs what a destination had already.
pub(super) async fn sign_present(
    transfer: &Transfer,
    entry: &Entry,
    to: &End,
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
    entry: &Entry,
    to: &End,
    (sign, subject): (&Sign, &Subject),
) -> Result<(), Fault> {
    let digest = &subject.descriptor.digest;
    // Two items with the same image must not both find it unsigned.
    let turn = transfer.turns.of(to, &format!("{} {}", sign.step, digest));
    let _held = turn.lock().await;
    if sign.is_there(&transfer.roles, &to.session, &to.repository, subject).await? {
        return Ok(());
    }
    let signer = transfer.roles.signer(&sign.step, &sign.word)?;
    let made = signer.sign(subject).await?;
    if made.is_empty() {
        return Err(TransferFault::NothingSigned(sign.step.clone()).into());
    }
    for artifact in made {
        attach(transfer, to, digest, subject, artifact).await?;
    }
    transfer.events.say(&Event::Signed {
        item: entry.item.id,
        step: sign.step.clone(),
        digest: digest.clone(),
        identity: sign.identity.clone(),
    });
    Ok(())
}

async fn attach(
    transfer: &Transfer,
    to: &End,
    subject: &Digest,
    about: &Subject,
    artifact: Artifact,
) -> Result<(), Fault> {
    let Artifact { form, media_type, bytes, annotations } = artifact;
    let layer = Descriptor { annotations, ..put_bytes(to, &media_type, bytes).await? };
    match form {
        ArtifactForm::Attachment => {
            let config = json!({
                "architecture": "", "os": "",
                "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
            });
            let config = config.to_string().into_bytes();
            let config = put_bytes(to, media_type::OCI_CONFIG, config.into()).await?;
            let manifest = json!({
                "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
                "config": config, "layers": [layer],
            });
            let tag = signature_tag(subject);
            shared::write(transfer, to, &manifested(&manifest), &tag).await
        }
        ArtifactForm::Referrer { artifact_type, annotations } => {
            let config =
                put_bytes(to, media_type::OCI_EMPTY, bytes::Bytes::from_static(b"{}")).await?;
            let Descriptor { media_type, digest, size, .. } = &about.descriptor;
            let mut manifest = json!({
                "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
                "config": config, "layers": [layer],
                "subject": {"mediaType": media_type, "digest": digest, "size": size},
            });
            if let (Some(manifest), Some(kind)) = (manifest.as_object_mut(), artifact_type) {
                manifest.insert("artifactType".to_owned(), Value::String(kind));
            }
            if let (Some(manifest), false) = (manifest.as_object_mut(), annotations.is_empty()) {
                manifest.insert("annotations".to_owned(), json!(annotations));
            }
            by_digest(transfer, to, &manifested(&manifest)).await
        }
    }
}

fn manifested(manifest: &Value) -> Manifested {
    let bytes = manifest.to_string().into_bytes();
    let descriptor = Descriptor::of_manifest(media_type::OCI_MANIFEST, &bytes);
    Manifested { descriptor, bytes: bytes.into() }
}
