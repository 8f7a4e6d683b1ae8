//! References: where an image is, in Skopeo's words: `docker://host/repo:tag`, `oci:PATH:NAME`,
//! `dir:PATH`. A text without a transport is `docker://`.

use crate::Digest;
use std::fmt;
use std::str::FromStr;

/// The transport that a text without one means.
pub(crate) const REGISTRY: &str = "docker";

/// A repository name may have this many characters. Source: distribution reference grammar.
const MAX_REPOSITORY: usize = 255;
/// A tag may have this many characters. Source: distribution-spec 1.1, "Pulling manifests".
const MAX_TAG: usize = 128;

/// Where an image is: which transport, at which place, under which name there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// The transport: `docker`, `oci`, `dir`, or the id of a plugin.
    pub transport: String,
    /// The place that the transport is granted: a registry's host and port, or a path.
    pub place: String,
    /// The name at that place.
    pub name: Name,
}

/// A name at a place: a repository, and a tag or a digest in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Name {
    /// The repository, without the host; empty where a place holds just one.
    pub repository: String,
    /// The tag, if any.
    pub tag: Option<String>,
    /// The digest, if any; with a tag, the tag must point to it.
    pub digest: Option<Digest>,
}

/// Why a text is not a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceFault {
    /// Nothing stands where a name was expected.
    #[error("`{0}` names no image")]
    Empty(String),
    /// A registry's host has characters that hosts do not have.
    #[error("`{host}` in `{text}` is not a registry: write host or host:port")]
    Host {
        /// The whole text.
        text: String,
        /// The part at fault.
        host: String,
    },
    /// A repository has characters that repositories do not have.
    #[error(
        "`{repository}` in `{text}` is not a repository: lower-case letters, digits and single separators `. _ -` between slashes"
    )]
    Repository {
        /// The whole text.
        text: String,
        /// The part at fault.
        repository: String,
    },
    /// A tag has characters that tags do not have, or too many.
    #[error(
        "`{tag}` in `{text}` is not a tag: at most 128 letters, digits and `_ . -`, not starting with `.` or `-`"
    )]
    Tag {
        /// The whole text.
        text: String,
        /// The part at fault.
        tag: String,
    },
    /// What follows the `@` is not a digest.
    #[error("`{digest}` in `{text}` is not a digest")]
    Digest {
        /// The whole text.
        text: String,
        /// The part at fault.
        digest: String,
    },
}

impl Reference {
    /// The place and name without the transport of registries, as people write it.
    pub fn is_registry(&self) -> bool {
        self.transport == REGISTRY
    }

    /// The scopes by which a trust policy looks an image up, the narrowest first.
    ///
    /// Source: containers-policy.json(5): of a registry the full name, then the repository and each
    /// path above it, the registry, and `*.` with each domain above it; of a path the path and those
    /// above it.
    pub fn scopes(&self) -> Vec<String> {
        if !self.is_registry() {
            let mut scopes = vec![self.place.clone()];
            let mut path = self.place.as_str();
            while let Some((above, _)) =
                path.rsplit_once('/').filter(|(above, _)| !above.is_empty())
            {
                scopes.push(above.to_owned());
                path = above;
            }
            return scopes;
        }
        let mut scopes = vec![self.to_string()];
        let mut path = format!("{}/{}", self.place, self.name.repository);
        if path != self.to_string() {
            scopes.push(path.clone());
        }
        while let Some((above, _)) = path.rsplit_once('/') {
            scopes.push(above.to_owned());
            path = above.to_owned();
        }
        let mut domain = self.place.rsplit_once(':').map_or(self.place.as_str(), |(host, _)| host);
        while let Some((_, above)) = domain.split_once('.') {
            scopes.push(format!("*.{above}"));
            domain = above;
        }
        scopes
    }

    /// The same place with another name.
    #[must_use]
    pub fn with_name(&self, name: Name) -> Self {
        Self { transport: self.transport.clone(), place: self.place.clone(), name }
    }

    /// Splits `host/path` into the registry (docker.io under all its names is `docker.io`) and
    /// the rest, which gets `library/` where Docker Hub's short names leave it out.
    pub fn split_host(text: &str) -> (String, String) {
        let (first, rest) = match text.split_once('/') {
            Some((first, rest)) if looks_like_host(first) => (first, rest),
            _ => ("docker.io", text),
        };
        let host = match first {
            "index.docker.io" | "registry-1.docker.io" => "docker.io",
            other => other,
        };
        let official = host == "docker.io" && !rest.contains('/') && !rest.is_empty();
        let rest = if official { format!("library/{rest}") } else { rest.to_owned() };
        (host.to_owned(), rest)
    }
}

/// Whether the first part of a name is a host: it has a dot, a port, capitals, or is localhost.
fn looks_like_host(first: &str) -> bool {
    first == "localhost"
        || first.contains(['.', ':', '['])
        || first.chars().any(|c| c.is_ascii_uppercase())
}

impl FromStr for Reference {
    type Err = ReferenceFault;

    fn from_str(text: &str) -> Result<Self, ReferenceFault> {
        if let Some(rest) = text.strip_prefix("docker://") {
            return registry(text, rest);
        }
        match text.split_once(':') {
            Some((transport, rest)) if is_transport(transport, rest) => {
                on_disk(text, transport, rest)
            }
            _ => registry(text, text),
        }
    }
}

/// Whether `transport:rest` starts with a transport and not with a host and port or a name and
/// tag: only the transports that Skopeo lists, so that `redis:7` stays an image.
fn is_transport(transport: &str, rest: &str) -> bool {
    const KNOWN: [&str; 9] = [
        "oci",
        "dir",
        "oci-archive",
        "docker-archive",
        "docker-daemon",
        "containers-storage",
        "sif",
        "tarball",
        "atomic",
    ];
    KNOWN.contains(&transport) && !rest.starts_with("//")
}

fn registry(text: &str, rest: &str) -> Result<Reference, ReferenceFault> {
    let (host, path) = Reference::split_host(rest);
    let host_ok =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    if !host_ok {
        return Err(ReferenceFault::Host { text: text.to_owned(), host });
    }
    let name = Name::parse_in(text, &path)?;
    if name.repository.is_empty() {
        return Err(ReferenceFault::Empty(text.to_owned()));
    }
    Ok(Reference { transport: REGISTRY.to_owned(), place: host, name })
}

fn on_disk(text: &str, transport: &str, rest: &str) -> Result<Reference, ReferenceFault> {
    let named = matches!(transport, "oci" | "oci-archive" | "docker-archive");
    // A digest has a colon of its own, so it is cut off before the name is looked for.
    let (front, digest) = if named { split_digest(text, rest)? } else { (rest, None) };
    let (place, name) = match front.split_once(':') {
        Some((path, name)) if named => (path, Name::parse_bare(text, name)?),
        _ => (front, Name::default()),
    };
    let name = Name { digest, ..name };
    if place.is_empty() {
        return Err(ReferenceFault::Empty(text.to_owned()));
    }
    Ok(Reference { transport: transport.to_owned(), place: place.to_owned(), name })
}

impl Name {
    /// A name with a tag.
    pub fn tagged(repository: impl Into<String>, tag: impl Into<String>) -> Self {
        Self { repository: repository.into(), tag: Some(tag.into()), digest: None }
    }

    /// A name with a digest.
    pub fn pinned(repository: impl Into<String>, digest: Digest) -> Self {
        Self { repository: repository.into(), tag: None, digest: Some(digest) }
    }

    /// Parses `repository[:tag][@digest]`.
    pub fn parse_in(text: &str, name: &str) -> Result<Self, ReferenceFault> {
        let (name, digest) = split_digest(text, name)?;
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (name, None),
        };
        Self::checked(text, repository, tag, digest)
    }

    /// Parses `[repository:]tag[@digest]`, where a name without a colon is a tag: names in an OCI
    /// layout.
    pub fn parse_bare(text: &str, name: &str) -> Result<Self, ReferenceFault> {
        let (name, digest) = split_digest(text, name)?;
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) => (repository, tag),
            None => ("", name),
        };
        Self::checked(text, repository, Some(tag).filter(|tag| !tag.is_empty()), digest)
    }

    fn checked(
        text: &str,
        repository: &str,
        tag: Option<&str>,
        digest: Option<Digest>,
    ) -> Result<Self, ReferenceFault> {
        if !repository.is_empty() && !is_repository(repository) {
            let repository = repository.to_owned();
            return Err(ReferenceFault::Repository { text: text.to_owned(), repository });
        }
        if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
            return Err(ReferenceFault::Tag { text: text.to_owned(), tag: tag.to_owned() });
        }
        Ok(Self { repository: repository.to_owned(), tag: tag.map(str::to_owned), digest })
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

fn split_digest<'a>(
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

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.transport.as_str() {
            REGISTRY => write!(f, "{}/{name}", self.place),
            transport => {
                write!(f, "{transport}:{}", self.place)?;
                match (&name.repository, &name.tag) {
                    (repository, Some(tag)) if repository.is_empty() => write!(f, ":{tag}")?,
                    (repository, Some(tag)) => write!(f, ":{repository}:{tag}")?,
                    (repository, None) if repository.is_empty() => {}
                    (repository, None) => write!(f, ":{repository}:")?,
                }
                name.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
            }
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

#[cfg(test)]
#[path = "reference_tests.rs"]
mod tests;
