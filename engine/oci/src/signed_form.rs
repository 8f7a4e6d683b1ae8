//! The forms of messages that the engine signs, and what a message of each form is about.
//!
//! The attack: a signer is called for a harmless image, and asks for the signature of a message that
//! verifiers read as one about another image; the harmless digest stands in it too, where no verifier
//! looks. So the engine reads a message before it signs it. The list of forms is closed. Each form has
//! a parser of its own, which refuses whatever two readers could read differently, and exactly one
//! place for the subject.
//!
//! A new form is a variant here: its parser, its place for the subject, and the name that it is signed
//! as, where the form has one.

use crate::simple_signing::{Payload, PayloadFault};
use crate::{Digest, Reference};

/// A message in one of the forms that the engine signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedForm {
    /// The JSON text that cosign and Skopeo sign. Its subject is
    /// `critical.image.docker-manifest-digest`.
    SimpleSigning(Payload),
}

/// Why a message is not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignedFormFault {
    /// It is in none of the forms.
    #[error("the message is in no form that the engine signs; as simple signing, {0}")]
    Unknown(#[from] PayloadFault),
    /// It is about another image.
    #[error("the message is about `{named}`, and the image to be signed is `{subject}`")]
    OtherSubject {
        /// The digest in the place of the subject.
        named: Digest,
        /// The digest of the image that is to be signed.
        subject: Digest,
    },
    /// It calls the image by another name.
    #[error("the message calls the image `{named}`, and it is to be signed as `{name}`")]
    OtherName {
        /// The name in the message.
        named: String,
        /// The name that the image is to be signed as; empty where there is none.
        name: String,
    },
}

impl SignedForm {
    /// Reads a message as a verifier does.
    ///
    /// # Errors
    ///
    /// [`SignedFormFault::Unknown`] when it is in none of the forms.
    pub fn parse(message: &[u8]) -> Result<Self, SignedFormFault> {
        Ok(Self::SimpleSigning(Payload::parse(message)?))
    }

    /// The digest of the manifest or index that the message is about.
    pub fn subject(&self) -> &Digest {
        match self {
            Self::SimpleSigning(payload) => &payload.digest,
        }
    }

    /// Reads a message, and refuses it unless it is about `subject` under the name `name`, or under
    /// that name without its tag, as cosign 2 writes it: for each tag of the repository.
    ///
    /// # Errors
    ///
    /// [`SignedFormFault`] says what is wrong with the message.
    pub fn of_image(
        message: &[u8],
        subject: &Digest,
        name: Option<&str>,
    ) -> Result<Self, SignedFormFault> {
        let form = Self::parse(message)?;
        if form.subject() != subject {
            let (named, subject) = (form.subject().clone(), subject.clone());
            return Err(SignedFormFault::OtherSubject { named, subject });
        }
        match &form {
            Self::SimpleSigning(payload) if !is_named(&payload.reference, name) => {
                let (named, name) =
                    (payload.reference.clone(), name.unwrap_or_default().to_owned());
                Err(SignedFormFault::OtherName { named, name })
            }
            Self::SimpleSigning(_) => Ok(form),
        }
    }
}

/// Whether `named` is the name `name` of a registry, however both are written, or its repository.
fn is_named(named: &str, name: Option<&str>) -> bool {
    let read = |text: &str| text.parse::<Reference>().ok().filter(Reference::is_registry);
    let (Some(named), Some(name)) = (read(named), name.and_then(read)) else { return false };
    let is_repository = named.name.tag.is_none() && named.name.digest.is_none();
    let same_repository =
        named.place == name.place && named.name.repository == name.name.repository;
    named == name || (is_repository && same_repository)
}

#[cfg(test)]
#[path = "signed_form_tests.rs"]
mod tests;
