use crate::event::Event;
use crate::http::testing::script::{Server, say};
use crate::http::testing::world::{World, call_access, plain, registry, timeouts, tokens};
use crate::role::{Access, RegistrySettings, Surroundings};
use futures_util::future::join_all;

fn url(server: &Server, path: &str) -> String {
    format!("https://{}/v2/a/{path}", server.name())
}

/// Hides from strangers what it has, and asks for a login at `/v2/` alone.
fn hiding(status: u16) -> Server {
    Server::start(move |seen| match (seen.header("authorization"), seen.path.as_str()) {
        (Some("Basic dTpw"), "/v2/a/tags/list") => say(200, &[], "fine"),
        (Some("Basic dTpw"), _) => say(404, &[], ""),
        (_, "/v2/") => say(401, &[("www-authenticate", "Basic realm=\"x\"")], ""),
        _ => say(status, &[], "hidden"),
    })
}

#[tokio::test]
async fn what_is_hidden_from_strangers_is_asked_for_with_the_login() {
    for status in [404, 403] {
        let server = hiding(status);
        let call_access = call_access(&server.name(), Access::Read);
        let (tags, gone) = (url(&server, "tags/list"), url(&server, "manifests/gone"));
        let world = World::of(vec![plain(&server, Some(("u", "p")))]);
        let answer = world.send("GET", &tags, &call_access).await.unwrap();
        assert_eq!((answer.status, answer.with_login), (200, true));
        assert_eq!(server.lines(), ["GET /v2/a/tags/list", "GET /v2/", "GET /v2/a/tags/list"]);
        assert_eq!(world.send("HEAD", &gone, &call_access).await.unwrap().status, 404);
        assert_eq!(server.lines().len(), 4, "the login is known, and a 404 is believed");
        let stranger = World::of(vec![plain(&server, None)]);
        let answer = stranger.send("GET", &tags, &call_access).await.unwrap();
        assert_eq!((answer.status, answer.with_login), (status, false));
        assert_eq!(server.lines().len(), 5, "without a login there is nothing to ask");
    }
}

#[tokio::test]
async fn a_public_registry_is_asked_once() {
    let server = Server::start(|seen| {
        let status = if seen.path == "/v2/" { 200 } else { 404 };
        say(status, &[], "")
    });
    let call_access = call_access(&server.name(), Access::Read);
    let gone = url(&server, "manifests/gone");
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let answers = join_all((0..20).map(|_| world.send("HEAD", &gone, &call_access))).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status == 404));
    assert_eq!(server.seen().len(), 21);
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn strangers_that_may_read_and_not_list_go_on_reading() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/v2/a/tags/list" => say(401, &[("www-authenticate", "Basic realm=\"x\"")], ""),
        _ => say(200, &[], "fine"),
    });
    let call_access = call_access(&server.name(), Access::Read);
    let world = World::of(vec![plain(&server, None)]);
    for (path, status) in [("manifests/1", 200), ("tags/list", 401), ("manifests/2", 200)] {
        let answer = world.send("GET", &url(&server, path), &call_access).await.unwrap();
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_challenge_that_nobody_understands_is_named() {
    for (challenge, says) in [
        ("Negotiate, NTLM", "asks for `Negotiate`, `NTLM`"),
        ("Bearer realm=\"/token\",service=\"s\"", "a realm must be a URL"),
    ] {
        let server = Server::start(move |_| say(401, &[("www-authenticate", challenge)], ""));
        let call_access = call_access(&server.name(), Access::Read);
        let world = World::of(vec![plain(&server, Some(("u", "p")))]);
        let sent = world.send("GET", &url(&server, "tags/list"), &call_access).await;
        let fault = sent.err().unwrap();
        assert_eq!(fault.code, "http::unauthorized");
        assert!(fault.message.contains(says), "{fault}");
    }
}

#[tokio::test]
async fn a_challenge_beside_one_that_nobody_understands_is_answered() {
    let server = Server::start(|seen| match seen.header("authorization") {
        Some("Basic dTpw") => say(200, &[], ""),
        _ => say(401, &[("www-authenticate", "Negotiate, Basic realm=\"x\"")], ""),
    });
    let call_access = call_access(&server.name(), Access::Read);
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let answer = world.send("GET", &url(&server, "tags/list"), &call_access).await.unwrap();
    assert_eq!(answer.status, 200);
}

/// A file that names a helper which is gone: what is public is read, with a warning.
#[tokio::test]
async fn a_missing_helper_matters_where_a_login_is_wanted() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("auth.json");
    std::fs::write(&file, r#"{"credsStore": "gone"}"#).unwrap();
    let path = file.display().to_string();
    let world = |server: &Server| {
        let mut surroundings = Surroundings::default();
        surroundings.variables.insert("REGISTRY_AUTH_FILE".to_owned(), path.clone());
        let (name, settings) = plain(server, None);
        let settings = RegistrySettings { auth: None, ..settings };
        World::within(surroundings, vec![(name, settings)], timeouts())
    };
    let realm = Server::start(|_| say(200, &[], r#"{"token": "t"}"#));
    let public = registry(&realm, tokens(&["t"]));
    let reading = world(&public);
    let read = call_access(&public.name(), Access::Read);
    for _ in 0..2 {
        let answer = reading.send("GET", &url(&public, "tags/list"), &read).await.unwrap();
        assert_eq!(answer.status, 200);
    }
    let heard = reading.heard();
    let warnings: Vec<_> = heard
        .iter()
        .filter_map(|event| match event {
            Event::Warned { fault } => Some(fault),
            _ => None,
        })
        .collect();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].code, "config::missing-helper");
    let private = Server::start(|_| say(401, &[("www-authenticate", "Basic")], ""));
    let read = call_access(&private.name(), Access::Read);
    let sent = world(&private).send("GET", &url(&private, "tags/list"), &read).await;
    let fault = sent.err().unwrap();
    assert_eq!(fault.code, "http::unauthorized");
    for fault in [&fault, warnings[0]] {
        let named = fault.message.contains("`docker-credential-gone`");
        assert!(named && fault.message.contains(&path), "{fault}");
    }
}
