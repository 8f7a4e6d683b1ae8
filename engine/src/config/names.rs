//! The names under which one registry is known in the files of the container tools.

/// Docker's own registry, in the order in which its names are tried.
const DOCKER: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// The name that Docker's own tools gave their registry, which its helpers still expect.
const DOCKER_LEGACY: &str = "https://index.docker.io/v1/";

/// All names of a registry, the given one first.
pub(super) fn aliases(registry: &str) -> Vec<&str> {
    let mut names = vec![registry];
    if DOCKER.contains(&registry) {
        names.extend(DOCKER.into_iter().filter(|name| *name != registry));
    }
    names
}

/// Keys of `credHelpers` under which a registry may stand.
pub(super) fn helper_keys(registry: &str) -> Vec<&str> {
    let legacy = DOCKER.contains(&registry).then_some(DOCKER_LEGACY);
    aliases(registry).into_iter().chain(legacy).collect()
}

/// What a helper that keeps all logins of a user is asked for.
pub(super) fn store_key(registry: &str) -> &str {
    if DOCKER.contains(&registry) { DOCKER_LEGACY } else { registry }
}

/// The host of a key that may have been written as a URL; `None` when the key names a path too. What is
/// behind the host is no path where it is the end of an API's address.
pub(super) fn host_of_key(key: &str) -> Option<&str> {
    let without_scheme = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://"));
    if let Some(rest) = without_scheme {
        return rest.split('/').next();
    }
    let (host, path) = key.split_once('/').unwrap_or((key, ""));
    matches!(path, "" | "v1" | "v1/" | "v2" | "v2/").then_some(host)
}

/// Keys from the most specific path to the host: `h/a/b`, `h/a`, `h`.
pub(super) fn keys(registry: &str, repository: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut path = repository;
    while !path.is_empty() {
        keys.push(format!("{registry}/{path}"));
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
    }
    keys.push(registry.to_owned());
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_from_path_to_host() {
        assert_eq!(keys("h:5000", "a/b"), ["h:5000/a/b", "h:5000/a", "h:5000"]);
        assert_eq!(keys("h", ""), ["h"]);
    }

    #[test]
    fn old_keys_are_urls() {
        assert_eq!(host_of_key("https://index.docker.io/v1/"), Some("index.docker.io"));
        assert_eq!(host_of_key("h:5000"), Some("h:5000"));
        assert_eq!(host_of_key("h/a"), None);
        assert_eq!(host_of_key("h/v2/a"), None);
        assert_eq!(host_of_key("h/v2/"), Some("h"));
    }

    #[test]
    fn docker_has_three_names() {
        assert_eq!(aliases("docker.io").len(), 3);
        assert_eq!(aliases("quay.io"), ["quay.io"]);
        assert_eq!(store_key("docker.io"), DOCKER_LEGACY);
    }
}
