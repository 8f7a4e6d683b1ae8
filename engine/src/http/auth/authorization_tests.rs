use crate::event::{Event, RequestKind};
use crate::http::testing::script::{Reply, Server, say};
use crate::http::testing::world::{World, call_access, plain, registry, timeouts, tokens};
use crate::role::{Access, RegistrySettings, Surroundings};
use futures_util::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn url(server: &Server, path: &str) -> String {
    format!("https://{}/v2/a/{path}", server.name())
}

#[tokio::test]
async fn one_challenge_and_one_token_serve_all() {
    let realm = Server::start(|_| say(200, &[], r#"{"token": "t"}"#));
    let server = registry(&realm, tokens(&["t"]));
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = call_access(&server.name(), Access::Read);
    let url = url(&server, "manifests/x");
    let answers = join_all((0..20).map(|_| world.send("HEAD", &url, &call_access))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().status == 200));
    assert_eq!(server.seen().len(), 21, "one challenge for all");
    let asked = realm.seen();
    assert_eq!(asked.len(), 1, "one token for all");
    assert_eq!(asked[0].path, "/token?account=u&service=reg&scope=repository%3Aa%3Apull");
    assert_eq!(asked[0].header("authorization"), Some("Basic dTpw"));
    let heard = world.heard();
    let used = Event::CredentialUsed { registry: server.name(), user: "u".to_owned() };
    assert_eq!(heard.iter().filter(|event| **event == used).count(), 1);
    let led =
        Event::LedTo { registry: server.name(), host: realm.name(), by: "challenge".to_owned() };
    assert!(heard.contains(&led));
    let token = |event: &&Event| matches!(event, Event::Requested { kind: RequestKind::Token, .. });
    assert_eq!(heard.iter().filter(token).count(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_sent_once() {
    let realm = Server::start(|_| say(401, &[], "no"));
    let server = registry(&realm, tokens(&[]));
    let world = World::of(vec![plain(&server, Some(("u", "s3cr3t")))]);
    let call_access = call_access(&server.name(), Access::Read);
    let tags = url(&server, "tags/list");
    for answer in join_all((0..20).map(|_| world.send("GET", &tags, &call_access))).await {
        let fault = answer.err().unwrap();
        assert_eq!(fault.code, "http::unauthorized");
        assert!(fault.message.contains("`u`") && !format!("{fault:?}").contains("s3cr3t"));
    }
    assert_eq!((realm.seen().len(), server.seen().len()), (1, 1));
}

#[tokio::test]
async fn the_first_to_be_refused_does_not_speak_for_all() {
    let realm = Server::start(|seen| {
        let status = if seen.path.contains("%3Ar0%3A") { 403 } else { 200 };
        say(status, &[], r#"{"token": "t"}"#)
    });
    let server = registry(&realm, tokens(&["t"]));
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let ask = async |number: u32| {
        let mut call_access = call_access(&server.name(), Access::Read);
        call_access.repository = format!("r{number}");
        let url = format!("https://{}/v2/r{number}/tags/list", server.name());
        world.send("GET", &url, &call_access).await.map(|answer| answer.status)
    };
    let mut all = join_all((0..5).map(ask)).await.into_iter();
    assert_eq!(all.next().unwrap().err().unwrap().code, "http::unauthorized");
    assert!(all.all(|status| status == Ok(200)));
}

#[tokio::test]
async fn repositories_may_have_token_servers_of_their_own() {
    let realm = Server::start(|seen| {
        let token = &seen.path[1..2];
        say(200, &[], &format!("{{\"token\": \"{token}\"}}"))
    });
    let at = realm.name();
    let server = Server::start(move |seen| {
        let repository = &seen.path[4..5];
        if seen.header("authorization") == Some(&format!("Bearer {repository}")) {
            return say(200, &[], "");
        }
        let challenge = format!("Bearer realm=\"http://{at}/{repository}\"");
        say(401, &[("www-authenticate", &challenge)], "")
    });
    let world = World::of(vec![plain(&server, None)]);
    for repository in ["a", "b", "a", "c"] {
        let mut call_access = call_access(&server.name(), Access::Read);
        call_access.repository = repository.to_owned();
        let url = format!("https://{}/v2/{repository}/tags/list", server.name());
        assert_eq!(
            world.send("GET", &url, &call_access).await.unwrap().status,
            200,
            "{repository}"
        );
    }
}

#[tokio::test]
async fn a_silent_registry_is_waited_for_once() {
    let server = Server::start(|_| Reply::Hang(Vec::new()));
    // Long enough for the request to be seen on a busy machine.
    let head = std::time::Duration::from_millis(800);
    let timeouts = crate::http::Timeouts { head, ..timeouts() };
    let world = World::within(Surroundings::default(), vec![plain(&server, None)], timeouts);
    let call_access = call_access(&server.name(), Access::Read);
    let tags = url(&server, "tags/list");
    for answer in join_all((0..20).map(|_| world.send("GET", &tags, &call_access))).await {
        assert_eq!(answer.err().unwrap().code, "http::timeout");
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_whatever_it_is_for() {
    let realm = Server::start(|_| say(401, &[], ""));
    let server = registry(&realm, tokens(&[]));
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let ask = async |number: u32| {
        let mut call_access = call_access(&server.name(), Access::Write);
        call_access.repository = format!("r{number}");
        let url = format!("https://{}/v2/r{number}/tags/list", server.name());
        world.send("GET", &url, &call_access).await.err().unwrap().code
    };
    let codes = join_all((0..20).map(ask)).await;
    assert!(codes.iter().all(|code| code == "http::unauthorized"));
    assert_eq!((realm.seen().len(), server.seen().len()), (1, 1));
}

#[tokio::test]
async fn a_registry_may_give_its_tokens_itself() {
    let port = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&port);
    let server = Server::start(move |seen| {
        let realm = format!("Bearer realm=\"http://127.0.0.1:{}/t\"", own.load(Ordering::SeqCst));
        if seen.path.starts_with("/t?") {
            return say(200, &[], r#"{"token": "t", "expires_in": 300}"#);
        }
        match seen.header("authorization") {
            Some("Bearer t") => say(200, &[], ""),
            _ => say(401, &[("www-authenticate", &realm)], "{}"),
        }
    });
    port.store(server.port.into(), Ordering::SeqCst);
    let (name, settings) = plain(&server, None);
    let world = World::of(vec![(name, RegistrySettings { concurrent: 1, ..settings })]);
    let ask = async |number: u32| {
        let mut call_access = call_access(&server.name(), Access::Read);
        call_access.repository = format!("r{number}");
        let url = format!("https://{}/v2/r{number}/tags/list", server.name());
        world.send("GET", &url, &call_access).await.unwrap().status
    };
    let all = join_all((0..10).map(ask));
    let statuses = tokio::time::timeout(std::time::Duration::from_secs(10), all).await.unwrap();
    assert!(statuses.iter().all(|status| *status == 200));
    let led = |event: &Event| matches!(event, Event::LedTo { .. });
    assert!(!world.heard().iter().any(led));
}
