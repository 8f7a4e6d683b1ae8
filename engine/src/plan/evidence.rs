//! What may speak for a manifest, found beside it at its place.

use super::companion::{fallback_tag, signature_tag};
use crate::diagnostic::{Fault, Kind, Origin};
use crate::oci::{Descriptor, Digest, Manifest, Shape};
use crate::plan::codes;
use crate::role::{Evidence, Manifested, Selector, Session};
use std::sync::Arc;

/// Pieces of evidence for one subject. An image with more signatures than that is made to be slow.
const MAX_PIECES: usize = 128;
/// Bytes of one piece. Source: `wit/judgement.wit`.
const MAX_PIECE_BYTES: u64 = 4 << 20;

/// Finds the evidence of these forms, without its bytes.
///
/// # Errors
///
/// What the place says; `plan::evidence` where what stands there is no evidence at all, or too much
/// of it.
pub(crate) async fn evidence(
    session: &Arc<dyn Session>,
    repository: &str,
    subject: &Digest,
    forms: &[String],
) -> Result<Vec<Evidence>, Fault> {
    let mut found = Vec::new();
    for form in forms {
        match form.as_str() {
            "attachment" => found.extend(attached(session, repository, subject).await?),
            "referrer" => found.extend(referring(session, repository, subject).await?),
            // A later engine may know it; this one has seen none.
            _ => {}
        }
        if found.len() > MAX_PIECES {
            return Err(odd(subject, &format!("there are more than {MAX_PIECES} signatures")));
        }
    }
    Ok(found)
}

/// Reads the bytes of what has none yet; each is checked.
pub(crate) async fn fetch(
    session: &Arc<dyn Session>,
    repository: &str,
    pieces: &mut [Evidence],
) -> Result<(), Fault> {
    for piece in pieces.iter_mut().filter(|piece| piece.bytes.is_none()) {
        let Descriptor { digest, size, .. } = &piece.descriptor;
        if *size > MAX_PIECE_BYTES {
            return Err(odd(digest, &format!("it has more than {MAX_PIECE_BYTES} bytes")));
        }
        let read = async {
            let body = session.get_blob(repository, &piece.descriptor, 0).await?;
            body.verified(digest, Some(*size)).read_all(MAX_PIECE_BYTES).await
        };
        let bytes = read.await.map_err(|fault| unread(piece, fault))?;
        piece.bytes = Some(bytes);
    }
    Ok(())
}

/// Says that it is not the image that cannot be read, but what speaks for it.
fn unread(piece: &Evidence, fault: Fault) -> Fault {
    let what = if piece.form == "attachment" { "its signature" } else { "what refers to it" };
    let message = format!("{what} cannot be read: {}", fault.message);
    Fault { message, ..fault }
}

async fn attached(
    session: &Arc<dyn Session>,
    repository: &str,
    subject: &Digest,
) -> Result<Vec<Evidence>, Fault> {
    let which = Selector::Tag(signature_tag(subject));
    match session.get_manifest(repository, &which).await? {
        Some(carrier) => layers("attachment", subject, &carrier),
        None => Ok(Vec::new()),
    }
}

async fn referring(
    session: &Arc<dyn Session>,
    repository: &str,
    subject: &Digest,
) -> Result<Vec<Evidence>, Fault> {
    let mut found = Vec::new();
    for referrer in referrers(session, repository, subject).await? {
        let which = Selector::Digest(referrer.digest);
        if let Some(carrier) = session.get_manifest(repository, &which).await? {
            // Whatever else refers to an image (an SBOM's index, say) does not speak for it.
            found.extend(layers("referrer", subject, &carrier).unwrap_or_default());
        }
        if found.len() > MAX_PIECES {
            break;
        }
    }
    Ok(found)
}

/// The referrers of a manifest, by the list or, where a place has none, by the index under the tag
/// that stands for it. Source: distribution-spec 1.1, "Referrers Tag Schema".
pub(crate) async fn referrers(
    session: &Arc<dyn Session>,
    repository: &str,
    subject: &Digest,
) -> Result<Vec<Descriptor>, Fault> {
    match session.referrers(repository, subject).await {
        Ok(found) => return Ok(found),
        Err(fault) if fault.kind == Kind::Unsupported => {}
        Err(fault) => return Err(fault),
    }
    let which = Selector::Tag(fallback_tag(subject));
    let Some(index) = session.get_manifest(repository, &which).await? else {
        return Ok(Vec::new());
    };
    let parsed = Manifest::parse(&index.descriptor.media_type, &index.bytes);
    Ok(parsed.map(|index| index.children().to_vec()).unwrap_or_default())
}

/// The layers of what carries evidence.
fn layers(form: &str, subject: &Digest, carrier: &Manifested) -> Result<Vec<Evidence>, Fault> {
    let parsed = Manifest::parse(&carrier.descriptor.media_type, &carrier.bytes);
    let Ok(Manifest { shape: Shape::Image { layers, .. }, .. }) = parsed else {
        return Err(odd(subject, "what stands there is no image"));
    };
    let piece = |layer: Descriptor| Evidence {
        form: form.to_owned(),
        descriptor: layer,
        bytes: None,
        carrier: Some(carrier.descriptor.clone()),
    };
    Ok(layers.into_iter().map(piece).collect())
}

fn odd(subject: &Digest, why: &str) -> Fault {
    let message = format!("the signatures of `{subject}` cannot be read: {why}");
    Fault::new(codes::EVIDENCE, Origin::Source, message)
}
