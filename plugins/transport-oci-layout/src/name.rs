//! Names in a layout: the annotation `org.opencontainers.image.ref.name`, as `tag` or
//! `repository:tag`.

/// The annotation that names an entry. Source: image-spec 1.1, "Pre-Defined Annotation Keys".
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The name of a tag in a repository; the repository is empty where names have none.
pub(crate) fn join(repository: &str, tag: &str) -> String {
    if repository.is_empty() { tag.to_owned() } else { format!("{repository}:{tag}") }
}

/// The repository and tag of a name: split at the last colon, unless what follows has a slash, as
/// in `host:5000/image`, where the colon belongs to a port.
pub(crate) fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => ("", name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_and_joined() {
        for (name, repository, tag) in [
            ("3.20", "", "3.20"),
            ("lib/alpine:3.20", "lib/alpine", "3.20"),
            ("docker.io/library/alpine:1", "docker.io/library/alpine", "1"),
            ("host:5000/a:1", "host:5000/a", "1"),
            ("host:5000/a", "", "host:5000/a"),
            ("", "", ""),
        ] {
            assert_eq!(split(name), (repository, tag), "{name}");
            assert_eq!(join(repository, tag), name);
        }
    }
}
