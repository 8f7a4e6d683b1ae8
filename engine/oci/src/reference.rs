//! References: where an image is, in Skopeo's words: `docker://host/repo:tag`, `oci:PATH:NAME`,
//! `dir:PATH`. A text without a transport is `docker://`.

use crate::name::split_digest;
use crate::{Digest, Name, PolicyScopes, ReferenceForm, ReferenceShape, TransportWords};
use std::fmt;
use std::str::FromStr;

/// The transport that a text without one means.
pub(crate) const REGISTRY: &str = "docker";

/// Where an image is: which transport, at which place, under which name there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// The transport: `docker`, `oci`, `dir`, or the id of a plugin.
    pub transport: String,
    /// How the references of this transport look.
    pub form: ReferenceForm,
    /// The place that the transport is granted: a registry's host and port, or a path.
    pub place: String,
    /// The name at that place.
    pub name: Name,
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
    /// What follows `:@` is not a position.
    #[error("`{position}` in `{text}` is not a position: write `@` and a number from 0")]
    Position {
        /// The whole text.
        text: String,
        /// The part at fault.
        position: String,
    },
    /// A word of registries is not followed by two slashes.
    #[error("`{text}` begins with the transport `{word}`: write `{word}://host/repository`")]
    Slashes {
        /// The whole text.
        text: String,
        /// The transport.
        word: String,
    },
    /// A name and a position stand together.
    #[error("`{0}` has a name and a position: write `PATH:NAME` or `PATH:@N`")]
    NamedPosition(String),
    /// A destination is named by a position or an id.
    #[error("`{0}` names an image by its position or id, which only a source can: write a name")]
    OnlyRead(String),
}

impl Reference {
    /// The place and name without the transport of registries, as people write it.
    pub fn is_registry(&self) -> bool {
        self.transport == REGISTRY
    }

    /// Whether there is one image at the place, which has no name there.
    pub fn is_nameless(&self) -> bool {
        self.form.shape.is_nameless()
    }

    /// Reads a reference. It begins with a word only where that is one of `words`; any other text is
    /// the name of an image in a registry.
    ///
    /// # Errors
    ///
    /// [`ReferenceFault`] with the part that is wrong.
    pub fn parse(text: &str, words: &TransportWords) -> Result<Self, ReferenceFault> {
        if let Some((word, rest)) = text.split_once(':')
            && let Some(form) = words.form(word)
        {
            match (form.shape, rest.strip_prefix("//")) {
                (ReferenceShape::Registry, Some(rest)) => {
                    return registry(text, word, form, rest);
                }
                // `docker:27` is an image.
                (ReferenceShape::Registry, None) if word == REGISTRY => {}
                (ReferenceShape::Registry, None) => {
                    return Err(ReferenceFault::Slashes {
                        text: text.to_owned(),
                        word: word.to_owned(),
                    });
                }
                (_, _) => return local(text, word, form, rest),
            }
        }
        registry(text, REGISTRY, ReferenceForm::REGISTRY, text)
    }

    /// Refuses a name that only a source can have.
    ///
    /// # Errors
    ///
    /// [`ReferenceFault::OnlyRead`].
    pub fn into_destination(self) -> Result<Self, ReferenceFault> {
        if self.name.is_only_read() {
            return Err(ReferenceFault::OnlyRead(self.to_string()));
        }
        Ok(self)
    }

    /// The scopes by which a trust policy looks an image up, the narrowest first.
    ///
    /// Source: containers-policy.json(5): of a registry the full name, then the repository and each
    /// path above it, the registry, and `*.` with each domain above it; of a path the path and those
    /// above it.
    pub fn scopes(&self) -> Vec<String> {
        match self.form.scopes {
            PolicyScopes::Registry => self.registry_scopes(),
            PolicyScopes::Path => path_scopes(&self.place),
            PolicyScopes::Storage => {
                let store = format!("[{}]", self.place);
                let mut scopes = vec![format!("{store}{}", self.name)];
                scopes.push(format!("{store}{}", self.name.repository));
                scopes.push(store);
                scopes.dedup();
                scopes
            }
            PolicyScopes::None => Vec::new(),
        }
    }

    fn registry_scopes(&self) -> Vec<String> {
        let mut scopes = vec![self.to_string()];
        let mut path = format!("{}/{}", self.place, self.name.repository);
        if let Name { tag: Some(tag), digest: Some(digest), .. } = &self.name {
            // Skopeo takes no such name, so its scopes are those of the digest, then those of the tag.
            scopes.extend([format!("{path}@{digest}"), format!("{path}:{tag}")]);
        }
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
        Self { name, ..self.clone() }
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

    /// Reads a reference whose word, if any, is one that this program brings.
    fn from_str(text: &str) -> Result<Self, ReferenceFault> {
        Self::parse(text, &TransportWords::default())
    }
}

fn path_scopes(place: &str) -> Vec<String> {
    let mut scopes = vec![place.to_owned()];
    let mut path = place;
    while let Some((above, _)) = path.rsplit_once('/').filter(|(above, _)| !above.is_empty()) {
        scopes.push(above.to_owned());
        path = above;
    }
    scopes
}

fn registry(
    text: &str,
    word: &str,
    form: ReferenceForm,
    rest: &str,
) -> Result<Reference, ReferenceFault> {
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
    Ok(Reference { transport: word.to_owned(), form, place: host, name })
}

/// A reference whose place is no registry.
fn local(
    text: &str,
    word: &str,
    form: ReferenceForm,
    rest: &str,
) -> Result<Reference, ReferenceFault> {
    let (place, name) = match form.shape {
        ReferenceShape::Path | ReferenceShape::Registry => (rest, Name::default()),
        ReferenceShape::PathName => path_and_name(text, rest, form)?,
        ReferenceShape::PathDockerReference => path_and_docker_name(text, rest)?,
        ReferenceShape::DaemonName => ("", daemon_name(text, rest)?),
        ReferenceShape::Storage => {
            let (store, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((store, rest)) => (store, rest),
                None => ("", rest),
            };
            (store, stored_name(text, rest)?)
        }
    };
    let is_empty = match form.shape {
        ReferenceShape::DaemonName | ReferenceShape::Storage => name == Name::default(),
        _ => place.is_empty(),
    };
    if is_empty {
        return Err(ReferenceFault::Empty(text.to_owned()));
    }
    let (transport, place) = (word.to_owned(), place.to_owned());
    Ok(Reference { transport, form, place, name })
}

/// `PATH:@N`; `None` where there is no position.
fn at_position<'a>(text: &str, rest: &'a str) -> Result<Option<(&'a str, Name)>, ReferenceFault> {
    let Some((path, position)) = rest.rsplit_once(":@") else { return Ok(None) };
    if position.contains(':') {
        return Ok(None); // a digest
    }
    let is_number = position.bytes().all(|byte| byte.is_ascii_digit());
    let Some(index) = position.parse().ok().filter(|_| is_number) else {
        let (text, position) = (text.to_owned(), position.to_owned());
        return Err(ReferenceFault::Position { text, position });
    };
    if path.contains(':') {
        return Err(ReferenceFault::NamedPosition(text.to_owned()));
    }
    Ok(Some((path, Name { index: Some(index), ..Name::default() })))
}

fn path_and_name<'a>(
    text: &str,
    rest: &'a str,
    form: ReferenceForm,
) -> Result<(&'a str, Name), ReferenceFault> {
    if let Some(found) = at_position(text, rest)? {
        return Ok(found);
    }
    // A digest has a colon of its own, so it is cut off before the name is looked for.
    let (front, digest) = match split_digest(text, rest) {
        Err(ReferenceFault::Digest { digest, .. }) if digest.parse::<u32>().is_ok() => {
            return Err(ReferenceFault::NamedPosition(text.to_owned()));
        }
        split => split?,
    };
    let (place, name) = match front.split_once(':') {
        Some((path, name)) => (path, Name::parse_bare_by(text, name, form.names)?),
        None => (front, Name::default()),
    };
    Ok((place, Name { digest, ..name }))
}

fn path_and_docker_name<'a>(text: &str, rest: &'a str) -> Result<(&'a str, Name), ReferenceFault> {
    if let Some(found) = at_position(text, rest)? {
        return Ok(found);
    }
    match rest.split_once(':') {
        Some((path, name)) => Ok((path, docker_name(text, name)?)),
        None => Ok((rest, Name::default())),
    }
}

/// A name as docker writes it, in full: `docker.io/library/alpine:latest`.
fn docker_name(text: &str, name: &str) -> Result<Name, ReferenceFault> {
    let Reference { place, name, .. } = registry(text, REGISTRY, ReferenceForm::REGISTRY, name)?;
    let latest = || Some("latest".to_owned()).filter(|_| name.digest.is_none());
    let tag = name.tag.clone().or_else(latest);
    Ok(Name { repository: format!("{place}/{}", name.repository), tag, ..name })
}

fn daemon_name(text: &str, rest: &str) -> Result<Name, ReferenceFault> {
    if rest.parse::<Digest>().is_ok() {
        return Ok(Name { id: Some(rest.to_owned()), ..Name::default() });
    }
    docker_name(text, rest)
}

/// A docker name, an id behind an `@`, or both.
fn stored_name(text: &str, rest: &str) -> Result<Name, ReferenceFault> {
    let is_id = |id: &str| id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Some((name, id)) = rest.rsplit_once('@').filter(|(_, id)| is_id(id)) else {
        return docker_name(text, rest);
    };
    let named = if name.is_empty() { Name::default() } else { docker_name(text, name)? };
    Ok(Name { id: Some(id.to_owned()), ..named })
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, place, name, .. } = self;
        match self.form.shape {
            ReferenceShape::Registry if self.is_registry() => return write!(f, "{place}/{name}"),
            ReferenceShape::Registry => return write!(f, "{transport}://{place}/{name}"),
            ReferenceShape::DaemonName => return write!(f, "{transport}:{name}"),
            ReferenceShape::Storage if place.is_empty() => return write!(f, "{transport}:{name}"),
            ReferenceShape::Storage => return write!(f, "{transport}:[{place}]{name}"),
            _ => write!(f, "{transport}:{place}")?,
        }
        if let Some(index) = name.index {
            return write!(f, ":@{index}");
        }
        match (&name.repository, &name.tag) {
            (repository, Some(tag)) if repository.is_empty() => write!(f, ":{tag}")?,
            (repository, Some(tag)) => write!(f, ":{repository}:{tag}")?,
            (repository, None) if repository.is_empty() => {}
            (repository, None) => write!(f, ":{repository}:")?,
        }
        name.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

#[cfg(test)]
#[path = "reference_tests.rs"]
mod tests;
