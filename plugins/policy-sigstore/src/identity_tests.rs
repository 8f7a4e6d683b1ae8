use super::*;

const DIGEST: &str = "@sha256:a697b360e2cd8281179e79eac0b57cded43d296cdf7dc4800a738880a2d0962d";

fn exact(text: &str) -> Identity {
    Identity::ExactReference(Identity::expanded(text).unwrap())
}

fn repository(text: &str) -> Identity {
    Identity::ExactRepository(Identity::expanded(text).unwrap())
}

fn remap(prefix: &str, signed_prefix: &str) -> Identity {
    Identity::Remap { prefix: prefix.to_owned(), signed_prefix: signed_prefix.to_owned() }
}

/// Whether an image fits; `D` at the end of a name stands for a digest.
fn fits(identity: &Identity, image: &str, signed: &str) -> bool {
    let [image, signed] = [image, signed].map(|text| match text.strip_suffix("@D") {
        Some(name) => format!("{name}{DIGEST}"),
        None => text.to_owned(),
    });
    identity.check(&signed, Some(image.as_str())).is_ok()
}

#[test]
fn the_rules_are_those_of_policy_json() {
    use Identity::{MatchExact, MatchRepoDigestOrExact, MatchRepository};
    for (identity, image, signed, fit) in [
        (MatchExact, "quay.io/a/b:1", "quay.io/a/b:1", true),
        (MatchExact, "quay.io/a/b:1", "quay.io/a/b:2", false),
        (MatchExact, "quay.io/a/b:1", "quay.io/a/b", false),
        (MatchExact, "quay.io/a/b", "quay.io/a/b", false),
        (MatchExact, "quay.io/a/b:1", "quay.io/a/b@D", false),
        (MatchExact, "quay.io/a/b@D", "quay.io/a/b@D", true),
        (MatchExact, "quay.io/a/b@D", "quay.io/a/b:1", false),
        (MatchExact, "docker.io/library/redis:7", "redis:7", true),
        (MatchRepoDigestOrExact, "quay.io/a/b:1", "quay.io/a/b:1", true),
        (MatchRepoDigestOrExact, "quay.io/a/b:1", "quay.io/a/b:2", false),
        (MatchRepoDigestOrExact, "quay.io/a/b:1@D", "quay.io/a/b:1", false),
        (MatchRepoDigestOrExact, "quay.io/a/b:1@D", "quay.io/a/b:1@D", true),
        (MatchRepoDigestOrExact, "quay.io/a/b@D", "quay.io/a/b:1", true),
        (MatchRepoDigestOrExact, "quay.io/a/b@D", "quay.io/a/b", false),
        (MatchRepoDigestOrExact, "quay.io/a/b@D", "quay.io/a/c:1", false),
        (MatchRepoDigestOrExact, "quay.io/a/b", "quay.io/a/b:1", false),
        (MatchRepository, "quay.io/a/b:1", "quay.io/a/b:2", true),
        (MatchRepository, "quay.io/a/b:1", "quay.io/a/b", true),
        (MatchRepository, "quay.io/a/b@D", "quay.io/a/b", true),
        (MatchRepository, "quay.io/a/b:1", "quay.io/a", false),
        (MatchRepository, "quay.io/a/b:1", "quay.io/a/b/c", false),
        (MatchRepository, "quay.io/a/b:1", "ghcr.io/a/b", false),
        (MatchRepository, "quay.io:443/a/b:1", "quay.io/a/b", false),
        (MatchRepository, "docker.io/library/redis:7", "index.docker.io/library/redis", true),
        (exact("quay.io/a/b:1"), "localhost/x:2", "quay.io/a/b:1", true),
        (exact("quay.io/a/b:1"), "quay.io/a/b:2", "quay.io/a/b:2", false),
        (repository("quay.io/a/b"), "localhost/x:2", "quay.io/a/b:9", true),
        (repository("quay.io/a/b"), "quay.io/a/c:1", "quay.io/a/c:1", false),
    ] {
        assert_eq!(fits(&identity, image, signed), fit, "{identity:?} {image} {signed}");
    }
}

#[test]
fn names_are_remapped_at_whole_parts() {
    for (prefix, signed_prefix, image, signed, fit) in [
        ("mirror.local", "quay.io", "mirror.local/a/b:1", "quay.io/a/b:1", true),
        ("mirror.local", "quay.io/x", "mirror.local/a/b:1", "quay.io/x/a/b:1", true),
        ("mirror.local/quay", "quay.io", "mirror.local/quay/a:1", "quay.io/a:1", true),
        ("mirror.local/a/b", "quay.io/c", "mirror.local/a/b:1", "quay.io/c:1", true),
        ("mirror.local/a/b", "quay.io/c", "mirror.local/a/b@D", "quay.io/c:7", true),
        ("mirror.local/a/b", "quay.io/c", "mirror.local/a/b:1", "mirror.local/a/b:1", false),
        ("mirror.local/a", "quay.io", "mirror.local/ab/c:1", "mirror.local/ab/c:1", true),
        ("mirror.local/a", "quay.io", "mirror.local/ab/c:1", "quay.io/b/c:1", false),
        ("mirror.local/a", "quay.io", "mirror.local/a:1", "quay.io:1", false),
        ("mirror", "quay.io", "mirror.local/a:1", "mirror.local/a:1", true),
        ("mirror.local", "quay.io", "mirror.local:5000/a:1", "quay.io:5000/a:1", false),
        ("mirror.local", "quay.io", "ghcr.io/a:1", "ghcr.io/a:1", true),
        ("mirror.local", "quay.io", "mirror.local/a/b:1", "quay.io/a/b:2", false),
    ] {
        let identity = remap(prefix, signed_prefix);
        assert_eq!(
            fits(&identity, image, signed),
            fit,
            "{prefix} {signed_prefix} {image} {signed}"
        );
    }
}

#[test]
fn says_what_was_signed_and_what_this_is() {
    let why = |identity: &Identity, signed: &str, image: &str| {
        identity.check(signed, Some(image)).unwrap_err()
    };
    let matches = Identity::MatchRepository;
    assert_eq!(
        why(&matches, "quay.io/x/y:1", "quay.io/x/z:1"),
        "signed as quay.io/x/y:1, this is quay.io/x/z"
    );
    assert_eq!(
        why(&Identity::MatchExact, "quay.io/x/z", "quay.io/x/z:1"),
        "signed as quay.io/x/z, without tag or digest; this is quay.io/x/z:1"
    );
    assert_eq!(
        why(&exact("quay.io/x/y:1"), "quay.io/x/y:2", "quay.io/x/z:1"),
        "signed as quay.io/x/y:2, which is not quay.io/x/y:1"
    );
    for signed in ["", "quay.io/A", "docker://quay.io/a:1", "oci:a:b", "dir:/x", "a b"] {
        let why = why(&matches, signed, "quay.io/a:1");
        assert!(why.contains("which is no image name"), "{why}");
    }
    for image in [None, Some("oci:out:1"), Some("")] {
        let why = matches.check("quay.io/a:1", image).unwrap_err();
        assert!(why.contains("has no name at its source"), "{why}");
        assert_eq!(repository("quay.io/a").check("quay.io/a:1", image), Ok(()));
    }
    let long = "a".repeat(1 << 20);
    assert!(matches.check(&long, Some("quay.io/a:1")).unwrap_err().len() < 1000);
}
