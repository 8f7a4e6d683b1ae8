use super::*;
use std::collections::BTreeSet;

fn call_access(access: Access) -> CallAccess {
    CallAccess {
        step: "s".to_owned(),
        registry: Some("h".to_owned()),
        repository: "a/b".to_owned(),
        also_read: BTreeSet::from(["origin".to_owned()]),
        access,
        granted: Vec::new(),
        uncounted: crate::role::UncountedTime::default(),
    }
}

fn allowed(method: &str, path: &str, access: Access) -> bool {
    let call_access = call_access(access);
    let text = format!("https://h{path}");
    let check = || {
        let method = super::method(method, access, false)?;
        super::path(&text, &super::url(&text)?, &method, &call_access)
    };
    check().is_ok()
}

#[test]
fn a_read_reads_its_repositories() {
    for path in [
        "/v2/",
        "/v2/a/b/tags/list?last=x",
        "/v2/a/b/manifests/latest",
        "/v2/a/b/blobs/sha256:00",
        "/v2/a/b/referrers/sha256:00",
        "/v2/origin/blobs/sha256:00",
    ] {
        assert!(allowed("GET", path, Access::Read), "{path}");
        assert!(!allowed("PUT", path, Access::Read), "{path}");
    }
}

#[test]
fn nothing_else_is_read() {
    for path in [
        "/",
        "/v1/",
        "/v2",
        "/v2/other/manifests/latest",
        "/v2/a/manifests/latest",
        "/v2/a/b",
        "/v2/a/b/",
        "/v2/a/b/c/manifests/latest",
        "/v2/a/b/manifests/manifests/latest",
        "/v2/a/bb/manifests/latest",
        "/v2/a/b/../../other/manifests/latest",
        "/v2/a/b/manifests/../../../other/manifests/latest",
        "/v2/a/b/%2e%2e/%2E%2e/other/manifests/latest",
        "/v2/a/b%2f../x/manifests/latest",
        "/v2/a/b/./manifests/latest",
        "/v2//a/b/manifests/latest",
        "/v2/a/b/manifests/%6catest",
        "/v2/a/b\\manifests/latest",
        "/v2/_catalog/x",
        "/v2/_catalog?n=5",
    ] {
        assert!(!allowed("GET", path, Access::Delete), "{path}");
    }
}

#[test]
fn writes_stay_in_their_repository() {
    assert!(allowed("POST", "/v2/a/b/blobs/uploads/", Access::Write));
    assert!(allowed("POST", "/v2/a/b/blobs/uploads/?mount=d&from=origin", Access::Write));
    assert!(allowed("PUT", "/v2/a/b/manifests/latest", Access::Write));
    assert!(allowed("DELETE", "/v2/a/b/manifests/latest", Access::Delete));
    assert!(!allowed("DELETE", "/v2/a/b/manifests/latest", Access::Write));
    assert!(!allowed("PUT", "/v2/origin/manifests/latest", Access::Write));
    assert!(!allowed("POST", "/v2/a/b/blobs/uploads/?mount=d&from=other", Access::Write));
    assert!(!allowed("POST", "/v2/a/b/blobs/uploads/?mount=d&fr%6fm=other", Access::Write));
    assert!(!allowed("POST", "/v2/a/b/blobs/uploads/?mount=d;from=other", Access::Write));
    assert!(!allowed("POST", "/v2/", Access::Write));
    assert!(!allowed("TRACE", "/v2/", Access::Delete));
    assert!(!allowed("get", "/v2/", Access::Delete));
}

#[test]
fn a_call_without_a_repository_has_no_content() {
    let mut call_access = call_access(Access::Read);
    call_access.repository = String::new();
    call_access.also_read.clear();
    for (path, fine) in
        [("/v2/_catalog", true), ("/v2//tags/list", false), ("/v2/a/tags/list", false)]
    {
        let text = format!("https://h{path}");
        let url = super::url(&text).unwrap();
        assert_eq!(super::path(&text, &url, &Method::GET, &call_access).is_ok(), fine, "{path}");
    }
}

#[test]
fn urls_are_plain() {
    for text in [
        "file:///etc/passwd",
        "https://user@h/",
        "https://u:p@h/",
        "https://h/#x",
        "https://h/ x",
        "https://h/\nx",
        "https://h\\@evil/",
        "h/v2/",
        "",
    ] {
        assert!(super::url(text).is_err(), "{text}");
    }
}

#[test]
fn headers_of_the_engine_are_refused() {
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    for name in [
        "Authorization",
        "COOKIE",
        "host",
        "Proxy-Authorization",
        "Transfer-Encoding",
        "X-HTTP-Method-Override",
        "X-Original-URL",
        "Forwarded",
        "proxy_authorization",
        "Transfer_Encoding",
        "http2-settings",
        "a b",
        "",
    ] {
        assert!(headers(&pair(name, "x")).is_err(), "{name}");
    }
    assert!(headers(&pair("accept", "a\r\nb: c")).is_err());
    assert!(headers(&pair("Content-Length", "5")).unwrap().is_empty());
    assert!(headers(&pair("content_length", "5")).unwrap().is_empty());
    assert!(headers(&pair("x", &"y".repeat(1000))).is_ok());
    assert!(headers(&pair("x", &"y".repeat(100_000))).is_err());
    let both = [pair("Accept", "a"), pair("accept", "b")].concat();
    assert_eq!(headers(&both).unwrap().get_all("accept").iter().count(), 2);
}

#[test]
fn grants_name_scheme_host_and_port() {
    let grants = ["https://a.com", "http://*.b.com:81"];
    let granted = |text: &str| {
        let url = Url::parse(text).unwrap();
        grants.iter().any(|grant| covers(grant, &url))
    };
    for text in
        ["https://a.com/x", "https://a.com:443/", "http://x.b.com:81/", "http://x.y.b.com:81/"]
    {
        assert!(granted(text), "{text}");
    }
    for text in [
        "http://a.com/",
        "https://a.com:444/",
        "https://x.a.com/",
        "https://aa.com/",
        "http://b.com:81/",
        "http://xb.com:81/",
        "http://.b.com:81/",
    ] {
        assert!(!granted(text), "{text}");
    }
}
