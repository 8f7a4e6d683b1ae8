use crate::http::testing::script::{Server, say};
use crate::http::testing::world::{World, call_access, plain, registry, tokens};
use crate::role::Access;

fn url(server: &Server, path: &str) -> String {
    format!("https://{}/v2/{path}", server.name())
}

/// The token server gives no token for reading the repository of which a blob could be mounted.
#[tokio::test]
async fn a_refused_mount_is_no_word_on_the_repository_itself() {
    for status in [401, 403, 400, 500] {
        let realm = Server::start(move |seen| {
            let both = seen.path.matches("scope=").count() > 1;
            say(if both { status } else { 200 }, &[], r#"{"token": "t"}"#)
        });
        let server = registry(&realm, tokens(&["t"]));
        let world = World::of(vec![plain(&server, Some(("u", "p")))]);
        let mut call_access = call_access(&server.name(), Access::Write);
        call_access.also_read.insert("b".to_owned());
        let uploads = url(&server, "a/blobs/uploads/");
        let mount = format!("{uploads}?mount=sha256:x&from=b");
        for _ in 0..2 {
            let fault = world.send("POST", &mount, &call_access).await.err().unwrap();
            assert_eq!(fault.code, "http::unauthorized", "{status}");
            let begun = world.send("POST", &uploads, &call_access).await.unwrap();
            assert_eq!(begun.status, 200, "{status}");
        }
        assert_eq!(realm.seen().len(), 2, "{status}: the refused question is not asked again");
    }
}

/// The registry itself refuses the mount, with the challenge that it always has.
#[tokio::test]
async fn a_mount_may_be_answered_401() {
    let realm = Server::start(|_| say(200, &[], r#"{"token": "t"}"#));
    let to = format!("Bearer realm=\"http://{}/token\"", realm.name());
    for (challenge, login) in [("Basic".to_owned(), "Basic dTpw"), (to, "Bearer t")] {
        let server = Server::start(move |seen| match seen.header("authorization") {
            Some(sent) if sent == login && !seen.path.contains("from=b") => say(202, &[], ""),
            _ => say(401, &[("www-authenticate", &challenge)], ""),
        });
        let world = World::of(vec![plain(&server, Some(("u", "p")))]);
        let mut call_access = call_access(&server.name(), Access::Write);
        call_access.also_read.insert("b".to_owned());
        let uploads = url(&server, "a/blobs/uploads/");
        for _ in 0..2 {
            let mount = format!("{uploads}?mount=sha256:x&from=b");
            let refused = match world.send("POST", &mount, &call_access).await {
                Ok(answer) => answer.status == 401,
                Err(fault) => fault.code == "http::unauthorized",
            };
            assert!(refused, "{login}");
            let begun = world.send("POST", &uploads, &call_access).await.unwrap();
            assert_eq!(begun.status, 202, "{login}");
        }
    }
}

/// A registry that knows its repositories by other names than their URLs: its challenges name
/// `key/REPOSITORY`, and so does its token server.
fn renaming(realm: &Server) -> Server {
    let realm = format!("realm=\"http://{}/token\",service=\"reg\"", realm.name());
    Server::start(move |seen| {
        if seen.header("authorization") == Some("Bearer good") {
            return say(200, &[], "");
        }
        let repository = &seen.path[4..5];
        let challenge =
            format!("Bearer {realm},scope=\"repository:key/{repository}:pull,push,delete\"");
        say(401, &[("www-authenticate", &challenge)], "")
    })
}

#[tokio::test]
async fn the_scope_of_the_challenge_is_asked_for_when_ours_is_refused() {
    // Some refuse what they do not know, others give a token that is good for nothing.
    for (status, requests) in [(403, 2), (401, 2), (404, 2), (200, 3)] {
        let realm = Server::start(move |seen| {
            if seen.path.contains("scope=repository%3Akey%2F") {
                return say(200, &[], r#"{"token": "good"}"#);
            }
            say(status, &[], r#"{"token": "bad"}"#)
        });
        let server = renaming(&realm);
        let world = World::of(vec![plain(&server, Some(("u", "p")))]);
        for repository in ["a", "b"] {
            let mut call_access = call_access(&server.name(), Access::Read);
            call_access.repository = repository.to_owned();
            let before = server.seen().len();
            for _ in 0..2 {
                let tags = url(&server, &format!("{repository}/tags/list"));
                let answer = world.send("GET", &tags, &call_access).await.unwrap();
                assert_eq!(answer.status, 200, "{status}");
            }
            assert_eq!(server.seen().len(), before + requests + 1, "{status} {repository}");
        }
        let scopes: Vec<_> = realm
            .seen()
            .iter()
            .map(|seen| seen.path.split("scope=").nth(1).unwrap().to_owned())
            .collect();
        let asked = |name: &str| format!("repository%3A{name}%3Apull");
        let expected = [asked("a"), asked("key%2Fa"), asked("b"), asked("key%2Fb")];
        assert_eq!(scopes, expected, "{status}: reading alone, and each once");
    }
}
