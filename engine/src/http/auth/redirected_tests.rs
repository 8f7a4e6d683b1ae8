use crate::http::testing::script::{Server, say};
use crate::http::testing::world::{World, call_access, plain, registry, tokens};
use crate::role::Access;

/// A registry that redirects all to another one, whose challenges lead to `realm`.
fn vanity(other: &Server) -> Server {
    let to = format!("http://{}/v2/team/app/manifests/1", other.name());
    Server::start(move |_| say(307, &[("location", &to)], ""))
}

fn url(server: &Server) -> String {
    format!("https://{}/v2/a/manifests/1", server.name())
}

#[tokio::test]
async fn another_registry_is_read_as_a_stranger() {
    let realm = Server::start(|_| say(200, &[], r#"{"token": "stranger"}"#));
    let other = registry(&realm, tokens(&["stranger"]));
    let vanity = vanity(&other);
    let world = World::of(vec![plain(&vanity, Some(("u", "p")))]);
    let call_access = call_access(&vanity.name(), Access::Write);
    for _ in 0..2 {
        let answer = world.send("GET", &url(&vanity), &call_access).await.unwrap();
        assert_eq!((answer.status, answer.led_to), (200, Some(other.name())));
    }
    let asked = realm.seen();
    assert_eq!(asked.len(), 1, "one token for all");
    assert_eq!(asked[0].path, "/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull");
    assert_eq!(asked[0].header("authorization"), None);
    assert_eq!(other.seen().len(), 3, "one challenge for all");
    assert!(vanity.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn a_registry_that_wants_a_login_is_named() {
    let realm = Server::start(|_| say(403, &[], ""));
    let refusing = registry(&realm, tokens(&[]));
    let worthless = Server::start(|_| say(200, &[], r#"{"token": "worthless"}"#));
    let worthless = registry(&worthless, tokens(&[]));
    let basic = Server::start(|_| say(401, &[("www-authenticate", "Basic")], ""));
    for other in [refusing, worthless, basic] {
        let vanity = vanity(&other);
        let world = World::of(vec![plain(&vanity, Some(("u", "p")))]);
        let call_access = call_access(&vanity.name(), Access::Read);
        let fault = world.send("GET", &url(&vanity), &call_access).await.err().unwrap();
        assert_eq!(fault.code, "http::unauthorized");
        let named = fault.message.contains(&vanity.name()) && fault.message.contains(&other.name());
        assert!(named && !fault.message.contains("worthless"), "{fault}");
        let all = other.seen().into_iter().chain(vanity.seen());
        assert!(all.into_iter().all(|seen| seen.header("authorization") != Some("Basic dTpw")));
    }
}

#[tokio::test]
async fn a_blob_store_is_no_registry() {
    let store = Server::start(|_| say(401, &[("www-authenticate", "Bearer realm=\"x\"")], "no"));
    let to = format!("http://{}/bucket/blob", store.name());
    let server = Server::start(move |_| say(307, &[("location", &to)], ""));
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Read);
    let answer = world.send("GET", &url(&server), &call_access).await.unwrap();
    assert_eq!((answer.status, store.seen().len()), (401, 1));
}
