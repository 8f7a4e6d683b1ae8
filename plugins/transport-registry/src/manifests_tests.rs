use super::*;
use crate::address::Registry;
use engine_plugin_sdk::Side;
use engine_plugin_sdk::testing::{Answer, serve};

const BYTES: &[u8] = br#"{"schemaVersion":2,"manifests":[]}"#;

fn repository() -> Repository {
    Registry::new("r.io").unwrap().repository("a").unwrap()
}

fn destination() -> Repository {
    Registry::new("r.io").unwrap().at(Side::Destination).repository("a").unwrap()
}

fn tag() -> Selector {
    Selector::Tag("1".to_owned())
}

fn head() -> Answer {
    Answer::status(200)
        .header("content-type", format!("{}; charset=utf-8", media_type::OCI_INDEX))
        .header("content-length", BYTES.len().to_string())
        .header("docker-content-digest", Digest::of(BYTES).to_string())
}

fn wanted() -> Descriptor {
    Descriptor::of_manifest(media_type::OCI_INDEX, BYTES)
}

#[test]
fn one_head_is_enough() {
    serve(|asked| {
        assert_eq!((asked.method, asked.url.as_str()), ("HEAD", "https://r.io/v2/a/manifests/1"));
        assert!(asked.header("accept").unwrap().contains(media_type::DOCKER_LIST));
        head()
    });
    assert_eq!(resolve(&repository(), &tag()).unwrap(), Some(wanted()));
    serve(|_| Answer::status(404));
    assert_eq!(resolve(&repository(), &tag()).unwrap(), None);
    serve(|asked| {
        assert_eq!(asked.method, "HEAD", "a destination's 404 is believed");
        Answer::status(404)
    });
    assert_eq!(resolve(&destination(), &tag()).unwrap(), None);
    serve(|_| Answer::status(500));
    assert_eq!(resolve(&repository(), &tag()).unwrap_err().code, "unavailable");
}

#[test]
fn a_poor_head_is_followed_by_get() {
    let bare = || Answer::status(200).header("content-type", media_type::OCI_INDEX);
    for poor in [
        bare(),
        bare().header("content-length", "9").header("docker-content-digest", "nonsense"),
        bare().header("content-length", "0"),
        Answer::status(405),
        Answer::status(400),
        Answer::status(401),
        Answer::status(403),
        Answer::status(404),
    ] {
        serve(move |asked| match asked.method {
            "HEAD" => poor.clone(),
            _ => Answer::status(200).header("content-type", "application/json").body(BYTES),
        });
        assert_eq!(resolve(&repository(), &tag()).unwrap(), Some(wanted()));
    }
}

#[test]
fn where_head_is_refused_get_says_that_nothing_is_there() {
    for status in [400, 403, 405] {
        serve(move |asked| Answer::status(if asked.method == "HEAD" { status } else { 404 }));
        assert_eq!(resolve(&destination(), &tag()).unwrap(), None, "{status}");
    }
    serve(|_| Answer::status(403));
    assert_eq!(resolve(&destination(), &tag()).unwrap_err().code, "denied");
}

#[test]
fn a_registry_that_keeps_another_manifest_is_a_fault() {
    let manifest = Manifest { descriptor: wanted(), bytes: BYTES.to_vec() };
    let other = Digest::of(b"another").to_string();
    serve(move |_| Answer::status(201).header("docker-content-digest", other.clone()));
    let fault = put(&repository(), Some("1"), &manifest).unwrap_err();
    assert_eq!(fault.code, "protocol");
    assert_eq!(fault.fact_of("kept"), Some(Digest::of(b"another").as_str()));
    serve(|_| Answer::status(201).header("docker-content-digest", Digest::of(BYTES).to_string()));
    assert_eq!(put(&repository(), Some("1"), &manifest), Ok(false));
}

#[test]
fn bytes_come_with_what_they_are() {
    serve(|_| head().body(BYTES));
    let found = get(&repository(), &tag()).unwrap().unwrap();
    assert_eq!((found.descriptor, found.bytes.as_slice()), (wanted(), BYTES));
    let lie = Digest::of(b"other").to_string();
    serve(move |_| Answer::status(200).header("docker-content-digest", lie.clone()).body(BYTES));
    assert_eq!(get(&repository(), &tag()).unwrap().unwrap().descriptor, wanted());
    serve(|_| Answer::status(200).body(vec![b' '; 5 << 20]));
    assert_eq!(get(&repository(), &tag()).unwrap_err().code, "invalid", "too large");
    serve(|_| Answer::status(200).body("<html>"));
    assert_eq!(get(&repository(), &tag()).unwrap_err().code, "protocol");
    assert_eq!(get(&repository(), &Selector::Only).unwrap_err().code, "unsupported");
}

#[test]
fn an_encoding_that_nobody_asked_for_is_named() {
    serve(|_| head().header("content-encoding", "br").body(BYTES));
    let fault = get(&repository(), &tag()).unwrap_err();
    assert_eq!((fault.code.as_ref(), fault.fact_of("encoding")), ("unsupported", Some("br")));
    assert!(fault.message.contains("`br`"), "{}", fault.message);
    serve(|_| head().header("content-encoding", "identity").body(BYTES));
    assert_eq!(get(&repository(), &tag()).unwrap().unwrap().bytes, BYTES);
    // The engine unpacked the answer to GET; the one to HEAD has the length of what was packed.
    serve(|asked| match asked.method {
        "HEAD" => head().header("content-encoding", "gzip"),
        _ => head().body(BYTES),
    });
    assert_eq!(resolve(&repository(), &tag()).unwrap(), Some(wanted()));
}

#[test]
fn writes_and_deletes() {
    let manifest = Manifest { descriptor: wanted(), bytes: BYTES.to_vec() };
    serve(|asked| {
        assert_eq!(asked.url, "https://r.io/v2/a/manifests/1");
        assert_eq!(asked.header("content-type"), Some(media_type::OCI_INDEX));
        assert_eq!(asked.body.unwrap().unwrap(), BYTES);
        Answer::status(201).header("oci-subject", "sha256:x")
    });
    assert!(put(&repository(), Some("1"), &manifest).unwrap());
    serve(|asked| {
        assert!(asked.url.ends_with(Digest::of(BYTES).as_str()));
        Answer::status(400).body(r#"{"errors":[{"code":"MANIFEST_INVALID","message":"no"}]}"#)
    });
    let fault = put(&repository(), None, &manifest).unwrap_err();
    assert_eq!(fault.fact_of("registry-code"), Some("MANIFEST_INVALID"));
    for (status, fine) in [(202, true), (404, true), (405, false)] {
        serve(move |_| Answer::status(status));
        assert_eq!(delete(&repository(), &tag()).is_ok(), fine, "{status}");
    }
}
