//! Every fault of the proxy does what its sentence says, over a trivial server.

use super::reading::header;
use engine_tests::fault::{Fault, Line, Proxy, Rule};
use engine_tests::images::Pusher;
use engine_tests::server::{Answer, Server};
use http_body_util::BodyExt;
use reqwest::{Method, Response};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What the trivial server has read: `METHOD /path authorization? body`.
type Log = Arc<Mutex<Vec<String>>>;

/// A server that answers every request with its path and 200 dots.
fn server() -> (Server, Log) {
    let log = Log::default();
    let shared = log.clone();
    let server = Server::start(None, move |request| {
        let log = shared.clone();
        async move {
            let (parts, body) = request.into_parts();
            let secret = parts.headers.contains_key("authorization");
            let path = parts.uri.path().to_owned();
            let body = body.collect().await.map(|body| body.to_bytes().len());
            log.lock().unwrap().push(format!("{} {path} {secret} {body:?}", parts.method));
            let answer = Answer::content("text/plain", format!("{path}{}", ".".repeat(200)));
            let answer = answer.header("docker-content-digest", "sha256:true");
            let answer = if parts.method == Method::HEAD { answer.head_only() } else { answer };
            answer.send(Box::new(()))
        }
    });
    (server, log)
}

struct Broken {
    proxy: Proxy,
    client: Pusher,
    log: Log,
    _server: Server,
}

impl Broken {
    fn by(rule: Rule) -> Self {
        let (server, log) = server();
        let proxy = Proxy::start(server.address(), vec![rule]);
        let client = Pusher::new(&proxy.url());
        Self { proxy, client, log, _server: server }
    }

    fn first_get(fault: Fault) -> Self {
        Self::by(Rule::on("GET", "*", fault))
    }

    async fn get(&self, path: &str) -> Result<Response, reqwest::Error> {
        self.client.request(Method::GET, path).send().await
    }

    async fn text(&self, path: &str) -> Result<String, reqwest::Error> {
        let bytes = self.get(path).await?.bytes().await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// After the fault has struck once, everything is as ever.
    async fn recovers(&self) {
        assert_eq!(self.proxy.struck().len(), 1, "{:?}", self.proxy.struck());
        assert_eq!(self.text("/again").await.unwrap(), whole("/again"));
    }

    fn reached(&self) -> usize {
        self.log.lock().unwrap().len()
    }
}

fn whole(path: &str) -> String {
    format!("{path}{}", ".".repeat(200))
}

#[tokio::test]
async fn nothing_changes_without_a_rule() {
    let broken = Broken::by(Rule::on("DELETE", "*", Fault::Refuse));
    assert_eq!(broken.text("/a?b=c").await.unwrap(), whole("/a"));
    let body = futures_util::stream::iter(["one", "two"].map(Ok::<_, std::io::Error>));
    let put = broken.client.request(Method::PUT, "/b").body(reqwest::Body::wrap_stream(body));
    assert_eq!(put.send().await.unwrap().status(), 200);
    let head = broken.client.request(Method::HEAD, "/c").send().await.unwrap();
    assert_eq!(header(&head, "content-length"), "202");
    assert_eq!(broken.proxy.seen(), ["GET /a", "PUT /b", "HEAD /c"]);
    let log = broken.log.lock().unwrap().clone();
    assert_eq!(log, ["GET /a false Ok(0)", "PUT /b false Ok(6)", "HEAD /c false Ok(0)"]);
    assert!(broken.proxy.struck().is_empty());
}

#[tokio::test]
async fn refuse_resets_before_the_server_sees_anything() {
    let broken = Broken::by(Rule::on("POST", "*", Fault::Refuse));
    let post = broken.client.request(Method::POST, "/a").body("x").send().await;
    assert!(post.is_err());
    assert_eq!(broken.reached(), 0);
    broken.recovers().await;
}

#[tokio::test]
async fn delay_keeps_the_request_back() {
    let broken = Broken::first_get(Fault::Delay(Duration::from_millis(40)));
    let start = Instant::now();
    assert_eq!(broken.text("/a").await.unwrap(), whole("/a"));
    assert!(start.elapsed() >= Duration::from_millis(40));
    broken.recovers().await;
}

#[tokio::test]
async fn stall_sends_a_part_and_keeps_the_connection() {
    let broken = Broken::first_get(Fault::Stall { after: 250 });
    let mut response = broken.get("/a").await.unwrap();
    assert!(!response.chunk().await.unwrap().unwrap().is_empty());
    let next = tokio::time::timeout(Duration::from_millis(40), response.chunk()).await;
    assert!(next.is_err(), "neither more nor an end: {next:?}");
    drop(response);
    broken.recovers().await;
}

#[tokio::test]
async fn drip_sends_everything_slowly() {
    let broken = Broken::first_get(Fault::Drip { bytes: 50, pause: Duration::from_millis(5) });
    let start = Instant::now();
    assert_eq!(broken.text("/a").await.unwrap(), whole("/a"));
    assert!(start.elapsed() >= Duration::from_millis(25), "202 bytes of body alone are 5 pieces");
    broken.recovers().await;
}

#[tokio::test]
async fn reset_answer_lets_the_server_do_its_part() {
    let broken = Broken::by(Rule::on("PUT", "*", Fault::ResetAnswer { after: 0 }));
    let put = broken.client.request(Method::PUT, "/a").body("content").send().await;
    assert!(put.is_err());
    assert_eq!(*broken.log.lock().unwrap(), ["PUT /a false Ok(7)"]);
    broken.recovers().await;
}

#[tokio::test]
async fn reset_request_breaks_the_body_on_its_way() {
    let broken = Broken::by(Rule::on("PUT", "*", Fault::ResetRequest { after: 5 }));
    let put = broken.client.request(Method::PUT, "/a").body("0123456789").send().await;
    assert!(put.is_err());
    while broken.reached() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(broken.log.lock().unwrap()[0].contains("Err"), "{:?}", broken.log);
    broken.recovers().await;
}

#[tokio::test]
async fn cut_ends_the_body_early() {
    let broken = Broken::first_get(Fault::Cut { after: 250 });
    let response = broken.get("/a").await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    broken.recovers().await;
}

#[tokio::test]
async fn flip_changes_one_bit_and_not_the_length() {
    for at in [3, 100_000] {
        let broken = Broken::first_get(Fault::Flip { at });
        let text = broken.text("/a").await.unwrap();
        let changed: Vec<usize> =
            whole("/a").bytes().zip(text.bytes()).enumerate().filter_map(different).collect();
        assert_eq!((text.len(), changed), (202, vec![at.min(201)]));
        broken.recovers().await;
    }
}

fn different((at, (one, other)): (usize, (u8, u8))) -> Option<usize> {
    (one != other).then_some(at)
}

#[tokio::test]
async fn wrong_length_is_noticed_or_cuts_the_body() {
    let broken = Broken::first_get(Fault::WrongLength { by: 7 });
    assert!(broken.text("/a").await.is_err());
    broken.recovers().await;
    let broken = Broken::first_get(Fault::WrongLength { by: -200 });
    assert_eq!(broken.text("/a").await.unwrap(), "/a");
    broken.recovers().await;
}

#[tokio::test]
async fn wrong_digest_is_in_the_header_only() {
    let broken = Broken::first_get(Fault::WrongDigest);
    let response = broken.get("/a").await.unwrap();
    assert!(header(&response, "docker-content-digest").starts_with("sha256:"));
    assert_ne!(header(&response, "docker-content-digest"), "sha256:true");
    assert_eq!(response.bytes().await.unwrap(), whole("/a"));
    broken.recovers().await;
}

#[tokio::test]
async fn unauthorized_loses_the_credential() {
    let broken = Broken::first_get(Fault::Unauthorized);
    let get = broken.client.request(Method::GET, "/a").bearer_auth("token");
    assert_eq!(get.send().await.unwrap().status(), 401);
    assert_eq!(*broken.log.lock().unwrap(), ["GET /a false Ok(0)"]);
    broken.recovers().await;
}

#[tokio::test]
async fn too_many_requests_says_when_to_come_back() {
    let broken = Broken::first_get(Fault::TooManyRequests { retry_after: Some(3) });
    let response = broken.get("/a").await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "retry-after")), (429, "3"));
    assert_eq!(broken.reached(), 0);
    broken.recovers().await;
}

#[tokio::test]
async fn server_faults_come_as_often_as_told_and_from_where_told() {
    let rule = Rule::on("GET", "/b*", Fault::ServerFault { status: 503 }).nth(2).times(2);
    let broken = Broken::by(rule);
    let mut statuses = Vec::new();
    for path in ["/b", "/a", "/b/c", "/b", "/b"] {
        statuses.push(broken.get(path).await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 503, 503, 200]);
    assert_eq!(broken.proxy.struck(), ["server-fault GET /b/c", "server-fault GET /b"]);
}

#[tokio::test]
async fn redirect_leads_to_the_same_path_elsewhere() {
    let (other, log) = server();
    let broken = Broken::first_get(Fault::Redirect { to: format!("http://{}", other.address()) });
    assert_eq!(broken.text("/a?x=y").await.unwrap(), whole("/a"));
    assert_eq!((broken.reached(), log.lock().unwrap().len()), (0, 1));
    broken.recovers().await;
}

#[tokio::test]
async fn a_lost_upload_stays_lost() {
    let broken = Broken::by(Rule::on("PATCH", "/uploads/1", Fault::LostUpload));
    let ask = |method, path| broken.client.request(method, path).body("x").send();
    assert_eq!(ask(Method::PATCH, "/uploads/1?state=1").await.unwrap().status(), 404);
    assert_eq!(ask(Method::GET, "/uploads/1").await.unwrap().status(), 404);
    assert_eq!(ask(Method::PATCH, "/uploads/2").await.unwrap().status(), 200);
    broken.recovers().await;
}

#[tokio::test]
async fn duplicate_is_the_answer_before() {
    let broken = Broken::by(Rule::on("GET", "/b", Fault::Duplicate));
    assert_eq!(broken.text("/a").await.unwrap(), whole("/a"));
    assert_eq!(broken.text("/b").await.unwrap(), whole("/a"));
    assert_eq!(broken.text("/b").await.unwrap(), whole("/b"));
    assert_eq!(broken.reached(), 3);
    broken.recovers().await;
}

#[test]
fn every_kind_of_fault_stands_in_the_list_once() {
    let mut names: Vec<&str> = Fault::every().iter().map(Fault::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Fault::every().len());
    assert_eq!(names.len(), 16, "a new kind needs a place in `every` and a test here");
}

#[tokio::test]
async fn a_line_delays_a_connection_and_each_request() {
    let (server, _) = server();
    let line = Line::start(server.address(), Duration::from_millis(40));
    let client = Pusher::new(&line.url());
    let timed = async |path: &'static str| {
        let start = Instant::now();
        let response = client.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.bytes().await.unwrap(), whole(path));
        start.elapsed()
    };
    assert!(timed("/a").await >= Duration::from_millis(80), "a connection and a request");
    let again = timed("/b").await;
    assert!(again >= Duration::from_millis(40), "a request on the same connection: {again:?}");
}
