//! A component in a registry, named by its digest.

use super::faults::fault;
use crate::diagnostic::Fault;
use crate::graph::codes;
use crate::oci::{Digest, Reference};

/// How a component in a registry is written.
const SCHEME: &str = "oci://";

/// A component in a registry, named by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The registry.
    pub registry: String,
    /// The repository.
    pub repository: String,
    /// The digest of the artifact's manifest.
    pub digest: Digest,
}

/// Reads `oci://REGISTRY/REPOSITORY@sha256:…`.
///
/// # Errors
///
/// `graph::bad-component` for another scheme or no reference, `graph::unpinned-component` where
/// there is no digest: what a tag points to can change, and what runs must not.
pub fn pinned(from: &str) -> Result<Pinned, Fault> {
    let help = "write `oci://REGISTRY/REPOSITORY@sha256:…`, or the path of a file";
    let bad = |why: String| fault(codes::BAD_COMPONENT, why).help(help);
    let Some(rest) = from.strip_prefix(SCHEME) else {
        return Err(bad(format!("`{from}` is no place for components")));
    };
    let reference: Reference =
        format!("docker://{rest}").parse().map_err(|why: crate::oci::ReferenceFault| {
            bad(why.to_string().replace("docker://", SCHEME))
        })?;
    let name = reference.name;
    let Some(digest) = name.digest else {
        let message = format!("`{from}` has no digest, so anything could come to stand there");
        let help = "find out its digest, and write `@sha256:…` behind the repository";
        return Err(fault(codes::UNPINNED_COMPONENT, message).help(help));
    };
    Ok(Pinned { registry: reference.place, repository: name.repository, digest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_needed() {
        let digest = Digest::of(b"x");
        for good in ["quay.io/a/b", "127.0.0.1:5000/b:v1"] {
            let read = pinned(&format!("oci://{good}@{digest}")).unwrap();
            assert_eq!(read.digest, digest);
            assert!(good.starts_with(&read.registry), "{read:?}");
        }
        for (bad, code) in [
            ("oci://quay.io/a/b:v1", "graph::unpinned-component"),
            ("oci://quay.io/a/b", "graph::unpinned-component"),
            ("oci://quay.io/A@x", "graph::bad-component"),
            ("https://x.example/a.wasm", "graph::bad-component"),
        ] {
            assert_eq!(pinned(bad).unwrap_err().code, code, "{bad}");
        }
    }
}
