//! What a path names.

use super::Kind;
use super::query::decode;

/// What a path of the registry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// `/v2/`
    Ping,
    /// `/v2/_catalog`
    Catalog,
    /// Tags of a repository.
    Tags(String),
    /// A manifest by tag or digest.
    Manifest(String, String),
    /// A blob by digest.
    Blob(String, String),
    /// Where uploads start.
    Uploads(String),
    /// An upload by its number.
    Upload(String, String),
    /// The referrers of a digest.
    Referrers(String, String),
    /// Nothing.
    Nowhere,
}

/// What makes a place of a repository and a name in it.
type Of = fn(String, String) -> Place;

impl Place {
    /// Reads a path. A repository may have parts that look like verbs, so the last one counts.
    pub(super) fn parse(path: &str) -> Self {
        let path = decode(path);
        let Some(rest) = path.strip_prefix("/v2").and_then(|rest| rest.strip_prefix('/')) else {
            return if path == "/v2" { Self::Ping } else { Self::Nowhere };
        };
        if matches!(rest, "" | "_catalog") {
            return if rest.is_empty() { Self::Ping } else { Self::Catalog };
        }
        if let Some(repository) = rest.strip_suffix("/tags/list") {
            return Self::named(repository, Self::Tags);
        }
        let bare = rest.strip_suffix('/').unwrap_or(rest);
        if let Some(repository) = bare.strip_suffix("/blobs/uploads") {
            return Self::named(repository, Self::Uploads);
        }
        let verbs: [(&str, Of); 4] = [
            ("/blobs/uploads/", Self::Upload),
            ("/manifests/", Self::Manifest),
            ("/blobs/", Self::Blob),
            ("/referrers/", Self::Referrers),
        ];
        for (verb, place) in verbs {
            if let Some((repository, name)) = rest.rsplit_once(verb)
                && !name.contains('/')
            {
                return Self::named(repository, |repository| place(repository, name.to_owned()));
            }
        }
        Self::Nowhere
    }

    fn named(repository: &str, place: impl FnOnce(String) -> Self) -> Self {
        if is_repository(repository) { place(repository.to_owned()) } else { Self::Nowhere }
    }

    /// The repository, where there is one.
    pub(super) fn repository(&self) -> Option<&str> {
        match self {
            Self::Ping | Self::Catalog | Self::Nowhere => None,
            Self::Tags(repository)
            | Self::Manifest(repository, _)
            | Self::Blob(repository, _)
            | Self::Uploads(repository)
            | Self::Upload(repository, _)
            | Self::Referrers(repository, _) => Some(repository),
        }
    }

    /// What kind of thing it is.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Ping => Kind::Ping,
            Self::Catalog => Kind::Catalog,
            Self::Tags(_) => Kind::Tags,
            Self::Manifest(..) => Kind::Manifest,
            Self::Blob(..) => Kind::Blob,
            Self::Uploads(_) | Self::Upload(..) => Kind::Upload,
            Self::Referrers(..) => Kind::Referrers,
            Self::Nowhere => Kind::Other,
        }
    }
}

/// Source: distribution-spec 1.1, "Pulling manifests", the grammar of `<name>`.
fn is_repository(name: &str) -> bool {
    name.len() <= 255
        && name.split('/').all(|part| {
            let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            part.starts_with(inner)
                && part.ends_with(inner)
                && part.chars().all(|c| inner(c) || "._-".contains(c))
        })
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn paths_are_read() {
        let text = |text: &str| text.to_owned();
        for (path, place) in [
            ("/v2/", Place::Ping),
            ("/v2", Place::Ping),
            ("/v2/_catalog", Place::Catalog),
            ("/v2/a/b/tags/list", Place::Tags(text("a/b"))),
            ("/v2/a/manifests/v1", Place::Manifest(text("a"), text("v1"))),
            ("/v2/a/blobs/sha256%3Aab", Place::Blob(text("a"), text("sha256:ab"))),
            ("/v2/a/blobs/uploads/", Place::Uploads(text("a"))),
            ("/v2/a/blobs/uploads/7", Place::Upload(text("a"), text("7"))),
            ("/v2/a/manifests/manifests/x", Place::Manifest(text("a/manifests"), text("x"))),
            ("/v2/a/referrers/sha256:ab", Place::Referrers(text("a"), text("sha256:ab"))),
            ("/v2/A/manifests/v1", Place::Nowhere),
            ("/v1/a", Place::Nowhere),
        ] {
            assert_eq!(Place::parse(path), place, "{path}");
        }
    }
}
