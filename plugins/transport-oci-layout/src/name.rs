//! Names in a layout: the annotation `org.opencontainers.image.ref.name`, as `tag`, `repository:tag`
//! or `registry/repository:tag`.

use engine_plugin_sdk::oci::LegalNames;

/// The annotation that names an entry. Source: image-spec 1.1, "Pre-Defined Annotation Keys".
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The tag that a repository's name means where it stands alone, as everywhere else.
const LATEST: &str = "latest";

/// The names that references to a layout have; `plugin.toml` says the same.
const LEGAL: LegalNames = LegalNames::Docker;

/// The name of a tag in a repository; the repository is empty where names have none.
pub(crate) fn join(repository: &str, tag: &str) -> String {
    if repository.is_empty() { tag.to_owned() } else { format!("{repository}:{tag}") }
}

/// The other name that a source may have for a tag in a repository: `docker.io/library/app` for its
/// `latest`, as Skopeo and containerd write it. A name without a slash is a tag.
pub(crate) fn alone<'a>(repository: &'a str, tag: &str) -> Option<&'a str> {
    (tag == LATEST && repository.contains('/')).then_some(repository)
}

/// The repository and tag of a name; `None` where no reference can say it. The two parts are split
/// at the last colon, unless what follows has a slash, as in `host:5000/image`, where the colon
/// belongs to a port.
pub(crate) fn split(name: &str) -> Option<(&str, &str)> {
    let (repository, tag) = match name.rsplit_once(':') {
        // Nothing before the colon: no reference says that.
        Some(("", _)) => return None,
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ if name.contains('/') => (name, LATEST),
        _ => ("", name),
    };
    let is_legal = repository.is_empty() || LEGAL.is_repository(repository);
    (is_legal && LEGAL.is_tag(tag)).then_some((repository, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_and_joined() {
        for (name, repository, tag) in [
            ("3.20", "", "3.20"),
            ("app", "", "app"),
            ("lib/alpine:3.20", "lib/alpine", "3.20"),
            ("docker.io/library/alpine:1", "docker.io/library/alpine", "1"),
            ("host:5000/a:1", "host:5000/a", "1"),
        ] {
            assert_eq!(split(name), Some((repository, tag)), "{name}");
            assert_eq!(join(repository, tag), name);
            assert_eq!(alone(repository, tag), None);
        }
    }

    #[test]
    fn a_repository_alone_is_its_latest() {
        for name in ["host:5000/a", "docker.io/library/alpine", "a/b"] {
            assert_eq!(split(name), Some((name, "latest")));
            assert_eq!(alone(name, "latest"), Some(name));
        }
        assert_eq!(alone("app", "latest"), None, "`app` is a tag");
    }

    #[test]
    fn names_that_no_reference_says_have_no_parts() {
        for name in ["", ":1", "a:", "a b", "a+1", "a@b", "a@sha256:1", "UP/A:1", "../a:1", "a:b:1"]
        {
            assert_eq!(split(name), None, "{name}");
        }
    }
}
