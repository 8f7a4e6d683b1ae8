//! Evidence: the companions of a manifest as policies and signers are shown them.

use super::names::signature_tag;
use super::{CompanionFault, OpenRepository, Referrers, codes};
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Descriptor, Digest, Manifest, Shape};
use crate::role::{Evidence, Manifested, Selector};

/// Pieces of evidence for one subject. An image with more signatures than that is made to be slow.
const MAX_PIECES: usize = 128;
/// Bytes of one piece. Source: `wit/judgement.wit`.
const MAX_PIECE_BYTES: u64 = 4 << 20;

/// Finds the evidence of these forms, without its bytes.
///
/// # Errors
///
/// What the place says; `companion::evidence` where what stands there is no evidence at all, or too
/// much of it; `companion::referrers-unreadable`.
pub(crate) async fn evidence(
    referrers: &Referrers,
    at: &OpenRepository<'_>,
    subject: &Digest,
    forms: &[String],
) -> Result<Vec<Evidence>, CompanionFault> {
    let mut found = Vec::new();
    for form in forms {
        match form.as_str() {
            "attachment" => found.extend(attached(at, subject).await?),
            "referrer" => found.extend(referring(referrers, at, subject).await?),
            // A form that this engine does not know: it has seen none.
            _ => {}
        }
        if found.len() > MAX_PIECES {
            let why = format!("there are more than {MAX_PIECES} signatures");
            return Err(CompanionFault::Unusable(odd(subject, &why)));
        }
    }
    Ok(found)
}

/// Reads the bytes of what has none yet; each is checked.
///
/// # Errors
///
/// What the place says; `companion::evidence` where a piece is too large.
pub(crate) async fn fetch(at: &OpenRepository<'_>, pieces: &mut [Evidence]) -> Result<(), Fault> {
    for piece in pieces.iter_mut().filter(|piece| piece.bytes.is_none()) {
        let Descriptor { digest, size, .. } = &piece.descriptor;
        if *size > MAX_PIECE_BYTES {
            return Err(odd(digest, &format!("it has more than {MAX_PIECE_BYTES} bytes")));
        }
        let read = async {
            let body = at.session.get_blob(at.name, &piece.descriptor, 0).await?;
            body.verified(digest, Some(*size)).read_all(MAX_PIECE_BYTES).await
        };
        let bytes = read.await.map_err(|fault| unread(piece, fault))?;
        piece.bytes = Some(bytes);
    }
    Ok(())
}

/// Says that it is not the image that cannot be read, but its signature.
fn unread(piece: &Evidence, fault: Fault) -> Fault {
    let what = if piece.form == "attachment" { "its signature" } else { "what refers to it" };
    let message = format!("{what} cannot be read: {}", fault.message);
    Fault { message, ..fault }
}

async fn attached(
    at: &OpenRepository<'_>,
    subject: &Digest,
) -> Result<Vec<Evidence>, CompanionFault> {
    let which = Selector::Tag(signature_tag(subject));
    let Some(carrier) = at.session.get_manifest(at.name, &which).await? else {
        return Ok(Vec::new());
    };
    layers("attachment", &carrier)
        .ok_or_else(|| CompanionFault::Unusable(odd(subject, "what stands there is no image")))
}

async fn referring(
    referrers: &Referrers,
    at: &OpenRepository<'_>,
    subject: &Digest,
) -> Result<Vec<Evidence>, CompanionFault> {
    let mut found = Vec::new();
    for referrer in referrers.list(at, None, subject).await? {
        let which = Selector::Digest(referrer.digest);
        if let Some(carrier) = at.session.get_manifest(at.name, &which).await? {
            // A referrer that is no image, as the index of an SBOM, is no evidence.
            found.extend(layers("referrer", &carrier).unwrap_or_default());
        }
        if found.len() > MAX_PIECES {
            break;
        }
    }
    Ok(found)
}

/// The layers of a manifest that carries evidence; `None` where it is no image.
fn layers(form: &str, carrier: &Manifested) -> Option<Vec<Evidence>> {
    let parsed = Manifest::parse(&carrier.descriptor.media_type, &carrier.bytes);
    let Ok(Manifest { shape: Shape::Image { layers, .. }, .. }) = parsed else { return None };
    let piece = |layer: Descriptor| Evidence {
        form: form.to_owned(),
        descriptor: layer,
        bytes: None,
        carrier: Some(carrier.descriptor.clone()),
    };
    Some(layers.into_iter().map(piece).collect())
}

fn odd(subject: &Digest, why: &str) -> Fault {
    let message = format!("the signatures of `{subject}` cannot be read: {why}");
    Fault::new(codes::EVIDENCE, Origin::Source, message)
}
