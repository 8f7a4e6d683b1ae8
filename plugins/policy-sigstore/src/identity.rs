//! What the name in a signature must be: the rules of policy.json's `signedIdentity`.
//!
//! Source: "containers-policy.json(5)", `signedIdentity`; where that is silent, containers/image.

use crate::piece::shown;
use engine_plugin_sdk::oci::{Name, Reference};

/// A rule for the name in a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The image's own name with its tag or digest.
    MatchExact,
    /// The same; for an image that is asked for by digest, its repository with any tag.
    MatchRepoDigestOrExact,
    /// The image's repository, with any tag or none.
    MatchRepository,
    /// This name, with tag or digest.
    ExactReference(Reference),
    /// This repository, with any tag or none.
    ExactRepository(Reference),
    /// As `MatchRepoDigestOrExact`, of the image's name with another beginning.
    Remap {
        /// What the image's name begins with; names that do not stay as they are.
        prefix: String,
        /// What stands for it in the signature.
        signed_prefix: String,
    },
}

impl Identity {
    /// A registry's name in full: `redis:7` is `docker.io/library/redis:7`.
    pub(crate) fn expanded(text: &str) -> Option<Reference> {
        // Names in signatures have no transport.
        let bare = !text.contains("://");
        text.parse::<Reference>().ok().filter(|reference| bare && reference.is_registry())
    }

    /// Whether what an image was `signed` as fits the `image`'s own name; else why not.
    pub(crate) fn check(&self, signed: &str, image: Option<&str>) -> Result<(), String> {
        let as_signed = Self::expanded(signed)
            .ok_or_else(|| format!("signed as `{}`, which is no image name", shown(signed)))?;
        let wanted = self.wanted(image)?;
        if wanted.fits(&as_signed) {
            return Ok(());
        }
        Err(match (self, &wanted) {
            (Self::ExactReference(_) | Self::ExactRepository(_), _) => {
                format!("signed as {as_signed}, which is not {wanted}")
            }
            (Self::Remap { .. }, _) => {
                format!("signed as {as_signed}, which is not {wanted}, what this is signed as")
            }
            (_, Wanted::Exact(_)) if is_bare(&as_signed) => {
                format!("signed as {as_signed}, without tag or digest; this is {wanted}")
            }
            _ => format!("signed as {as_signed}, this is {wanted}"),
        })
    }

    /// What a signature must name.
    fn wanted(&self, image: Option<&str>) -> Result<Wanted, String> {
        let known = || {
            let reference = image.and_then(Self::expanded);
            reference.ok_or("the image has no name at its source that a signature could be held to")
        };
        Ok(match self {
            Self::MatchExact => Wanted::Exact(known()?),
            Self::MatchRepoDigestOrExact => Wanted::by_tag(known()?),
            Self::MatchRepository => Wanted::Repository(known()?),
            Self::ExactReference(reference) => Wanted::Exact(reference.clone()),
            Self::ExactRepository(reference) => Wanted::Repository(reference.clone()),
            Self::Remap { prefix, signed_prefix } => {
                let reference = known()?;
                Wanted::by_tag(remapped(&reference, prefix, signed_prefix).ok_or_else(|| {
                    format!("{reference} with the beginning {signed_prefix} is no image name")
                })?)
            }
        })
    }
}

/// What a signature must name.
enum Wanted {
    /// This, letter by letter; never a name without tag and digest.
    Exact(Reference),
    /// Something in this repository.
    Repository(Reference),
    /// Something in this repository, with a tag or a digest.
    Tagged(Reference),
}

impl Wanted {
    /// An image by tag is that one; for an image by digest alone, the digest has been compared with
    /// the one that was signed, and the tag in the signature is free.
    fn by_tag(image: Reference) -> Self {
        let by_digest = image.name.tag.is_none() && image.name.digest.is_some();
        if by_digest { Self::Tagged(image) } else { Self::Exact(image) }
    }

    fn fits(&self, signed: &Reference) -> bool {
        match self {
            Self::Exact(wanted) => !is_bare(wanted) && wanted == signed,
            Self::Repository(wanted) => same_repository(wanted, signed),
            Self::Tagged(wanted) => !is_bare(signed) && same_repository(wanted, signed),
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exact(wanted) => write!(f, "{wanted}"),
            Self::Repository(wanted) => write!(f, "{}", bare(wanted)),
            Self::Tagged(wanted) => write!(f, "{} with a tag or digest", bare(wanted)),
        }
    }
}

fn bare(reference: &Reference) -> Reference {
    let repository = reference.name.repository.clone();
    reference.with_name(Name { repository, ..Name::default() })
}

/// Whether a name has neither tag nor digest.
fn is_bare(reference: &Reference) -> bool {
    reference.name.tag.is_none() && reference.name.digest.is_none()
}

fn same_repository(one: &Reference, other: &Reference) -> bool {
    (&one.place, &one.name.repository) == (&other.place, &other.name.repository)
}

/// The name with another beginning, where it begins so at a whole part of it; none where that is
/// no name.
fn remapped(image: &Reference, prefix: &str, signed_prefix: &str) -> Option<Reference> {
    let whole = image.to_string();
    let inside = |rest: &str| rest.is_empty() || rest.starts_with('/');
    // Only host and repository count, so that `a/b` is no beginning of `a/b:1` in another way
    // than of `a/b`.
    let begins = bare(image).to_string().strip_prefix(prefix).is_some_and(inside);
    match whole.strip_prefix(prefix).filter(|_| begins) {
        None => Some(image.clone()),
        Some(rest) => {
            // Not every text that was put together is still in full: `quay.io` and `:1` are a name
            // at Docker Hub.
            let made = format!("{signed_prefix}{rest}");
            Identity::expanded(&made).filter(|reference| reference.to_string() == made)
        }
    }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
