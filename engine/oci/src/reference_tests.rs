use super::*;
use crate::{LegalNames, PlaceKind};

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
        (
            "oci:out:localhost:5000/app:1",
            "out",
            "localhost:5000/app",
            Some("1"),
            "oci:out:localhost:5000/app:1",
        ),
        (
            "oci:out:docker.io/library/app:3.20",
            "out",
            "docker.io/library/app",
            Some("3.20"),
            "oci:out:docker.io/library/app:3.20",
        ),
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
    let both = scopes(&format!("a.example/x:1@{DIGEST}"));
    let by_digest = format!("a.example/x@{DIGEST}");
    assert_eq!(both[1..4], [by_digest.as_str(), "a.example/x:1", "a.example/x"]);
}

fn form(shape: ReferenceShape, scopes: PolicyScopes, names: LegalNames) -> ReferenceForm {
    ReferenceForm { shape, scopes, names, place: PlaceKind::File }
}

fn words() -> TransportWords {
    use ReferenceShape::{DaemonName, PathDockerReference, PathName, Registry, Storage};
    let (path, docker) = (PolicyScopes::Path, LegalNames::Docker);
    TransportWords::new(
        [
            ("docker", ReferenceForm::REGISTRY),
            ("oci", ReferenceForm::LAYOUT),
            ("shelf", form(PathName, path, LegalNames::Free)),
            ("archive", form(PathDockerReference, path, docker)),
            ("daemon", form(DaemonName, PolicyScopes::None, docker)),
            ("store", form(Storage, PolicyScopes::Storage, docker)),
            ("hub", form(Registry, PolicyScopes::Registry, LegalNames::Oci)),
        ]
        .map(|(word, form)| (word.to_owned(), form))
        .into(),
    )
}

#[test]
fn every_shape_is_read_and_written_back() {
    let id = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (text, place, name, shown) in [
        ("shelf:a.file:Any Name", "a.file", ":Any Name", "shelf:a.file:Any Name"),
        ("shelf:a.file:@7", "a.file", "", "shelf:a.file:@7"),
        ("oci:out:@0", "out", "", "oci:out:@0"),
        (
            "archive:a.tar:alpine",
            "a.tar",
            "docker.io/library/alpine:latest",
            "archive:a.tar:docker.io/library/alpine:latest",
        ),
        ("archive:a.tar:@3", "a.tar", "", "archive:a.tar:@3"),
        ("archive:a.tar", "a.tar", "", "archive:a.tar"),
        ("daemon:alpine:3", "", "docker.io/library/alpine:3", "daemon:docker.io/library/alpine:3"),
        (
            &format!("daemon:sha256:{id}"),
            "",
            &format!("sha256:{id}"),
            &format!("daemon:sha256:{id}"),
        ),
        (
            &format!("store:[overlay@/a+/b]alpine@{id}"),
            "overlay@/a+/b",
            &format!("docker.io/library/alpine:latest@{id}"),
            &format!("store:[overlay@/a+/b]docker.io/library/alpine:latest@{id}"),
        ),
        (&format!("store:@{id}"), "", &format!("@{id}"), &format!("store:@{id}")),
        ("hub://h.example/a:1", "h.example", "a:1", "hub://h.example/a:1"),
    ] {
        let parsed = Reference::parse(text, &words()).unwrap();
        assert_eq!(parsed.place, place, "{text}");
        if parsed.name.index.is_none() {
            assert_eq!(parsed.name.to_string(), name, "{text}");
        }
        assert_eq!(parsed.to_string(), shown, "{text}");
        assert_eq!(Reference::parse(shown, &words()).unwrap(), parsed, "{text}");
    }
    let position = |text: &str| Reference::parse(text, &words()).unwrap().name.index;
    assert_eq!((position("shelf:a.file:@7"), position("shelf:a.file:x")), (Some(7), None));
    for empty in ["shelf:", "daemon:", "store:", "hub://", "archive:"] {
        assert!(Reference::parse(empty, &words()).is_err(), "{empty}");
    }
}

/// A text begins with a word only where a transport has it.
#[test]
fn an_unknown_word_is_the_name_of_an_image() {
    let parsed: Reference = "shelf:7".parse().unwrap();
    assert_eq!(parsed.to_string(), "docker.io/library/shelf:7");
    let parsed = Reference::parse("shelf:7", &words()).unwrap();
    assert_eq!((parsed.transport.as_str(), parsed.place.as_str()), ("shelf", "7"));
    let image = Reference::parse("docker:27", &words()).unwrap();
    assert_eq!(image.to_string(), "docker.io/library/docker:27");
}

#[test]
fn scopes_nest_as_the_form_says() {
    let scopes = |text: &str| Reference::parse(text, &words()).unwrap().scopes();
    assert_eq!(scopes("shelf:/srv/a.file:x"), ["/srv/a.file", "/srv"]);
    assert_eq!(scopes("daemon:alpine"), Vec::<String>::new());
    assert_eq!(
        scopes("store:[/a]alpine"),
        ["[/a]docker.io/library/alpine:latest", "[/a]docker.io/library/alpine", "[/a]"]
    );
}

#[test]
fn names_are_legal_by_the_form() {
    let legal = |text: &str| Reference::parse(text, &words()).is_ok();
    assert!(legal("shelf:a:Any Name") && !legal("oci:a:Any Name"));
    assert!(!legal("shelf:a:\u{1b}[2J") && !legal(&format!("shelf:a:{}", "x".repeat(256))));
    assert!(legal("archive:a:localhost:5000/x:1") && !legal("archive:a:UPPER"));
    assert!(legal("oci:a:localhost:5000/x:1") && legal("oci:a:quay.io/b/c:1"));
    for text in ["oci:a:../x:1", "oci:a:./x:1", "oci:a:a..b/x:1", "oci:a:quay.io/../x:1"] {
        assert!(!legal(text), "{text}");
    }
}

#[test]
fn a_position_is_a_number_alone() {
    let fault = |text: &str| Reference::parse(text, &words()).unwrap_err();
    for text in
        ["oci:out:@x", "oci:out:@-1", "oci:out:@+1", "archive:a.tar:@", "oci:out:@4294967296"]
    {
        assert!(matches!(fault(text), ReferenceFault::Position { .. }), "{text}");
    }
    for text in ["oci:out:name:@1", "oci:out:name@1", "archive:a.tar:name:@1"] {
        assert!(matches!(fault(text), ReferenceFault::NamedPosition(_)), "{text}");
    }
    assert!(matches!(fault("hub:x/y"), ReferenceFault::Slashes { .. }));
    let digest = format!("oci:out:@{DIGEST}");
    assert!(Reference::parse(&digest, &words()).unwrap().name.digest.is_some());
}

#[test]
fn a_position_is_no_destination() {
    let to = |text: &str| Reference::parse(text, &words()).unwrap().into_destination();
    assert!(matches!(to("oci:out:@1").unwrap_err(), ReferenceFault::OnlyRead(_)));
    let id = format!("store:@{}", "e".repeat(64));
    assert!(matches!(to(&id).unwrap_err(), ReferenceFault::OnlyRead(_)));
    assert!(to("oci:out:x:1").is_ok());
}
