use super::*;
use crate::address::Registry;
use engine_plugin_sdk::Descriptor;
use engine_plugin_sdk::Expected;
use engine_plugin_sdk::testing::{
    Answer, Asked, blob_body, broken as breaking, serve, unsized_source, with,
};
use std::cell::RefCell;
use std::rc::Rc;

type Seen = Rc<RefCell<Vec<String>>>;

/// Serves the answers in turn, and keeps what was asked as `METHOD path body`.
fn script(answers: Vec<Answer>) -> Seen {
    let seen = Seen::default();
    let mut answers = answers.into_iter();
    let kept = Rc::clone(&seen);
    serve(move |asked: Asked| {
        let path = asked.url.strip_prefix("https://r.io/v2/a/blobs/uploads/").unwrap_or(&asked.url);
        let range = asked.header("content-range").unwrap_or_default();
        let body = asked.body.clone().and_then(Result::ok).unwrap_or_default();
        let body = String::from_utf8(body).unwrap();
        kept.borrow_mut().push(format!("{} {path} {range} {body}", asked.method));
        answers.next().expect("no more requests than answers")
    });
    seen
}

fn write(body: Source, mount_from: Option<&str>, resume: Option<&str>) -> Result<Put, Fault> {
    let repository = Registry::new("r.io").unwrap().repository("a").unwrap();
    let descriptor = Descriptor::new("x/y", Digest::of(b"abcdef"), 6);
    let [mount_from, resume] = [mount_from, resume].map(|text| text.map(str::to_owned));
    let expected = Expected::from(&descriptor);
    put(&repository, PutBlob { expected, body, mount_from, resume })
}

fn begun(at: &str) -> Answer {
    Answer::status(202).header("location", format!("/v2/a/blobs/uploads/{at}"))
}

fn abcdef() -> Source {
    Source::from_bytes(b"abcdef")
}

#[test]
fn a_known_size_takes_two_requests() {
    let seen = script(vec![begun("1?s=2"), Answer::status(201)]);
    assert_eq!(write(abcdef(), None, None).unwrap(), Put::Done);
    let digest = Digest::of(b"abcdef");
    assert_eq!(
        *seen.borrow(),
        ["POST   ".to_owned(), format!("PUT 1?s=2&digest={digest}  abcdef")]
    );
}

#[test]
fn an_unknown_size_is_streamed() {
    let seen = script(vec![begun("1"), begun("2"), Answer::status(201)]);
    assert_eq!(write(unsized_source(b"abcdef"), None, None).unwrap(), Put::Done);
    let digest = Digest::of(b"abcdef");
    let wanted =
        ["POST   ".to_owned(), "PATCH 1  abcdef".to_owned(), format!("PUT 2?digest={digest}  ")];
    assert_eq!(*seen.borrow(), wanted);
}

#[test]
fn a_digest_that_comes_with_the_end_is_said_at_the_end() {
    let write = |body| {
        let repository = Registry::new("r.io").unwrap().repository("a").unwrap();
        let expected = Expected { media_type: "x/y".to_owned(), digest: None, size: None };
        put(&repository, PutBlob { expected, body, mount_from: None, resume: None })
    };
    let seen = script(vec![begun("1"), begun("2"), Answer::status(201)]);
    assert_eq!(write(blob_body(b"abcdef")).unwrap(), Put::Done);
    let digest = Digest::of(b"abcdef");
    let wanted =
        ["POST   ".to_owned(), "PATCH 1  abcdef".to_owned(), format!("PUT 2?digest={digest}  ")];
    assert_eq!(*seen.borrow(), wanted);
    let seen = script(vec![begun("1"), Answer::status(500), Answer::status(204)]);
    assert_eq!(write(blob_body(b"abcdef")).unwrap_err().code, "unavailable", "from the start");
    assert_eq!(seen.borrow()[2], "DELETE 1  ");
}

#[test]
fn mounts_or_uses_the_upload_that_was_begun_instead() {
    let digest = Digest::of(b"abcdef");
    let asked = format!("POST ?mount={digest}&from=b%2Fc  ");
    let seen = script(vec![Answer::status(201)]);
    assert_eq!(write(abcdef(), Some("b/c"), None).unwrap(), Put::Mounted);
    assert_eq!(*seen.borrow(), std::slice::from_ref(&asked));

    let seen = script(vec![begun("1"), Answer::status(201)]);
    assert_eq!(write(abcdef(), Some("b/c"), None).unwrap(), Put::Done);
    assert_eq!(*seen.borrow(), [asked, format!("PUT 1?digest={digest}  abcdef")]);

    script(vec![Answer::status(403), begun("1"), Answer::status(201)]);
    assert_eq!(write(abcdef(), Some("b/c"), None).unwrap(), Put::Done, "refused, so written");
    for refused in [Answer::status(401), Answer::fault(Fault::new("unauthorized", "not yours"))] {
        script(vec![refused, begun("1"), Answer::status(201)]);
        assert_eq!(write(abcdef(), Some("b/c"), None).unwrap(), Put::Done, "the login is for this");
    }
    script(vec![Answer::status(503)]);
    assert_eq!(write(abcdef(), Some("b/c"), None).unwrap_err().code, "unavailable");
    script(vec![Answer::fault(Fault::new("unreachable", "no connection"))]);
    assert_eq!(write(abcdef(), Some("b/c"), None).unwrap_err().code, "unreachable");
}

#[test]
fn a_break_goes_on_from_what_the_registry_has() {
    let status = Answer::status(204).header("range", "0-3").header("location", "/u?state=4");
    script(vec![begun("1"), Answer::status(201), status]);
    let cut = Source::concat(vec![breaking(b"abcd", Fault::io("the source broke"))]);
    let Put::Interrupted { fault, accepted, resume } = write(cut, None, None).unwrap() else {
        panic!("it broke");
    };
    assert_eq!((fault.code.as_ref(), accepted), ("io", 4));
    assert_eq!(resume, "4 https://r.io/u?state=4");

    let digest = Digest::of(b"abcdef");
    let seen = script(vec![begun("2"), Answer::status(201)]);
    assert_eq!(write(Source::from_bytes(b"ef"), None, Some(&resume)).unwrap(), Put::Done);
    let wanted =
        ["PATCH https://r.io/u?state=4 4-5 ef".to_owned(), format!("PUT 2?digest={digest}  ")];
    assert_eq!(*seen.borrow(), wanted);

    let seen = script(vec![Answer::status(201)]);
    assert_eq!(write(Source::from_bytes(b""), None, Some(&resume)).unwrap(), Put::Done);
    assert_eq!(*seen.borrow(), [format!("PUT https://r.io/u?state=4&digest={digest}  ")]);
    assert!(write(abcdef(), None, Some("nonsense")).is_err());
}

#[test]
fn nothing_kept_is_a_plain_fault_and_the_upload_is_given_up() {
    for status in [Answer::status(404), Answer::status(204).header("range", "0-0")] {
        let seen = script(vec![begun("1"), Answer::status(502), status, Answer::status(204)]);
        assert_eq!(write(abcdef(), None, None).unwrap_err().code, "unavailable");
        assert_eq!(seen.borrow()[3], "DELETE 1  ");
    }
    let silent = || Source::concat(vec![breaking(b"ab", Fault::new("unreachable", "cut"))]);
    let seen = script(vec![begun("1"), Answer::status(200), Answer::status(503)]);
    assert_eq!(write(silent(), None, None).unwrap_err().code, "unreachable");
    assert_eq!(seen.borrow().len(), 3, "nobody answers, so nothing more is asked");
}

#[test]
fn a_lost_upload_may_be_begun_again() {
    let gone = || Answer::status(404).body(r#"{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}"#);
    script(vec![begun("1"), gone(), gone(), gone()]);
    assert_eq!(write(abcdef(), None, None).unwrap_err().code, "unavailable", "when it is written");
    script(vec![begun("1"), begun("2"), gone()]);
    let streamed = write(unsized_source(b"abcdef"), None, None);
    assert_eq!(streamed.unwrap_err().code, "unavailable", "when it is ended");
    script(vec![Answer::status(404)]);
    assert_eq!(write(abcdef(), None, None).unwrap_err().code, "not-found", "no such repository");
}

#[test]
fn a_registry_without_monolithic_uploads_gets_a_patch() {
    script(vec![begun("1"), Answer::status(405)]);
    let Put::Interrupted { accepted, resume, .. } = write(abcdef(), None, None).unwrap() else {
        panic!("it can go on");
    };
    assert_eq!(accepted, 0);
    let digest = Digest::of(b"abcdef");
    let seen = script(vec![begun("2"), Answer::status(201)]);
    assert_eq!(write(abcdef(), None, Some(&resume)).unwrap(), Put::Done);
    assert_eq!(*seen.borrow(), ["PATCH 1  abcdef".to_owned(), format!("PUT 2?digest={digest}  ")]);

    let seen = script(vec![begun("1"), begun("2"), Answer::status(201)]);
    assert_eq!(write(abcdef(), None, None).unwrap(), Put::Done);
    assert_eq!(seen.borrow()[1], "PATCH 1  abcdef", "the next blob is not tried by PUT");
    with(|outside| outside.notes.clear());

    let wrong = Answer::status(400).body(r#"{"errors":[{"code":"DIGEST_INVALID"}]}"#);
    let gone = Answer::status(404);
    script(vec![begun("1"), wrong.clone(), gone, Answer::status(204)]);
    assert_eq!(write(abcdef(), None, None).unwrap_err().code, "invalid", "the content is wrong");

    let nothing = Answer::status(204).header("range", "0-0");
    script(vec![begun("1"), wrong, nothing]);
    let put = write(abcdef(), None, None).unwrap();
    assert!(matches!(put, Put::Interrupted { accepted: 0, .. }), "it took no byte: {put:?}");
}

#[test]
fn a_whole_blob_that_is_refused_by_404_or_500_is_sent_by_patch_once() {
    let digest = Digest::of(b"abcdef");
    for status in [404, 500] {
        script(vec![begun("1"), Answer::status(status), begun("2"), Answer::status(204)]);
        let Put::Interrupted { accepted, resume, .. } = write(abcdef(), None, None).unwrap() else {
            panic!("it can go on");
        };
        assert_eq!((accepted, resume.as_str()), (0, "0 https://r.io/v2/a/blobs/uploads/2"));
        let seen = script(vec![begun("3"), Answer::status(201)]);
        assert_eq!(write(abcdef(), None, Some(&resume)).unwrap(), Put::Done);
        let patched = ["PATCH 2  abcdef".to_owned(), format!("PUT 3?digest={digest}  ")];
        assert_eq!(*seen.borrow(), patched);
        assert!(with(|outside| std::mem::take(&mut outside.notes)).contains_key(UPLOAD));

        script(vec![Answer::status(status), Answer::status(404), Answer::status(404)]);
        assert_eq!(write(abcdef(), None, Some(&resume)).unwrap_err().code, "unavailable");
    }
    script(vec![
        begun("1"),
        Answer::status(500),
        Answer::status(503),
        Answer::status(404),
        Answer::status(404),
    ]);
    assert_eq!(write(abcdef(), None, None).unwrap_err().code, "unavailable", "it is out of order");
}

#[test]
fn a_forgotten_upload_may_be_tried_again() {
    let forgot = || {
        Answer::status(404).body(r#"{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"no"}]}"#)
    };
    let gone = || Answer::status(404);
    for answers in
        [vec![begun("1"), forgot(), gone(), gone()], vec![begun("1"), begun("2"), forgot()]]
    {
        let sized = answers.len() == 4;
        script(answers);
        let body = if sized { abcdef() } else { unsized_source(b"abcdef") };
        let fault = write(body, None, None).unwrap_err();
        assert_eq!(fault.code, "unavailable");
        assert_eq!(fault.fact_of("registry-code"), Some("BLOB_UPLOAD_UNKNOWN"));
    }
    script(vec![gone()]);
    assert_eq!(write(abcdef(), None, None).unwrap_err().code, "not-found", "no such repository");
}

#[test]
fn ranges_are_read_as_registries_write_them() {
    for (text, bytes) in [
        ("0-5", Some(6)),
        ("bytes=0-5", Some(6)),
        ("0-0", Some(0)),
        ("2-5", None),
        ("5", None),
        ("0--1", None),
        ("", None),
    ] {
        assert_eq!(kept(text), bytes, "{text}");
    }
}
