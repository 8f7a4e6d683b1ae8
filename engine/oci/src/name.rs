//! Names at a place: a repository, and a tag, a digest, a position or an id in it.

use crate::{Digest, LegalNames, ReferenceFault};
use std::fmt;

/// A repository name may have this many characters. Source: distribution reference grammar.
const MAX_REPOSITORY: usize = 255;
/// A tag may have this many characters. Source: distribution-spec 1.1, "Pulling manifests".
const MAX_TAG: usize = 128;

/// A name at a place: a repository, and a tag or a digest in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Name {
    /// The repository, without the host; empty where a place holds just one.
    pub repository: String,
    /// The tag, if any.
    pub tag: Option<String>,
    /// The digest, if any; with a tag, the tag must point to it.
    pub digest: Option<Digest>,
    /// The position among the images of the place, counted from 0: `@N` of an archive.
    pub index: Option<u32>,
    /// The id of the image in the place's own words.
    pub id: Option<String>,
}

impl Name {
    /// A name with a tag.
    pub fn tagged(repository: impl Into<String>, tag: impl Into<String>) -> Self {
        let (repository, tag) = (repository.into(), Some(tag.into()));
        Self { repository, tag, ..Self::default() }
    }

    /// A name with a digest.
    pub fn pinned(repository: impl Into<String>, digest: Digest) -> Self {
        Self { repository: repository.into(), digest: Some(digest), ..Self::default() }
    }

    /// Parses `repository[:tag][@digest]`.
    pub fn parse_in(text: &str, name: &str) -> Result<Self, ReferenceFault> {
        let (name, digest) = split_digest(text, name)?;
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (name, None),
        };
        Self::checked(text, (repository, tag, digest), LegalNames::Oci)
    }

    /// Parses `[repository:]tag[@digest]`, where a name without a colon is a tag: names in an OCI
    /// layout.
    pub fn parse_bare(text: &str, name: &str) -> Result<Self, ReferenceFault> {
        Self::parse_bare_by(text, name, LegalNames::Oci)
    }

    /// As [`Self::parse_bare`], where other names are legal.
    pub(crate) fn parse_bare_by(
        text: &str,
        name: &str,
        legal: LegalNames,
    ) -> Result<Self, ReferenceFault> {
        let (name, digest) = split_digest(text, name)?;
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) => (repository, tag),
            None => ("", name),
        };
        let tag = Some(tag).filter(|tag| !tag.is_empty());
        Self::checked(text, (repository, tag, digest), legal)
    }

    fn checked(
        text: &str,
        (repository, tag, digest): (&str, Option<&str>, Option<Digest>),
        legal: LegalNames,
    ) -> Result<Self, ReferenceFault> {
        if !repository.is_empty() && !legal.is_repository(repository) {
            let repository = repository.to_owned();
            return Err(ReferenceFault::Repository { text: text.to_owned(), repository });
        }
        if let Some(tag) = tag.filter(|tag| !legal.is_tag(tag)) {
            return Err(ReferenceFault::Tag { text: text.to_owned(), tag: tag.to_owned() });
        }
        let (repository, tag) = (repository.to_owned(), tag.map(str::to_owned));
        Ok(Self { repository, tag, digest, ..Self::default() })
    }

    /// Whether it names an image that must be there already: by its position, or by its id.
    pub fn is_only_read(&self) -> bool {
        self.index.is_some() || self.id.is_some()
    }

    /// Whether `text` can be a repository. Source: distribution-spec 1.1, "Pulling manifests".
    pub fn is_repository(text: &str) -> bool {
        is_repository(text)
    }

    /// Whether `text` can be a tag. Source: distribution-spec 1.1, "Pulling manifests".
    pub fn is_tag(text: &str) -> bool {
        is_tag(text)
    }
}

pub(crate) fn split_digest<'a>(
    text: &str,
    name: &'a str,
) -> Result<(&'a str, Option<Digest>), ReferenceFault> {
    match name.split_once('@') {
        Some((name, digest)) => match digest.parse() {
            Ok(parsed) => Ok((name, Some(parsed))),
            Err(_) => {
                Err(ReferenceFault::Digest { text: text.to_owned(), digest: digest.to_owned() })
            }
        },
        None => Ok((name, None)),
    }
}

fn is_repository(text: &str) -> bool {
    text.len() <= MAX_REPOSITORY && text.split('/').all(is_component)
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(component: &str) -> bool {
    let alnum = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators_ok = component
        .split(alnum)
        .all(|run| matches!(run, "" | "." | "_" | "__") || run.chars().all(|c| c == '-'));
    separators_ok && component.starts_with(alnum) && component.ends_with(alnum)
}

fn is_tag(text: &str) -> bool {
    text.len() <= MAX_TAG
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        match &self.id {
            // An id with an algorithm stands alone, one without behind the name.
            Some(id) if self.repository.is_empty() && id.contains(':') => f.write_str(id),
            Some(id) => write!(f, "@{id}"),
            None => Ok(()),
        }
    }
}
