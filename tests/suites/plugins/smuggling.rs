//! Guests that put one request into another: nothing of it gets onto the line.

use super::play::Play;
use engine_tests::server::Server;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Names of headers that are none, or that belong to the engine, as servers may read them.
const NAMES: [&str; 33] = [
    "x\r\nx-more",
    "x:",
    "x y",
    "",
    " ",
    "ü",
    "x\0",
    "authorization ",
    " cookie",
    "Transfer-Encoding",
    "transfer_encoding",
    "TE",
    "Trailer",
    "Connection",
    "Keep-Alive",
    "Upgrade",
    "HTTP2-Settings",
    "Host",
    "HOST",
    "Expect",
    "Proxy-Connection",
    "proxy-authorization",
    "Proxy_Authorization",
    "Cookie",
    "Cookie2",
    "AuThOrIzAtIoN",
    "Forwarded",
    "X-Forwarded-Host",
    "X_Forwarded_For",
    "X-Real-IP",
    "X-HTTP-Method-Override",
    "X-Original-URL",
    "X-Rewrite-URL",
];

/// A host that answers everything, and what it was sent, byte by byte.
fn listening() -> (Server, Arc<Mutex<Vec<String>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    let server = Server::accept(move |mut stream| {
        let kept = Arc::clone(&kept);
        async move {
            let mut request = vec![0; 64 << 10];
            while let Ok(read @ 1..) = stream.read(&mut request).await {
                kept.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into_owned());
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                if stream.write_all(answer).await.is_err() {
                    return;
                }
            }
        }
    });
    (server, heard)
}

/// JSON without a character that YAML does not take.
fn plain(request: &Value) -> String {
    let escaped = |c: char| match c {
        ' '..='~' => c.to_string(),
        _ => format!("\\u{:04x}", u32::from(c)),
    };
    request.to_string().chars().map(escaped).collect()
}

/// Plays each request as an act, and gives the ends.
fn ends(host: &str, requests: &[Value]) -> Vec<String> {
    let numbered = |index: usize| format!("n{index}");
    let acts: Vec<_> = requests.iter().map(plain).enumerate().collect();
    let acts: Vec<_> = acts.iter().map(|(index, act)| (numbered(*index), act.as_str())).collect();
    let acts: Vec<_> = acts.iter().map(|(of, act)| (of.as_str(), *act)).collect();
    let grants = json!({"http": [host]});
    let played = Play::of("smuggler", "resolve", &acts).grants(grants).run();
    let all = played.ends();
    assert_eq!((all["honest"].as_str(), all["fine"].as_str()), ("copied", "copied"));
    (0..requests.len()).map(|index| all[&numbered(index)].clone()).collect()
}

/// Methods, URLs, names of headers and their values that no request has.
fn odd(host: &str, at: SocketAddr) -> Vec<Value> {
    let url = format!("{host}/x");
    let methods =
        ["GET / HTTP/1.1\r\nx-more: 1", "get", "", "GET ", "CONNECT", "TRACE", "OPTIONS", "GET\0"];
    let urls = [
        format!("{host}/\r\nx-more: 1"),
        format!("{host}/ HTTP/1.1\r\nx-more: 1\r\n\r\n"),
        format!("{host}/a b"),
        format!("{host}/\ta"),
        format!("{host}/\0"),
        format!("{host}\\@evil.example/"),
        format!("{host}/#part"),
        format!("{host}@evil.example/"),
        format!("http://user:word@{at}/"),
        format!("http://evil.example#@{at}/"),
        format!(" {host}/"),
        format!("{host}/{}", "x".repeat(20_000)),
    ];
    let values = ["a\r\nx-more: 1", "a\n b", "a\r b", "a\0", "a\u{7f}", "\u{b}", "\n", "a\u{85}b"];
    let long = "x".repeat(100_000);
    let values = values.into_iter().chain([long.as_str()]);
    let methods = methods.iter().map(|method| json!({"method": method, "url": url}));
    let names = NAMES.iter().map(|name| json!({"url": url, "header": name, "value": "1"}));
    let values = values.map(|value| json!({"url": url, "header": "x-fine", "value": value}));
    let urls = urls.iter().map(|url| json!({"url": url}));
    methods.chain(urls).chain(names).chain(values).collect()
}

#[test]
fn smuggler() {
    let (server, heard) = listening();
    let host = format!("http://{}", server.address());
    let requests = odd(&host, server.address());
    for (request, end) in requests.iter().zip(ends(&host, &requests)) {
        let refused = ["http::invalid-request", "http::not-granted"].contains(&end.as_str());
        let shown: String = request.to_string().chars().take(200).collect();
        assert!(refused, "{end}: {shown}");
    }
    assert_eq!(*heard.lock().unwrap(), Vec::<String>::new(), "nothing was sent");
}

/// What is passed over rather than refused does not get onto the line either.
#[test]
fn lengths_are_the_engines_own() {
    let (server, heard) = listening();
    let host = format!("http://{}", server.address());
    let url = format!("{host}/x");
    let requests = [
        json!({"url": url, "header": "Content-Length", "value": "1000"}),
        json!({"url": url, "header": "content_length", "value": "1000"}),
        json!({"url": url, "header": "x-fine", "value": "a  b; c=\"d\", e"}),
    ];
    let ends = ends(&host, &requests);
    assert_eq!(ends[2], "transport::other", "what is fine got through");
    let heard = heard.lock().unwrap();
    assert!(!heard.is_empty());
    for request in heard.iter() {
        assert!(request.ends_with("\r\n\r\n"), "{request}");
        assert!(!request.to_ascii_lowercase().contains("length"), "{request}");
        assert_eq!(request.matches("HTTP/1.1\r\n").count(), 1, "{request}");
    }
}
