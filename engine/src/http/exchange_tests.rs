use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::event::Event;
use crate::http::testing::script::{Reply, Server, say};
use crate::http::testing::world::{World, call_access, plain, text, timeouts};
use crate::http::{Request, Timeouts};
use crate::role::{Access, RegistrySettings, Surroundings};
use crate::stream::Body;
use futures_util::future::join_all;
use futures_util::stream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Short enough to be waited for, long enough not to pass on a busy machine before an answer that
/// is on its way.
const SHORT: Duration = Duration::from_millis(600);

fn with_timeouts(server: &Server, timeouts: Timeouts) -> World {
    World::within(Surroundings::default(), vec![plain(server, None)], timeouts)
}

fn url(server: &Server) -> String {
    format!("https://{}/v2/a/blobs/x", server.name())
}

#[tokio::test]
async fn a_dead_connection_is_tried_once_more() {
    let server = Server::start(|seen| match seen.number {
        0 => Reply::Raw(Vec::new()),
        _ => say(200, &[], ""),
    });
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Read);
    assert_eq!(world.send("GET", &url(&server), &call_access).await.unwrap().status, 200);
    assert_eq!(server.seen().len(), 2);
    let dead = Server::start(|_| Reply::Raw(b"HTTP/1.1 200 OK\r\nconte".to_vec()));
    let world = World::of(vec![plain(&dead, None)]);
    let call_access = crate::http::testing::world::call_access(&dead.name(), Access::Read);
    let fault = world.send("GET", &url(&dead), &call_access).await.err().unwrap();
    assert_eq!((fault.code.as_ref(), fault.retry), ("http::cut", Retry::Backoff));
    assert_eq!(dead.seen().len(), 2);
}

#[tokio::test]
async fn a_body_is_never_sent_again() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "GET" => say(200, &[], ""),
        _ => Reply::Raw(Vec::new()),
    });
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Write);
    let request = Request {
        body: Some(Body::from_bytes("x")),
        ..Request::new("PUT", format!("https://{}/v2/a/manifests/x", server.name()))
    };
    assert_eq!(world.client.send(request, &call_access).await.err().unwrap().code, "http::cut");
    assert_eq!(server.lines(), ["GET /v2/", "PUT /v2/a/manifests/x"]);

    let begin = "POST /v2/a/blobs/uploads/";
    let request = Request {
        body: Some(Body::from_bytes("")),
        ..Request::new("POST", format!("https://{}/v2/a/blobs/uploads/", server.name()))
    };
    assert_eq!(world.client.send(request, &call_access).await.err().unwrap().code, "http::cut");
    assert_eq!(server.lines().get(2..).unwrap(), [begin, begin], "there was nothing to send");
}

#[tokio::test]
async fn silence_has_an_end() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/v2/a/blobs/x" => Reply::Hang(Vec::new()),
        _ => Reply::Hang(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".to_vec()),
    });
    let world = with_timeouts(&server, Timeouts { head: SHORT, ..timeouts() });
    let call_access = call_access(&server.name(), Access::Read);
    let fault = world.send("GET", &url(&server), &call_access).await.err().unwrap();
    assert_eq!((fault.code.as_ref(), fault.retry), ("http::timeout", Retry::Backoff));
    let world = with_timeouts(&server, Timeouts { idle: SHORT, ..timeouts() });
    let tags = format!("https://{}/v2/a/tags/list", server.name());
    let mut answer = world.send("GET", &tags, &call_access).await.unwrap();
    assert_eq!(answer.body.next().await.unwrap().unwrap(), "abc");
    assert_eq!(answer.body.next().await.unwrap().unwrap_err().code, "http::stalled");
    assert!(answer.body.next().await.is_none());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_named() {
    let server =
        Server::start(|_| Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".to_vec()));
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Read);
    let answer = world.send("GET", &url(&server), &call_access).await.unwrap();
    assert_eq!(answer.body.size(), Some(9));
    let fault = text(answer).await.unwrap_err();
    assert_eq!((fault.code.as_ref(), fault.retry), ("http::cut", Retry::Backoff));
}

#[tokio::test]
async fn what_breaks_a_body_is_what_is_said() {
    let server = Server::start(|_| say(200, &[], ""));
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Write);
    let broken =
        || Fault::new(Code::new("stream::digest-mismatch", Kind::Other), Origin::Source, "wrong");
    let chunks = stream::iter([Ok("ab".into()), Err(broken())]);
    let request = Request {
        body: Some(Body::new(Some(4), chunks)),
        ..Request::new("PUT", format!("https://{}/v2/a/manifests/x", server.name()))
    };
    assert_eq!(world.client.send(request, &call_access).await.err().unwrap(), broken());
}

#[tokio::test]
async fn a_slow_source_is_not_the_fault_of_the_destination() {
    let server = Server::start(|_| say(201, &[], ""));
    let world = with_timeouts(&server, Timeouts { idle: SHORT, ..timeouts() });
    let call_access = call_access(&server.name(), Access::Write);
    let chunks = stream::unfold(0, |sent| async move {
        tokio::time::sleep(SHORT * 3 / 2).await;
        (sent < 1).then(|| (Ok("ab".into()), sent + 1))
    });
    let request = Request {
        body: Some(Body::new(None, chunks)),
        ..Request::new("PUT", format!("https://{}/v2/a/manifests/x", server.name()))
    };
    assert_eq!(world.client.send(request, &call_access).await.unwrap().status, 201);
}

#[tokio::test]
async fn a_destination_that_stops_taking_is_named() {
    // The server reads no more than it is told that there is, and never answers.
    let server = Server::start(|seen| match seen.method.as_str() {
        "GET" => say(200, &[], ""),
        _ => Reply::Hang(Vec::new()),
    });
    let world = with_timeouts(&server, Timeouts { idle: SHORT, ..timeouts() });
    let call_access = call_access(&server.name(), Access::Write);
    let request = Request {
        body: Some(Body::from_bytes("ab")),
        ..Request::new("PUT", format!("https://{}/v2/a/manifests/x", server.name()))
    };
    let fault = world.client.send(request, &call_access).await.err().unwrap();
    assert_eq!((fault.code.as_ref(), fault.origin), ("http::timeout", Origin::Destination));
}

#[tokio::test]
async fn a_registry_that_is_slow_to_keep_a_blob_is_waited_for() {
    let server = Server::start(|seen| match (seen.method.as_str(), seen.path.as_str()) {
        (_, "/v2/") => say(200, &[], ""),
        (_, "/v2/a/blobs/uploads/never") => Reply::Hang(Vec::new()),
        _ => {
            std::thread::sleep(SHORT * 3 / 2);
            say(201, &[], "")
        }
    });
    let short = Timeouts { idle: SHORT, head: SHORT, ..timeouts() };
    let call_access = call_access(&server.name(), Access::Write);
    let request = |to: &str, body: Option<&'static str>| Request {
        body: body.map(Body::from_bytes),
        ..Request::new("PUT", format!("https://{}/v2/a/blobs/uploads/{to}", server.name()))
    };
    for body in [Some("ab"), None] {
        let world = with_timeouts(&server, short);
        let answer = world.client.send(request("x", body), &call_access).await.unwrap();
        assert_eq!(answer.status, 201, "{body:?}");
        let world = with_timeouts(&server, Timeouts { commit: SHORT * 2, ..short });
        let began = Instant::now();
        let fault = world.client.send(request("never", body), &call_access).await.err().unwrap();
        assert_eq!(fault.code, "http::timeout", "{body:?}");
        assert!(began.elapsed() >= SHORT * 2, "{body:?}");
    }
    assert!(call_access.uncounted.total() >= SHORT * 5, "the calls are not to blame");
}

#[tokio::test]
async fn hosts_are_left_alone_when_they_ask_for_it() {
    let server = Server::start(|seen| match seen.number {
        0 => say(429, &[("retry-after", "1")], ""),
        1 => say(503, &[("retry-after", "0")], ""),
        _ => say(200, &[], ""),
    });
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Read);
    let start = Instant::now();
    assert_eq!(world.send("GET", &url(&server), &call_access).await.unwrap().status, 200);
    let waited = call_access.uncounted.total();
    assert!(waited >= Duration::from_millis(900), "{waited:?} are not the call's to blame for");
    assert!(start.elapsed() >= Duration::from_secs(1));
    let waiting = |millis, status| Event::Waiting { host: server.name(), millis, status };
    let heard = world.heard();
    assert!(heard.contains(&waiting(1000, 429)) && heard.contains(&waiting(0, 503)));
}

#[tokio::test]
async fn a_window_of_a_second_is_waited_for() {
    for (reset, waited) in [("1", true), ("3600", false)] {
        let server = Server::start(move |_| {
            let headers = [("ratelimit-remaining", "0"), ("ratelimit-reset", reset)];
            say(200, &headers, "")
        });
        let world = World::of(vec![plain(&server, None)]);
        let call_access = call_access(&server.name(), Access::Read);
        let url = format!("https://{}/v2/a/manifests/x", server.name());
        assert_eq!(world.send("GET", &url, &call_access).await.unwrap().status, 200);
        let second = world.send("GET", &url, &call_access).await;
        if waited {
            assert_eq!(second.unwrap().status, 200);
            assert!(call_access.uncounted.total() >= Duration::from_millis(900));
        } else {
            assert_eq!(second.err().unwrap().code, "http::quota");
            assert_eq!(server.seen().len(), 1, "nothing is sent in vain");
        }
    }
}

#[tokio::test]
async fn patience_ends() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/v2/a/blobs/x" => say(429, &[], ""),
        "/v2/a/tags/list" => say(429, &[("retry-after", "3600")], ""),
        _ => say(503, &[], ""),
    });
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Read);
    for (path, status, requests) in
        [("blobs/x", 429, 6), ("tags/list", 429, 1), ("blobs/y", 503, 1)]
    {
        let before = server.seen().len();
        let url = format!("https://{}/v2/a/{path}", server.name());
        assert_eq!(world.send("GET", &url, &call_access).await.unwrap().status, status);
        assert_eq!(server.seen().len() - before, requests, "{path}");
    }
}

#[tokio::test]
async fn a_registry_gets_so_many_requests_and_no_more() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, high) = (Arc::clone(&now), Arc::clone(&most));
    let server = Server::start(move |_| {
        high.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        inside.fetch_sub(1, Ordering::SeqCst);
        say(200, &[], "x")
    });
    let (name, settings) = plain(&server, None);
    let settings = RegistrySettings { concurrent: 3, ..settings };
    let world = World::of(vec![(name.clone(), settings)]);
    let call_access = call_access(&name, Access::Read);
    let read = || async { text(world.send("GET", &url(&server), &call_access).await?).await };
    assert!(join_all((0..30).map(|_| read())).await.iter().all(Result::is_ok));
    assert!((2..=3).contains(&most.load(Ordering::SeqCst)), "{most:?}");
}

#[tokio::test]
async fn a_copy_within_a_registry_needs_no_second_pass() {
    let server = Server::start(|_| say(200, &[], "blob"));
    let (name, settings) = plain(&server, None);
    let world = World::of(vec![(name.clone(), RegistrySettings { concurrent: 1, ..settings })]);
    let (read, write) = (call_access(&name, Access::Read), call_access(&name, Access::Write));
    let (client, from) = (world.client.clone(), url(&server));
    let body = Body::lazy(Some(4), async move {
        Ok(client.send(Request::new("GET", from), &read).await?.body)
    });
    let request = Request {
        body: Some(body),
        ..Request::new("PATCH", format!("https://{name}/v2/a/blobs/uploads/x"))
    };
    let sent = world.client.send(request, &write);
    let answer = tokio::time::timeout(Duration::from_secs(5), sent).await.unwrap();
    assert_eq!(answer.unwrap().status, 200);
    assert_eq!(server.seen().last().map(|seen| seen.method.as_str()), Some("PATCH"));
    assert!(server.seen().iter().any(|seen| seen.body == b"blob"));
}
