//! What a signature of cosign and Skopeo signs: a small JSON text that names an image's digest and
//! what the image is signed as.
//!
//! Source: containers/image, "container-signature(5)"; cosign, "signature spec". Reading is as
//! strict as Skopeo's: what is said twice, or said and not understood, is no signature.

use crate::strict::Strict;
use crate::{Digest, DigestFault, base64};
use serde_json::json;
use std::collections::BTreeMap;

/// The media type of the layer that holds the text.
pub const MEDIA_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The annotation of that layer with the signature, in base64.
pub const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// The annotation with the certificate of whoever signed without a key of their own, in PEM.
pub const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";

/// What is written into `critical.type`.
const KIND: &str = "cosign container image signature";
/// What is read there too: the same text, signed with `OpenPGP`.
const OLD_KIND: &str = "atomic container signature";

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The digest of the manifest or index.
    pub digest: Digest,
    /// What it is signed as: a registry's name, with or without tag. Not checked.
    pub reference: String,
}

/// Why a text is no [`Payload`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadFault {
    /// It is not JSON, or something stands in it twice.
    #[error("it is not JSON: {0}")]
    Json(String),
    /// A member is not what it must be.
    #[error("`{0}` is not there, or is not what it must be")]
    Member(&'static str),
    /// There is a member that means nothing to us, where only known ones may be.
    #[error("`{0}` has members that are not known")]
    Unknown(&'static str),
    /// It is a text of another kind.
    #[error("`critical.type` is not `{KIND}`")]
    Kind,
    /// What it names is no digest.
    #[error(transparent)]
    Digest(#[from] DigestFault),
}

impl Payload {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// [`PayloadFault`] unless it has exactly the members that it must have, and each once. Only
    /// `optional` may have others.
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadFault> {
        let read = serde_json::from_slice(bytes);
        let whole = read.map_err(|fault| PayloadFault::Json(fault.to_string()))?;
        let [critical, optional] = members("the text", whole, ["critical", "optional"])?;
        check_optional(&optional)?;
        let inside = ["identity", "image", "type"];
        let [identity, image, kind] = members("critical", critical, inside)?;
        if ![KIND, OLD_KIND].contains(&text("critical.type", kind)?.as_str()) {
            return Err(PayloadFault::Kind);
        }
        let [digest] = members("critical.image", image, ["docker-manifest-digest"])?;
        let [reference] = members("critical.identity", identity, ["docker-reference"])?;
        Ok(Self {
            digest: text("docker-manifest-digest", digest)?.parse()?,
            reference: text("docker-reference", reference)?,
        })
    }

    /// The text, byte by byte as cosign writes it without annotations: the same digest and
    /// reference always give the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let critical = json!({
            "identity": {"docker-reference": self.reference},
            "image": {"docker-manifest-digest": self.digest},
            "type": KIND,
        });
        json!({"critical": critical, "optional": null}).to_string().into_bytes()
    }
}

/// A signature as it stands in the annotation [`SIGNATURE`].
pub fn encode(signature: &[u8]) -> String {
    base64::encode(signature)
}

/// The signature of an annotation; none where it is not base64.
pub fn decode(annotation: &str) -> Option<Vec<u8>> {
    base64::decode(annotation)
}

/// The members of an object that has exactly these.
fn members<const N: usize>(
    of: &'static str,
    value: Strict,
    names: [&'static str; N],
) -> Result<[Strict; N], PayloadFault> {
    let Strict::Object(mut found) = value else { return Err(PayloadFault::Member(of)) };
    let mut missing = None;
    let taken = names.map(|name| {
        found.remove(name).unwrap_or_else(|| {
            missing = missing.or(Some(name));
            Strict::Null
        })
    });
    match missing {
        Some(name) => Err(PayloadFault::Member(name)),
        None if !found.is_empty() => Err(PayloadFault::Unknown(of)),
        None => Ok(taken),
    }
}

fn text(of: &'static str, value: Strict) -> Result<String, PayloadFault> {
    match value {
        Strict::Text(text) => Ok(text),
        _ => Err(PayloadFault::Member(of)),
    }
}

/// Nothing, or an object: of its members these two have a form.
fn check_optional(optional: &Strict) -> Result<(), PayloadFault> {
    let nothing = BTreeMap::new();
    let members = match optional {
        Strict::Null => &nothing,
        Strict::Object(members) => members,
        _ => return Err(PayloadFault::Member("optional")),
    };
    if !matches!(members.get("creator"), None | Some(Strict::Text(_))) {
        return Err(PayloadFault::Member("optional.creator"));
    }
    if !matches!(members.get("timestamp"), None | Some(Strict::Number { whole: true })) {
        return Err(PayloadFault::Member("optional.timestamp"));
    }
    Ok(())
}

#[cfg(test)]
#[path = "simple_signing_tests.rs"]
mod tests;
