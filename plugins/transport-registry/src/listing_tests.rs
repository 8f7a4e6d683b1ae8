use super::*;
use engine_plugin_sdk::testing::{Answer, serve};

fn repository() -> Repository {
    Registry::new("r.io").unwrap().repository("a/b").unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn pages_are_followed_by_their_query_alone() {
    serve(|asked| match asked.url.as_str() {
        "https://r.io/v2/a/b/tags/list?n=1000" => Answer::status(200)
            .header("link", "<http://inner.name:80/elsewhere?last=2&n=2>; rel=\"next\"")
            .body(format!(r#"{{"name":"a/b","tags":["1","","sha256:{}","2"]}}"#, "0".repeat(64))),
        "https://r.io/v2/a/b/tags/list?last=2&n=2" => {
            Answer::status(200).body(r#"{"tags":["3",null]}"#)
        }
        other => panic!("{other}"),
    });
    let first = tags(&repository(), None).unwrap();
    assert_eq!(first.names, names(&["1", "2"]));
    let second = tags(&repository(), first.next.as_deref()).unwrap();
    assert_eq!((second.names, second.next), (names(&["3"]), None));
}

#[test]
fn a_page_that_is_too_long_is_cut_and_read_again() {
    let all: Vec<String> = (0..=MAX_PAGE).map(|at| format!("\"{at}\"")).collect();
    let text = format!("{{\"tags\":[{}]}}", all.join(","));
    serve(move |_| Answer::status(200).body(text.clone()));
    let first = tags(&repository(), None).unwrap();
    assert_eq!(first.names.len(), MAX_PAGE);
    let second = tags(&repository(), first.next.as_deref()).unwrap();
    assert_eq!((second.names, second.next), (vec![MAX_PAGE.to_string()], None));
}

#[test]
fn absence_bounds_and_nonsense() {
    serve(|_| Answer::status(404));
    assert_eq!(tags(&repository(), None).unwrap(), Page::default());
    serve(|_| Answer::status(200).body(r#"{"name":"a/b","tags":null}"#));
    assert_eq!(tags(&repository(), None).unwrap(), Page::default());
    serve(|asked| match asked.url.split_once('?') {
        Some(_) => Answer::status(400),
        None => Answer::status(200).body(r#"{"tags":["1"]}"#),
    });
    assert_eq!(tags(&repository(), None).unwrap().names, names(&["1"]));
    serve(|_| Answer::status(200).body("<html>"));
    assert_eq!(tags(&repository(), None).unwrap_err().code, "protocol");
    let to_itself = |body: &'static str| {
        serve(move |_| Answer::status(200).header("link", "<?a=1>; rel=next").body(body));
        tags(&repository(), Some("0?a=1"))
    };
    let round = to_itself(r#"{"tags":["1"]}"#);
    assert_eq!(round.unwrap_err().code, "protocol", "a page that leads to itself");
    assert_eq!(to_itself(r#"{"tags":[]}"#), Ok(Page::default()), "an empty page is the end");
    let digests_only = to_itself(r#"{"tags":["sha256:x"]}"#);
    assert_eq!(digests_only.unwrap_err().code, "protocol", "it is not empty");
    assert!(tags(&repository(), Some("x")).is_err());
}

#[test]
fn repositories_are_listed() {
    let registry = Registry::new("r.io").unwrap();
    serve(|asked| {
        assert_eq!(asked.url, "https://r.io/v2/_catalog?n=1000");
        Answer::status(200).body(r#"{"repositories":["a/b","../x","",null,"c"]}"#)
    });
    let listed = repositories(&registry, None).unwrap().names;
    assert_eq!(listed, names(&["a/b", "../x", "c"]), "the engine says what cannot be a name");
    serve(|_| Answer::status(401));
    assert_eq!(repositories(&registry, None).unwrap_err().code, "unauthorized");
}
