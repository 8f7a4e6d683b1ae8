use super::*;

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn reads_what_people_write_and_writes_it_back() {
    for (text, place, repository, tag, shown) in [
        ("redis:7", "docker.io", "library/redis", Some("7"), "docker.io/library/redis:7"),
        ("docker://redis", "docker.io", "library/redis", None, "docker.io/library/redis"),
        ("index.docker.io/a/b:1", "docker.io", "a/b", Some("1"), "docker.io/a/b:1"),
        ("localhost/a:1", "localhost", "a", Some("1"), "localhost/a:1"),
        (
            "127.0.0.1:5000/a/b__c:1",
            "127.0.0.1:5000",
            "a/b__c",
            Some("1"),
            "127.0.0.1:5000/a/b__c:1",
        ),
        ("[::1]:5000/a:1", "[::1]:5000", "a", Some("1"), "[::1]:5000/a:1"),
        ("oci:out", "out", "", None, "oci:out"),
        ("oci:out:3.20", "out", "", Some("3.20"), "oci:out:3.20"),
        ("oci:a/b:lib/alpine:3.20", "a/b", "lib/alpine", Some("3.20"), "oci:a/b:lib/alpine:3.20"),
        ("dir:/tmp/x:y", "/tmp/x:y", "", None, "dir:/tmp/x:y"),
        ("dir/image:1", "docker.io", "dir/image", Some("1"), "docker.io/dir/image:1"),
    ] {
        let parsed: Reference = text.parse().unwrap();
        assert_eq!(parsed.place, place, "{text}");
        assert_eq!(parsed.name.repository, repository, "{text}");
        assert_eq!(parsed.name.tag.as_deref(), tag, "{text}");
        assert_eq!(parsed.to_string(), shown, "{text}");
        assert_eq!(shown.parse::<Reference>().unwrap(), parsed, "{text}");
    }
}

#[test]
fn keeps_digests() {
    let parsed: Reference = format!("quay.io/a/b@{DIGEST}").parse().unwrap();
    assert_eq!(parsed.name.digest.as_ref().map(Digest::as_str), Some(DIGEST));
    assert_eq!(parsed.name.tag, None);
    let layout: Reference = format!("oci:out@{DIGEST}").parse().unwrap();
    assert_eq!(layout.name.digest.as_ref().map(Digest::as_str), Some(DIGEST));
    assert_eq!(layout.to_string(), format!("oci:out@{DIGEST}"));
}

#[test]
fn says_which_part_is_wrong() {
    let fault = |text: &str| text.parse::<Reference>().unwrap_err();
    assert!(matches!(fault(""), ReferenceFault::Empty(_)));
    assert!(matches!(fault("oci:"), ReferenceFault::Empty(_)));
    assert!(matches!(fault("quay.io/A/b"), ReferenceFault::Repository { .. }));
    assert!(matches!(fault("quay.io/a/../b"), ReferenceFault::Repository { .. }));
    assert!(matches!(fault("quay.io/a:-x"), ReferenceFault::Tag { .. }));
    assert!(matches!(fault("quay.io/a@sha256:12"), ReferenceFault::Digest { .. }));
    assert!(matches!(fault("ex ample.com/a"), ReferenceFault::Host { .. }));
}

#[test]
fn scopes_go_from_narrow_to_wide() {
    let scopes = |text: &str| text.parse::<Reference>().unwrap().scopes();
    assert_eq!(
        scopes("a.b.example:5000/x/y:1"),
        [
            "a.b.example:5000/x/y:1",
            "a.b.example:5000/x/y",
            "a.b.example:5000/x",
            "a.b.example:5000",
            "*.b.example",
            "*.example"
        ]
    );
    assert_eq!(scopes("oci:/srv/images:x:1"), ["/srv/images", "/srv"]);
}
