use crate::event::{Event, RequestKind};
use crate::http::Request;
use crate::http::testing::script::{Server, say};
use crate::http::testing::world::{World, call_access, plain, text, timeouts, unverified};
use crate::role::{Access, GrantedHost, RegistrySettings, Surroundings};
use crate::stream::Body;

#[tokio::test]
async fn a_registry_goes_by_its_name() {
    let server = Server::start(|seen| say(200, &[("X-Odd", "1")], &seen.path));
    let (_, settings) = plain(&server, None);
    let world = World::of(vec![("reg.example".to_owned(), settings)]);
    let call_access = call_access("reg.example", Access::Read);
    let url = "https://reg.example/v2/a/tags/list?n=1";
    let answer = world.send("GET", url, &call_access).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.final_url, format!("http://{}/v2/a/tags/list?n=1", server.name()));
    assert!(answer.headers.contains(&("x-odd".to_owned(), "1".to_owned())));
    assert_eq!(answer.body.size(), Some(19));
    let next = format!("http://{}/v2/a/tags/list?n=2", server.name());
    assert_eq!(text(answer).await.unwrap(), "/v2/a/tags/list?n=1");
    let answer = world.send("HEAD", &next, &call_access).await.unwrap();
    assert_eq!(text(answer).await.unwrap(), "");
    assert_eq!(server.seen()[1].connection, 0, "one connection for both");
    assert_eq!(
        server.seen()[0].header("user-agent"),
        Some(concat!("engine/", env!("CARGO_PKG_VERSION")))
    );
    let (host, status) = (server.name(), Some(200));
    let requested = |kind| Event::Requested { host: host.clone(), kind, status };
    assert_eq!(world.heard(), [requested(RequestKind::Get), requested(RequestKind::Head)]);
}

#[tokio::test]
async fn bodies_are_sent_with_their_size() {
    let server = Server::start(|_| say(201, &[], ""));
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Write);
    let url = format!("https://{}/v2/a/blobs/uploads/x", server.name());
    let chunks = || futures_util::stream::iter(["ab", "cd"].map(|text| Ok(text.into())));
    for body in [Body::new(Some(4), chunks()), Body::new(None, chunks())] {
        let request = Request { body: Some(body), ..Request::new("PATCH", &url) };
        assert_eq!(world.client.send(request, &call_access).await.unwrap().status, 201);
    }
    world.send("PUT", &url, &call_access).await.unwrap();
    let seen = server.seen();
    let sizes: Vec<_> = seen.iter().map(|seen| seen.header("content-length")).collect();
    assert_eq!(sizes, [None, Some("4"), None, Some("0")], "one question before the first body");
    assert_eq!(seen[0].path, "/v2/");
    assert!(seen[1..3].iter().all(|seen| seen.body == b"abcd"));
}

#[tokio::test]
async fn what_was_not_granted_is_not_sent() {
    let server = Server::start(|_| say(200, &[], ""));
    let other = Server::start(|_| say(200, &[], ""));
    let world = World::of(vec![plain(&server, None)]);
    let read = call_access(&server.name(), Access::Read);
    let name = server.name();
    for (method, url) in [
        ("GET", format!("http://{}/v2/", other.name())),
        ("GET", "http://169.254.169.254/latest/meta-data".to_owned()),
        ("GET", format!("https://{name}/v2/b/tags/list")),
        ("POST", format!("https://{name}/v2/a/blobs/uploads/")),
        ("DELETE", format!("https://{name}/v2/a/manifests/x")),
    ] {
        let fault = world.send(method, &url, &read).await.err().unwrap();
        assert_eq!(fault.code, "http::not-granted", "{url}");
    }
    let mut request = Request::new("GET", format!("https://{name}/v2/"));
    request.headers.push(("Authorization".to_owned(), "Basic eDp5".to_owned()));
    assert_eq!(world.client.send(request, &read).await.err().unwrap().code, "http::not-granted");
    assert!(server.seen().is_empty() && other.seen().is_empty());
    let refused =
        |event: &Event| matches!(event, Event::GrantRefused { step, .. } if step == "step");
    assert_eq!(world.heard().iter().filter(|event| refused(event)).count(), 6);
}

#[tokio::test]
async fn granted_hosts_are_reached_without_a_registry() {
    let server = Server::start(|_| say(200, &[], "yes"));
    let world = World::of(Vec::new());
    let mut call_access = call_access("unused", Access::Read);
    call_access.registry = None;
    call_access.granted = vec![GrantedHost::anonymous(format!("http://{}", server.name()))];
    let url = format!("http://{}/any/path%2Fhere", server.name());
    assert_eq!(text(world.send("GET", &url, &call_access).await.unwrap()).await.unwrap(), "yes");
    assert_eq!(server.lines(), ["GET /any/path%2Fhere"]);
    let fault = world.send("POST", &url, &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::not-granted");
    call_access.granted = vec![GrantedHost::anonymous("http://169.254.1.1")];
    let fault = world.send("GET", "http://169.254.1.1/", &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::not-granted", "not even when granted: {fault}");
}

#[tokio::test]
async fn redirects_lead_on_without_credentials() {
    let store = Server::start(|_| say(200, &[], "blob"));
    let to = format!("http://{}/blob?sig=1", store.name());
    let server = Server::start(move |seen| match seen.header("authorization") {
        None => say(401, &[("www-authenticate", "Basic realm=x")], "{}"),
        Some(_) => say(307, &[("location", &to)], ""),
    });
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = call_access(&server.name(), Access::Read);
    let direct = format!("http://{}/blob?sig=1", store.name());
    assert!(world.send("GET", &direct, &call_access).await.is_err(), "nobody led there yet");
    let url = format!("https://{}/v2/a/blobs/sha256:00", server.name());
    let answer = world.send("GET", &url, &call_access).await.unwrap();
    assert_eq!(answer.final_url, direct);
    assert_eq!(text(answer).await.unwrap(), "blob");
    assert_eq!(store.seen()[0].header("authorization"), None);
    let led =
        Event::LedTo { registry: server.name(), host: store.name(), by: "redirect".to_owned() };
    assert!(world.heard().contains(&led));
    assert!(world.send("GET", &direct, &call_access).await.is_ok(), "now somebody did");
    assert_eq!(server.seen().iter().map(|seen| seen.connection).max(), Some(0));
}

#[tokio::test]
async fn redirects_have_an_end() {
    let server = Server::start(|seen| say(302, &[("location", &seen.path)], ""));
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Read);
    let url = format!("https://{}/v2/a/blobs/x", server.name());
    let fault = world.send("GET", &url, &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::too-many-redirects");
    assert_eq!(server.seen().len(), 11);
    let request = Request { follow: false, ..Request::new("GET", &url) };
    assert_eq!(world.client.send(request, &call_access).await.unwrap().status, 302);
}

#[tokio::test]
async fn redirects_do_not_lead_to_metadata() {
    for to in
        ["http://169.254.169.254/x", "http://[fe80::1]/x", "http://[fd00:ec2::254]/", "file:///x"]
    {
        let server = Server::start(move |_| say(302, &[("location", to)], ""));
        let world = World::of(vec![plain(&server, None)]);
        let call_access = call_access(&server.name(), Access::Read);
        let url = format!("https://{}/v2/a/blobs/x", server.name());
        match world.send("GET", &url, &call_access).await {
            Err(fault) => assert_eq!(fault.code, "http::not-granted", "{to}"),
            Ok(answer) => assert_eq!((answer.status, to), (302, "file:///x")),
        }
    }
}

#[tokio::test]
async fn uploads_go_on_where_the_registry_says() {
    let store = Server::start(|_| say(202, &[("location", "/up/2")], ""));
    let to = format!("http://{}/up/1?state=x", store.name());
    let server = Server::start(move |seen| match seen.method.as_str() {
        "POST" => say(202, &[("location", &to)], ""),
        _ => say(200, &[], ""),
    });
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Write);
    let at = |path: &str| format!("http://{}{path}", store.name());
    assert!(world.send("PATCH", &at("/up/1"), &call_access).await.is_err());
    let url = format!("https://{}/v2/a/blobs/uploads/", server.name());
    assert_eq!(world.send("POST", &url, &call_access).await.unwrap().status, 202);
    assert_eq!(world.send("PATCH", &at("/up/1?state=y"), &call_access).await.unwrap().status, 202);
    assert!(world.send("PUT", &at("/up/2?digest=x"), &call_access).await.is_ok());
    assert!(world.send("PUT", &at("/up/3"), &call_access).await.is_err());
    assert!(world.send("GET", &at("/else"), &call_access).await.is_err());
    let led = |event: &Event| matches!(event, Event::LedTo { by, .. } if by == "location");
    assert_eq!(world.heard().iter().filter(|event| led(event)).count(), 1);
}

#[tokio::test]
async fn plain_http_is_found_once() {
    let server = Server::start(|_| say(200, &[], ""));
    let world = World::of(vec![(server.name(), unverified())]);
    let call_access = call_access(&server.name(), Access::Read);
    let url = format!("https://{}/v2/a/tags/list", server.name());
    let answers =
        futures_util::future::join_all((0..8).map(|_| world.send("GET", &url, &call_access)));
    for answer in answers.await {
        assert_eq!(answer.unwrap().status, 200);
    }
    let plain: Vec<_> = server.lines().into_iter().filter(|line| line == "GET /v2/").collect();
    assert_eq!(plain.len(), 1, "{:?}", server.lines());
    let strict = World::of(vec![(server.name(), RegistrySettings::default())]);
    let fault = strict.send("GET", &url, &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::tls");
    assert!(fault.help.unwrap().contains("endpoint"));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named() {
    let world = World::of(vec![("127.0.0.1:1".to_owned(), unverified())]);
    let call_access = call_access("127.0.0.1:1", Access::Write);
    let fault = world.send("GET", "https://127.0.0.1:1/v2/", &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::unreachable");
    assert!(fault.message.contains("127.0.0.1:1"), "{fault}");
    assert_eq!(fault.origin, crate::diagnostic::Origin::Destination);
}

#[tokio::test]
async fn nothing_is_read_before_the_first_request() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no.pem").display().to_string();
    let mut surroundings = Surroundings::default();
    surroundings.variables.insert("SSL_CERT_FILE".to_owned(), missing);
    let world = World::within(surroundings, Vec::new(), timeouts());
    let call_access = call_access("127.0.0.1:1", Access::Read);
    let fault = world.send("GET", "https://127.0.0.1:1/v2/", &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::certificates");
}

/// A registry at a public address, which the tests reach through a proxy of their own.
fn far_away(proxy: &Server, leads_to: Vec<String>) -> World {
    let mut surroundings = Surroundings::default();
    surroundings.variables.insert("HTTP_PROXY".to_owned(), proxy.name());
    let settings = RegistrySettings {
        endpoint: Some("http://93.184.216.34".to_owned()),
        leads_to,
        ..plain(proxy, None).1
    };
    World::within(surroundings, vec![("far.example".to_owned(), settings)], timeouts())
}

#[tokio::test]
async fn a_registry_far_away_does_not_lead_to_this_machine() {
    let here = Server::start(|_| say(200, &[], "secret of this machine"));
    for host in ["127.0.0.1", "localhost", "10.0.0.1", "[::1]", "0.0.0.0"] {
        let to = format!("http://{host}:{}/x", here.port);
        let proxy = Server::start(move |_| say(307, &[("location", &to)], ""));
        let call_access = call_access("far.example", Access::Read);
        let url = "https://far.example/v2/a/blobs/x";
        let world = far_away(&proxy, Vec::new());
        let fault = world.send("GET", url, &call_access).await.err().unwrap();
        assert_eq!(fault.code, "http::not-granted", "{host}: {fault}");
        assert_eq!(proxy.lines()[0], "GET http://93.184.216.34/v2/a/blobs/x");
        assert!(here.seen().is_empty());
    }
    let to = format!("http://localhost:{}/x", here.port);
    let proxy = Server::start(move |_| say(307, &[("location", &to)], ""));
    let world = far_away(&proxy, vec![format!("localhost:{}", here.port)]);
    let call_access = call_access("far.example", Access::Read);
    let answer = world.send("GET", "https://far.example/v2/a/blobs/x", &call_access).await.unwrap();
    assert_eq!(answer.status, 200, "the spec allows it");
}

#[tokio::test]
async fn token_servers_are_held_to_the_same_rules() {
    let here = Server::start(|_| say(200, &[], r#"{"token": "t"}"#));
    let challenge = format!("Bearer realm=\"http://{}/t\"", here.name());
    let proxy = Server::start(move |_| say(401, &[("www-authenticate", &challenge)], ""));
    let world = far_away(&proxy, Vec::new());
    let call_access = call_access("far.example", Access::Read);
    let fault = world.send("GET", "https://far.example/v2/", &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::not-granted", "{fault}");
    assert!(here.seen().is_empty());
}

#[tokio::test]
async fn somebody_else_does_not_choose_what_is_signed() {
    let port = std::sync::Arc::new(std::sync::atomic::AtomicU16::new(0));
    let own = std::sync::Arc::clone(&port);
    let store = Server::start(move |seen| {
        let port = own.load(std::sync::atomic::Ordering::SeqCst);
        let back = format!("http://127.0.0.1:{port}/v2/{}/blobs/y", &seen.path[1..]);
        say(302, &[("location", &back)], "")
    });
    let name = store.name();
    let server =
        Server::start(move |seen| match (seen.header("authorization"), seen.path.as_str()) {
            (None, _) => say(401, &[("www-authenticate", "Basic")], ""),
            (Some(_), "/v2/a/blobs/bad") => {
                say(302, &[("location", &format!("http://{name}/b"))], "")
            }
            (Some(_), "/v2/a/blobs/good") => {
                say(302, &[("location", &format!("http://{name}/a"))], "")
            }
            (Some(_), path) => say(200, &[], path),
        });
    port.store(server.port, std::sync::atomic::Ordering::SeqCst);
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = call_access(&server.name(), Access::Read);
    for (blob, status) in [("bad", 401), ("good", 200)] {
        let url = format!("https://{}/v2/a/blobs/{blob}", server.name());
        assert_eq!(world.send("GET", &url, &call_access).await.unwrap().status, status, "{blob}");
    }
}

#[tokio::test]
async fn requests_may_be_spawned() {
    let server = Server::start(|_| say(200, &[], ""));
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Write);
    let mut running = tokio::task::JoinSet::new();
    for number in 0..4 {
        let (client, call_access) = (world.client.clone(), call_access.clone());
        let url = format!("https://{}/v2/a/manifests/{number}", server.name());
        let body = Some(Body::from_bytes("{}"));
        let request = Request { body, ..Request::new("PUT", url) };
        running.spawn(async move {
            client.send(request, &call_access).await.map(|answer| answer.status)
        });
    }
    for sent in running.join_all().await {
        assert_eq!(sent.unwrap(), 200);
    }
}
