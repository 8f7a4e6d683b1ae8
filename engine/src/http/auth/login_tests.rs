use crate::http::Request;
use crate::http::testing::script::{Server, say};
use crate::http::testing::world::{World, call_access, plain, registry, text, timeouts, tokens};
use crate::role::{Access, AuthSettings, GrantedHost, RegistrySettings, Surroundings};
use crate::stream::Body;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

fn url(server: &Server, path: &str) -> String {
    format!("https://{}/v2/a/{path}", server.name())
}

#[tokio::test]
async fn each_scope_has_its_token() {
    let realm = Server::start(|seen| {
        let scope = seen.path.split("scope=").nth(1).unwrap().replace(['%', '&'], "_");
        say(200, &[], &format!("{{\"access_token\": \"{scope}\"}}"))
    });
    let pull = "repository_3Aa_3Apull";
    let push = "repository_3Aa_3Apull_2Cpush";
    let server = registry(&realm, tokens(&[pull, push]));
    let world = World::of(vec![plain(&server, None)]);
    let read = call_access(&server.name(), Access::Read);
    let write = call_access(&server.name(), Access::Write);
    for _ in 0..2 {
        let tags = url(&server, "tags/list");
        assert_eq!(world.send("GET", &tags, &read).await.unwrap().status, 200);
        let uploads = url(&server, "blobs/uploads/");
        assert_eq!(world.send("POST", &uploads, &write).await.unwrap().status, 200);
    }
    assert_eq!(realm.seen().len(), 2);
    assert_eq!(realm.seen()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_token_that_ran_out_is_replaced() {
    let count = AtomicUsize::new(0);
    let valid = tokens(&["t0"]);
    let realm = Server::start(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        say(200, &[], &format!("{{\"token\": \"t{number}\"}}"))
    });
    let server = registry(&realm, Arc::clone(&valid));
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = call_access(&server.name(), Access::Write);
    let tags = url(&server, "tags/list");
    assert_eq!(world.send("GET", &tags, &call_access).await.unwrap().status, 200);
    *valid.lock().unwrap() = BTreeSet::from(["t1".to_owned()]);
    let answers = join_all((0..10).map(|_| world.send("GET", &tags, &call_access))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().status == 200));
    assert_eq!(realm.seen().len(), 2);
    let put = |body: Body| {
        let body = Some(body);
        Request { body, ..Request::new("PUT", url(&server, "manifests/x")) }
    };
    // A small body is sent again.
    *valid.lock().unwrap() = BTreeSet::from(["t2".to_owned()]);
    assert_eq!(
        world.client.send(put(Body::from_bytes("{}")), &call_access).await.unwrap().status,
        200
    );
    assert_eq!(realm.seen().len(), 3);
    // Another is not, so the attempt fails; the next one works.
    *valid.lock().unwrap() = BTreeSet::from(["t3".to_owned()]);
    let stream = || Body::new(None, futures_util::stream::iter([Ok("{}".into())]));
    let fault = world.client.send(put(stream()), &call_access).await.err().unwrap();
    assert_eq!(
        (fault.code.as_ref(), fault.retry),
        ("http::asked-late", crate::diagnostic::Retry::Backoff)
    );
    assert_eq!(world.client.send(put(stream()), &call_access).await.unwrap().status, 200);
    assert_eq!(realm.seen().len(), 4);
}

#[tokio::test]
async fn basic_is_sent_when_asked_for_and_refused_once() {
    let server = Server::start(|seen| match seen.header("authorization") {
        Some("Basic dTpw") => say(200, &[], ""),
        _ => say(401, &[("www-authenticate", "Basic realm=\"x\"")], ""),
    });
    let call_access = call_access(&server.name(), Access::Read);
    let tags = url(&server, "tags/list");
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    for _ in 0..3 {
        assert_eq!(world.send("GET", &tags, &call_access).await.unwrap().status, 200);
    }
    assert_eq!(server.seen().len(), 4);
    let world = World::of(vec![plain(&server, Some(("u", "wrong")))]);
    for answer in join_all((0..20).map(|_| world.send("GET", &tags, &call_access))).await {
        let fault = answer.err().unwrap();
        assert_eq!(fault.code, "http::unauthorized");
        assert!(fault.help.unwrap().contains("the spec"));
    }
    assert_eq!(server.seen().len(), 6, "the challenge, and the wrong password once");
    let world = World::of(vec![plain(&server, None)]);
    let fault = world.send("GET", &tags, &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::unauthorized");
    assert!(fault.help.unwrap().contains("log in"));
}

#[tokio::test]
async fn credentials_are_looked_up_again() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("auth.json");
    // u:old, then u:new
    let auths =
        |name: &str, auth: &str| format!(r#"{{"auths": {{"{name}": {{"auth": "{auth}"}}}}}}"#);
    let wanted = Arc::new(Mutex::new("Basic dTpvbGQ="));
    let known = Arc::clone(&wanted);
    let server = Server::start(move |seen| {
        if seen.header("authorization") == Some(*known.lock().unwrap()) {
            return say(200, &[], "");
        }
        say(401, &[("www-authenticate", "Basic")], "")
    });
    std::fs::write(&file, auths(&server.name(), "dTpvbGQ=")).unwrap();
    let mut surroundings = Surroundings::default();
    let path = file.display().to_string();
    surroundings.variables.insert("REGISTRY_AUTH_FILE".to_owned(), path);
    let settings = RegistrySettings { auth: None, ..plain(&server, None).1 };
    let world = World::within(surroundings, vec![(server.name(), settings)], timeouts());
    let call_access = call_access(&server.name(), Access::Read);
    let tags = url(&server, "tags/list");
    assert_eq!(world.send("GET", &tags, &call_access).await.unwrap().status, 200);
    *wanted.lock().unwrap() = "Basic dTpuZXc=";
    std::fs::write(&file, auths(&server.name(), "dTpuZXc=")).unwrap();
    assert_eq!(world.send("GET", &tags, &call_access).await.unwrap().status, 200);
    *wanted.lock().unwrap() = "nothing";
    let answer = world.send("GET", &tags, &call_access).await.unwrap();
    assert_eq!(answer.status, 401, "it worked before, so it is about this request");
}

/// A world whose login file holds an identity token for a registry.
fn with_identity_token(server: &Server, token: &str) -> (tempfile::TempDir, World) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("auth.json");
    let auths = format!(r#"{{"auths": {{"{}": {{"identitytoken": "{token}"}}}}}}"#, server.name());
    std::fs::write(&file, auths).unwrap();
    let mut surroundings = Surroundings::default();
    let path = file.display().to_string();
    surroundings.variables.insert("REGISTRY_AUTH_FILE".to_owned(), path);
    let settings = RegistrySettings { auth: None, ..plain(server, None).1 };
    (home, World::within(surroundings, vec![(server.name(), settings)], timeouts()))
}

#[tokio::test]
async fn an_identity_token_is_given_for_others() {
    let realm = Server::start(|seen| match seen.method.as_str() {
        "POST" => say(200, &[], r#"{"access_token": "t"}"#),
        _ => say(401, &[], ""),
    });
    let server = registry(&realm, tokens(&["t"]));
    let (_home, world) = with_identity_token(&server, "s3 cr3t");
    let call_access = call_access(&server.name(), Access::Read);
    let answer = world.send("GET", &url(&server, "tags/list"), &call_access).await.unwrap();
    assert_eq!(answer.status, 200);
    let form = String::from_utf8(realm.seen()[0].body.clone()).unwrap();
    assert_eq!(
        form,
        "grant_type=refresh_token&refresh_token=s3+cr3t&client_id=engine&service=reg\
         &scope=repository%3Aa%3Apull"
    );
    let text = format!("{:?}", world.heard());
    assert!(text.contains("<token>") && !text.contains("cr3t"));
}

/// Source: the token specification, "`OAuth2` token authentication": 404 means to use GET.
#[tokio::test]
async fn a_token_server_without_post_is_asked_by_get() {
    for (status, methods, works) in [(404, &["POST", "GET"][..], true), (401, &["POST"], false)] {
        let realm =
            Server::start(move |seen| match (seen.method.as_str(), seen.header("authorization")) {
                ("GET", Some("Basic PHRva2VuPjpzM2NyM3Q=")) => say(200, &[], r#"{"token": "t"}"#),
                ("POST", _) => say(status, &[], "nothing is here"),
                _ => say(500, &[], ""),
            });
        let server = registry(&realm, tokens(&["t"]));
        let (_home, world) = with_identity_token(&server, "s3cr3t");
        let call_access = call_access(&server.name(), Access::Read);
        let sent = world.send("GET", &url(&server, "tags/list"), &call_access).await;
        assert_eq!(sent.is_ok(), works);
        let asked: Vec<_> = realm.seen().into_iter().map(|seen| seen.method).collect();
        assert_eq!(asked, methods);
    }
}

#[tokio::test]
async fn a_challenge_that_is_not_understood_does_not_hide_another() {
    let server = Server::start(|seen| match seen.header("authorization") {
        Some("Basic dTpw") => say(200, &[], ""),
        _ => say(401, &[("www-authenticate", "Negotiate, Basic realm=\"x\"")], ""),
    });
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = call_access(&server.name(), Access::Read);
    let answer = world.send("GET", &url(&server, "tags/list"), &call_access).await.unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn token_servers_that_fail_are_named() {
    for (status, body, retry) in
        [(500, "", true), (404, "", false), (200, "{}", false), (200, "s3cr3t", false)]
    {
        let realm = Server::start(move |_| say(status, &[], body));
        let server = registry(&realm, tokens(&[]));
        let world = World::of(vec![plain(&server, None)]);
        let call_access = call_access(&server.name(), Access::Read);
        let fault =
            world.send("GET", &url(&server, "tags/list"), &call_access).await.err().unwrap();
        assert_eq!(fault.code, "http::token");
        assert_eq!(fault.retry != crate::diagnostic::Retry::Never, retry, "{fault:?}");
        assert!(!format!("{fault:?}").contains("s3cr3t"));
    }
}

#[tokio::test]
async fn a_refused_scope_leaves_others_alone() {
    let realm = Server::start(|seen| {
        let other = seen.path.contains("%3Ab%3A");
        say(200, &[], if other { r#"{"token": "b"}"# } else { r#"{"token": "a"}"# })
    });
    let server = registry(&realm, tokens(&["b"]));
    let world = World::of(vec![plain(&server, None)]);
    let mut call_access = call_access(&server.name(), Access::Read);
    for _ in 0..2 {
        let fault =
            world.send("GET", &url(&server, "tags/list"), &call_access).await.err().unwrap();
        assert_eq!(fault.code, "http::unauthorized");
    }
    assert_eq!(server.seen().len(), 2);
    call_access.repository = "b".to_owned();
    let tags = format!("https://{}/v2/b/tags/list", server.name());
    assert_eq!(text(world.send("GET", &tags, &call_access).await.unwrap()).await.unwrap(), "fine");
}

#[tokio::test]
async fn a_refused_cancel_does_not_spoil_the_push() {
    // As docker-registry does: deleting an upload needs more than its token allows.
    let realm = Server::start(|_| say(200, &[], r#"{"token": "t"}"#));
    let challenge = format!("Bearer realm=\"http://{}/t\"", realm.name());
    let server = Server::start(move |seen| {
        let known = seen.header("authorization").is_some();
        match seen.method.as_str() {
            "POST" if known => say(202, &[("location", "/v2/a/blobs/uploads/1?state=x")], ""),
            "PUT" if known => say(201, &[], ""),
            _ => say(401, &[("www-authenticate", &challenge)], ""),
        }
    });
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Write);
    let uploads = url(&server, "blobs/uploads/");
    let upload = url(&server, "blobs/uploads/1?state=x");
    assert!(world.send("DELETE", &upload, &call_access).await.is_err(), "it is not known yet");
    assert_eq!(world.send("POST", &uploads, &call_access).await.unwrap().status, 202);
    assert_eq!(world.send("DELETE", &upload, &call_access).await.unwrap().status, 401);
    assert_eq!(world.send("PUT", &upload, &call_access).await.unwrap().status, 201);
    let manifest = url(&server, "manifests/x");
    let fault = world.send("DELETE", &manifest, &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::not-granted");
}

#[tokio::test]
async fn an_answer_does_not_tell_what_was_sent() {
    let server = Server::start(|seen| match seen.header("authorization") {
        Some(sent) => {
            let echo = format!("you sent {sent}");
            say(200, &[("x-echo", &echo), ("authorization", sent), ("x-other", "1")], "")
        }
        None => say(401, &[("www-authenticate", "Basic realm=\"x\"")], ""),
    });
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = call_access(&server.name(), Access::Read);
    let answer = world.send("GET", &url(&server, "tags/list"), &call_access).await.unwrap();
    let names: Vec<_> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"x-other"), "{names:?}");
    assert!(!names.contains(&"x-echo") && !names.contains(&"authorization"), "{names:?}");
}

/// A login is for the place that the spec names with it, not for another port of that machine.
#[tokio::test]
async fn a_login_is_not_for_other_ports() {
    let server = Server::start(|_| say(401, &[("www-authenticate", "Basic")], ""));
    let (_, settings) = plain(&server, Some(("u", "p")));
    let host = server.name().split(':').next().unwrap().to_owned();
    let world = World::of(vec![(host, settings)]);
    let mut call_access = call_access("x", Access::Read);
    call_access.registry = None;
    call_access.granted = vec![GrantedHost::anonymous(format!("http://{}", server.name()))];
    let url = format!("http://{}/", server.name());
    assert_eq!(
        world.send("GET", &url, &call_access).await.err().unwrap().code,
        "http::unauthorized"
    );
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn granted_hosts_get_no_login_of_this_machine() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(|_| say(401, &[("www-authenticate", "Basic")], ""));
    let file = home.path().join("auth.json");
    let auths = format!(r#"{{"auths": {{"{}": {{"auth": "dTpw"}}}}}}"#, server.name());
    std::fs::write(&file, auths).unwrap();
    let mut surroundings = Surroundings::default();
    let path = file.display().to_string();
    surroundings.variables.insert("REGISTRY_AUTH_FILE".to_owned(), path);
    let world = World::within(surroundings, Vec::new(), timeouts());
    let mut call_access = call_access("x", Access::Read);
    call_access.registry = None;
    call_access.granted = vec![GrantedHost::anonymous(format!("http://{}", server.name()))];
    let url = format!("http://{}/", server.name());
    assert_eq!(
        world.send("GET", &url, &call_access).await.err().unwrap().code,
        "http::unauthorized"
    );
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
    assert_eq!(plain(&server, None).1.auth, Some(AuthSettings::Anonymous));
}
