//! URLs: every one starts here, from checked parts. Source: distribution-spec 1.1, "Endpoints".

use engine_plugin_sdk::oci::Name;
use engine_plugin_sdk::{Digest, Fault, Side};

/// One registry, by the name that the spec gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registry {
    place: String,
    side: Side,
}

/// One repository of a registry; its name is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    stem: String,
    side: Side,
}

impl Registry {
    /// A registry that is read. Fails with `settings` when `place` is no `host[:port]`.
    pub(crate) fn new(place: &str) -> Result<Self, Fault> {
        let fine = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if place.is_empty() || !place.chars().all(fine) {
            return Err(Fault::settings(format!("`{place}` is not a registry: write host[:port]")));
        }
        Ok(Self { place: place.to_owned(), side: Side::Source })
    }

    /// The same at an end of a run.
    pub(crate) fn at(self, side: Side) -> Self {
        Self { side, ..self }
    }

    /// The list of repositories.
    pub(crate) fn catalog(&self) -> String {
        format!("https://{}/v2/_catalog", self.place)
    }

    /// A repository. Fails with `invalid` when `name` cannot be one.
    pub(crate) fn repository(&self, name: &str) -> Result<Repository, Fault> {
        check_repository(name)?;
        Ok(Repository { stem: format!("https://{}/v2/{name}", self.place), side: self.side })
    }
}

impl Repository {
    /// Whether it is written: what is not known to be there is then as if it were not.
    pub(crate) fn is_destination(&self) -> bool {
        self.side == Side::Destination
    }

    /// The list of tags.
    pub(crate) fn tags(&self) -> String {
        format!("{}/tags/list", self.stem)
    }

    /// A manifest by tag. Fails with `invalid` when `tag` cannot be one.
    pub(crate) fn tagged(&self, tag: &str) -> Result<String, Fault> {
        if !Name::is_tag(tag) {
            return Err(Fault::invalid(format!("`{tag}` cannot be a tag")));
        }
        Ok(format!("{}/manifests/{tag}", self.stem))
    }

    /// A manifest by digest.
    pub(crate) fn manifest(&self, digest: &Digest) -> String {
        format!("{}/manifests/{digest}", self.stem)
    }

    /// A blob.
    pub(crate) fn blob(&self, digest: &Digest) -> String {
        format!("{}/blobs/{digest}", self.stem)
    }

    /// Where uploads begin.
    pub(crate) fn uploads(&self) -> String {
        format!("{}/blobs/uploads/", self.stem)
    }

    /// Where a blob of another repository is asked for.
    pub(crate) fn mount(&self, digest: &Digest, from: &str) -> Result<String, Fault> {
        check_repository(from)?;
        Ok(format!("{}?mount={digest}&from={}", self.uploads(), encoded(from)))
    }

    /// The manifests that refer to a digest.
    pub(crate) fn referrers(&self, digest: &Digest) -> String {
        format!("{}/referrers/{digest}", self.stem)
    }
}

/// Resolves the `Location` of an answer from `base`, the URL that answered.
///
/// Source: RFC 3986, section 5.2, without dot segments, which no registry sends.
pub(crate) fn join(base: &str, location: &str) -> Option<String> {
    if location.starts_with("https://") || location.starts_with("http://") {
        return Some(location.to_owned());
    }
    let (scheme, rest) = base.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let path = rest.get(host.len()..)?.split(['?', '#']).next()?;
    if let Some(other) = location.strip_prefix("//") {
        return Some(format!("{scheme}://{other}"));
    }
    if location.starts_with('/') {
        return Some(format!("{scheme}://{host}{location}"));
    }
    if location.starts_with('?') {
        return Some(format!("{scheme}://{host}{path}{location}"));
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    Some(format!("{scheme}://{host}{folder}/{location}"))
}

/// Adds the digest that ends an upload; what the registry put into the query stays.
pub(crate) fn with_digest(location: &str, digest: &Digest) -> String {
    let joint = if location.contains('?') { '&' } else { '?' };
    format!("{location}{joint}digest={digest}")
}

fn check_repository(name: &str) -> Result<(), Fault> {
    match Name::parse_in(name, name) {
        Ok(parsed) if parsed.repository == name && !name.is_empty() => Ok(()),
        _ => Err(Fault::invalid(format!("`{name}` cannot be a repository"))),
    }
}

/// A checked name in a query: only its slashes need another form.
fn encoded(name: &str) -> String {
    name.replace('/', "%2F")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_checked_parts_get_into_urls() {
        let registry = Registry::new("docker.io").unwrap();
        let repository = registry.repository("library/alpine").unwrap();
        let digest = Digest::of(b"x");
        assert_eq!(
            repository.tagged("3.20").unwrap(),
            "https://docker.io/v2/library/alpine/manifests/3.20"
        );
        assert_eq!(
            repository.mount(&digest, "a/b").unwrap(),
            format!("https://docker.io/v2/library/alpine/blobs/uploads/?mount={digest}&from=a%2Fb")
        );
        for bad in ["", "../a", "a/../b", "a?x", "A", "a:1", "a@b", "a/", "/a", "a b"] {
            assert_eq!(registry.repository(bad).unwrap_err().code, "invalid", "{bad}");
            assert!(repository.mount(&digest, bad).is_err(), "{bad}");
        }
        for bad in ["", "../x", "a/b", "a?b", "-a"] {
            assert!(repository.tagged(bad).is_err(), "{bad}");
        }
        for bad in ["", "a/b", "user@host", "host?x", "a b"] {
            assert_eq!(Registry::new(bad).unwrap_err().code, "settings", "{bad}");
        }
        assert!(Registry::new("[::1]:5000").is_ok());
    }

    #[test]
    fn locations_are_resolved_and_keep_their_query() {
        let base = "https://r.io:5000/v2/a/blobs/uploads/?x=1";
        for (location, resolved) in [
            ("https://other.io/u?s=1", "https://other.io/u?s=1"),
            ("/v2/a/blobs/uploads/1?s=a%3D", "https://r.io:5000/v2/a/blobs/uploads/1?s=a%3D"),
            ("//other.io/u", "https://other.io/u"),
            ("?s=2", "https://r.io:5000/v2/a/blobs/uploads/?s=2"),
            ("1", "https://r.io:5000/v2/a/blobs/uploads/1"),
        ] {
            assert_eq!(join(base, location).as_deref(), Some(resolved), "{location}");
        }
        let digest = Digest::of(b"");
        assert!(with_digest("https://r/u?s=1", &digest).starts_with("https://r/u?s=1&digest="));
        assert!(with_digest("https://r/u", &digest).starts_with("https://r/u?digest=sha256:"));
    }
}
