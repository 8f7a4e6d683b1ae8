use super::*;
use std::fs;

/// A policy that rejects by default.
fn policy(transports: &str) -> PolicyFile {
    let text = format!(r#"{{"default": [{{"type": "reject"}}], "transports": {transports}}}"#);
    let document = PolicyDocument::parse("/p", &text);
    PolicyFile { path: "/p".to_owned(), document: document.unwrap() }
}

/// `{"docker": {"a": […], "b": […]}}`, where each scope accepts anything.
fn scopes(transport: &str, scopes: &[&str]) -> PolicyFile {
    let scope = |scope: &&str| format!(r#""{scope}": [{{"type": "insecureAcceptAnything"}}]"#);
    let scopes: Vec<String> = scopes.iter().map(scope).collect();
    policy(&format!(r#"{{"{transport}": {{{}}}}}"#, scopes.join(", ")))
}

/// The scope that is for an image; none: the default.
fn matched(policy: &PolicyFile, image: &Reference) -> Option<String> {
    match policy.requirements(image).scope {
        MatchedScope::Default => None,
        MatchedScope::Scope { scope, .. } => Some(scope),
    }
}

fn matched_text(policy: &PolicyFile, image: &str) -> Option<String> {
    matched(policy, &image.parse().unwrap())
}

#[test]
fn a_registrys_images_are_looked_up_from_narrow_to_wide() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let by_digest = format!("r.example.com:5000/team/app@{digest}");
    let both = format!("r.example.com:5000/team/app:1@{digest}");
    let image = "r.example.com:5000/team/app:1";
    let cases: &[(&[&str], &str, Option<&str>)] = &[
        // Each is for the image, and is wider than the one before.
        (&[image, "r.example.com:5000/team/app"], image, Some(image)),
        (&[&by_digest, "r.example.com:5000/team/app"], &by_digest, Some(by_digest.as_str())),
        (&[image, &by_digest], &both, Some(by_digest.as_str())),
        (&[image, "r.example.com:5000/team"], &both, Some(image)),
        (
            &["r.example.com:5000/team/app", "r.example.com:5000/team"],
            image,
            Some("r.example.com:5000/team/app"),
        ),
        (
            &["r.example.com:5000/team", "r.example.com:5000"],
            image,
            Some("r.example.com:5000/team"),
        ),
        (&["r.example.com:5000", "*.example.com"], image, Some("r.example.com:5000")),
        (&["*.example.com", "*.com"], image, Some("*.example.com")),
        (&["*.com", ""], image, Some("*.com")),
        (&[""], image, Some("")),
        // None of these is.
        (&["r.example.com:5000/team/app:2", "r.example.com:5000/te", "r.example.com"], image, None),
        (&["example.com", "*.r.example.com:5000", "*.r.example.com", "*"], image, None),
        (&[&by_digest], image, None),
        // Names of docker.io are written in full.
        (&["alpine", "library/alpine", "docker.io/alpine"], "alpine:3", None),
        (&["docker.io/library/alpine"], "alpine:3", Some("docker.io/library/alpine")),
        (&["docker.io/library"], "alpine:3", Some("docker.io/library")),
        (&["localhost"], "localhost/a:1", Some("localhost")),
    ];
    for (all, of, expected) in cases.iter().copied() {
        assert_eq!(matched_text(&scopes("docker", all), of).as_deref(), expected, "{all:?}");
    }
}

#[test]
fn only_the_narrowest_scope_counts_and_other_transports_have_no_say() {
    let any = r#"[{"type": "insecureAcceptAnything"}]"#;
    let file = policy(&format!(
        r#"{{"docker": {{"quay.io": [{{"type": "reject"}}], "quay.io/good": {any}}}, "oci": {{"": {any}}}}}"#
    ));
    let asks = |image: &str| file.requirements(&image.parse().unwrap()).requirements;
    assert_eq!(asks("quay.io/good/app:1"), [Requirement::AcceptAnything]);
    assert_eq!(asks("quay.io/other/app:1"), [Requirement::Reject]);
    assert_eq!(asks("oci:/srv/images:1"), [Requirement::AcceptAnything]);
    assert_eq!(asks("dir:/srv/images"), [Requirement::Reject], "the default");
}

#[test]
fn paths_are_looked_up_where_links_lead() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("real/images")).unwrap();
    std::os::unix::fs::symlink(root.join("real"), root.join("link")).unwrap();
    let path = |below: &str| root.join(below).display().to_string();
    let (real, images) = (path("real"), path("real/images"));
    for transport in ["oci", "dir"] {
        let name = |path: String| format!("{transport}:{path}");
        let image = name(path("link/images"));
        let both = scopes(transport, &[&images, &real]);
        assert_eq!(matched_text(&both, &image), Some(images.clone()), "{transport}");
        let above = scopes(transport, &[&real, ""]);
        assert_eq!(matched_text(&above, &image), Some(real.clone()), "{transport}");
        let around = name(path("link/../real/images"));
        assert_eq!(matched_text(&above, &around), Some(real.clone()), "{transport}");
        let link = scopes(transport, &[&path("link")]);
        assert_eq!(matched_text(&link, &image), None, "{transport}: a link is no scope");
        let beside = scopes(transport, &[&path("rea"), &path("real/images/x")]);
        assert_eq!(matched_text(&beside, &image), None, "{transport}");
    }
    // The name of an image in a layout is no part of its scope.
    let named = format!("oci:{images}:app:v1");
    let scope = scopes("oci", &[&images]);
    assert_eq!(matched_text(&scope, &named), Some(images));
}

#[test]
fn a_transport_whose_scopes_are_unread_accepts_nothing() {
    let mut image: Reference = "dir:/a".parse().unwrap();
    image.transport = "docker-daemon".to_owned();
    let asked = scopes("docker-daemon", &[""]).requirements(&image);
    assert_eq!(asked.requirements, [Requirement::Unread]);
    let elsewhere = scopes("docker", &[""]).requirements(&image);
    assert_eq!(elsewhere.scope, MatchedScope::Default);
}

#[test]
fn the_users_file_comes_before_the_machines_and_a_variable_before_both() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join(".config/containers/policy.json");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    let any = r#"{"default": [{"type": "insecureAcceptAnything"}]}"#;
    fs::write(&own, any).unwrap();
    fs::write(folder.path().join("named.json"), any).unwrap();
    let mut surroundings = Surroundings {
        home: Some(folder.path().to_owned()),
        directory: folder.path().to_owned(),
        ..Surroundings::default()
    };
    let found = |surroundings: &Surroundings| find_policy(surroundings).unwrap().unwrap().path;
    assert_eq!(found(&surroundings), own.display().to_string());
    surroundings.variables.insert(VARIABLE.to_owned(), "named.json".to_owned());
    assert_eq!(found(&surroundings), folder.path().join("named.json").display().to_string());
    surroundings.variables.insert(VARIABLE.to_owned(), "missing.json".to_owned());
    let refused = find_policy(&surroundings).unwrap_err();
    assert_eq!(refused.faults[0].code, "config::policy-unreadable");
    assert!(refused.faults[0].message.contains("missing.json"), "{refused:?}");
}

#[test]
fn what_cannot_be_understood_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    let read_back = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        read(&path).unwrap_err()
    };
    let broken = read_back(b"{\n  \"default\": [}\n");
    assert_eq!(broken.text.as_deref(), Some("{\n  \"default\": [}\n"));
    assert!(broken.faults[0].fact_of("byte").is_some(), "{broken:?}");
    let first = broken.into_first();
    assert_eq!(first.place, Some(format!("{}:2:15", path.display())));
    assert_eq!(first.fact_of("byte"), None);
    assert_eq!(read_back(b"\xff").faults[0].code, "config::policy-invalid");
    let large = vec![b' '; (1 << 20) + 1];
    assert_eq!(read_back(&large).faults[0].code, "config::policy-unreadable");
    let folder = read(folder.path()).unwrap_err();
    assert_eq!(folder.faults[0].code, "config::policy-unreadable");
}
