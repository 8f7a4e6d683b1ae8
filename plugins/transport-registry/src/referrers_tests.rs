use super::*;
use crate::address::Registry;
use engine_plugin_sdk::testing::{Answer, Asked, serve};
use std::cell::RefCell;
use std::rc::Rc;

fn repository() -> Repository {
    Registry::new("r.io").unwrap().repository("a").unwrap()
}

fn subject() -> Digest {
    Digest::of(b"image")
}

fn index(entries: &[Value]) -> String {
    json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": entries})
        .to_string()
}

fn listed(name: &str) -> Value {
    json!({"mediaType": media_type::OCI_MANIFEST, "digest": Digest::of(name.as_bytes()), "size": 1})
}

fn page(entries: &[Value]) -> Answer {
    Answer::status(200).header("content-type", media_type::OCI_INDEX).body(index(entries))
}

fn signature() -> Manifest {
    let bytes = json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": {"mediaType": "kind/x", "digest": Digest::of(b"{}"), "size": 2}, "layers": [],
        "subject": {"mediaType": media_type::OCI_MANIFEST, "digest": subject(), "size": 5},
        "annotations": {"a": "b"}});
    let bytes = bytes.to_string().into_bytes();
    Manifest { descriptor: Descriptor::of_manifest(media_type::OCI_MANIFEST, &bytes), bytes }
}

#[test]
fn the_list_is_read_page_by_page() {
    serve(|asked: Asked| {
        assert!(asked.url.contains(&format!("/v2/a/referrers/{}", subject())));
        match asked.url.split_once('?') {
            None => page(&[listed("1")]).header("link", "</x?p=2>; rel=next"),
            Some((_, query)) => {
                assert_eq!(query, "p=2");
                page(&[listed("2")])
            }
        }
    });
    let found = list(&repository(), &subject()).unwrap();
    let digests: Vec<_> = found.into_iter().map(|entry| entry.digest).collect();
    assert_eq!(digests, [Digest::of(b"1"), Digest::of(b"2")]);
    serve(|_| page(&[]).header("link", "</x?p=2>; rel=next"));
    assert_eq!(list(&repository(), &subject()), Ok(Vec::new()), "an empty page is the end");
    serve(|_| page(&[listed("1")]).header("link", "</x?p=2>; rel=next"));
    assert_eq!(list(&repository(), &subject()).unwrap_err().code, "protocol", "round in circles");
}

#[test]
fn no_list_in_an_index_is_an_empty_one() {
    for text in [r#"{"schemaVersion":2,"manifests":null}"#, r#"{"schemaVersion":2}"#] {
        serve(move |_| {
            Answer::status(200).header("content-type", media_type::OCI_INDEX).body(text)
        });
        assert_eq!(list(&repository(), &subject()), Ok(Vec::new()), "{text}");
    }
    let text = r#"{"manifests":{}}"#;
    serve(move |_| Answer::status(200).header("content-type", media_type::OCI_INDEX).body(text));
    assert_eq!(list(&repository(), &subject()).unwrap_err().code, "protocol");
}

#[test]
fn an_entry_that_cannot_be_read_is_not_left_out() {
    serve(|_| page(&[listed("1"), json!({"digest": "../x"})]));
    let fault = list(&repository(), &subject()).unwrap_err();
    assert_eq!(fault.code, "protocol");
    assert!(fault.message.contains("`../x`"), "{}", fault.message);
}

#[test]
fn a_registry_without_a_list_is_found_out_by_one_request() {
    for missing in [Answer::status(404), Answer::status(200).body("<html>")] {
        serve(move |asked| {
            assert!(asked.url.contains("/referrers/"), "the fallback tag is for the engine");
            missing.clone()
        });
        assert_eq!(list(&repository(), &subject()).unwrap_err().code, "unsupported");
    }
    serve(|_| Answer::status(401));
    assert_eq!(list(&repository(), &subject()).unwrap_err().code, "unauthorized");
}

/// A registry with one tag; it forgets the first `lost` writes, as if another writer came after.
fn one_tag(first: Option<String>, mut lost: usize) -> Rc<RefCell<Option<String>>> {
    let stored = Rc::new(RefCell::new(first));
    let kept = Rc::clone(&stored);
    serve(move |asked| match asked.method {
        "GET" => match kept.borrow().as_ref() {
            Some(text) => {
                Answer::status(200).header("content-type", media_type::OCI_INDEX).body(text.clone())
            }
            None => Answer::status(404),
        },
        _ if lost > 0 => {
            lost -= 1;
            Answer::status(201)
        }
        _ => {
            let body = asked.body.unwrap().unwrap();
            *kept.borrow_mut() = Some(String::from_utf8(body).unwrap());
            Answer::status(201)
        }
    });
    stored
}

#[test]
fn foreign_entries_stay_and_lost_ones_are_written_again() {
    for lost in 0..MAX_WRITES {
        let stored = one_tag(Some(index(&[listed("foreign"), json!({"strange": 1})])), lost);
        record(&repository(), &signature()).unwrap();
        let text = stored.borrow().clone().unwrap();
        assert!(text.contains("strange"), "{text}");
        let found = entries(&parse(text.as_bytes()).unwrap());
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].artifact_type.as_deref(), Some("kind/x"));
        assert_eq!(found[1].annotations["a"], "b");
        record(&repository(), &signature()).unwrap();
        assert_eq!(stored.borrow().clone().unwrap(), text, "it is listed once");
    }
    one_tag(None, MAX_WRITES);
    assert_eq!(record(&repository(), &signature()).unwrap_err().code, "conflict");
}

#[test]
fn what_has_no_subject_is_not_listed() {
    serve(|_| panic!("no request"));
    let bytes = index(&[]).into_bytes();
    let descriptor = Descriptor::of_manifest(media_type::OCI_INDEX, &bytes);
    record(&repository(), &Manifest { descriptor, bytes }).unwrap();
}
