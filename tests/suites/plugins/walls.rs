//! Guests that ask where they were not sent.

use super::play::Play;
use engine_tests::registry::Registry;
use engine_tests::server::Server;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Every act is refused, and the registry was asked for nothing.
#[test]
fn wanderer() {
    let granted = Registry::open();
    let other = Registry::open();
    let (grant, other_url) = (granted.url(), other.url());
    let port = granted.address().port();
    let asks = [
        ("another-host", "GET https://registry.example/v2/".to_owned()),
        ("another-port", format!("GET {other_url}/v2/")),
        ("another-name", format!("GET http://localhost:{port}/v2/")),
        ("another-scheme", format!("GET https://127.0.0.1:{port}/v2/")),
        ("metadata", "GET http://169.254.169.254/latest/meta-data/".to_owned()),
        ("mapped", format!("GET http://[::ffff:127.0.0.1]:{port}/v2/")),
        ("any", format!("GET http://0.0.0.0:{port}/v2/")),
        ("six", format!("GET http://[::1]:{port}/v2/")),
        ("zone", format!("GET http://127.0.0.1.:{}/v2/", other.address().port())),
        ("file", "GET file:///etc/passwd".to_owned()),
        ("write", format!("POST {grant}/v2/app/blobs/uploads/")),
        ("overwrite", format!("PUT {grant}/v2/app/manifests/v1")),
        ("delete", format!("DELETE {grant}/v2/app/manifests/v1")),
        ("authorization", format!("GET {grant}/v2/ Authorization")),
        ("cookie", format!("GET {grant}/v2/ cookie")),
        ("host", format!("GET {grant}/v2/ Host")),
        ("proxy", format!("GET {grant}/v2/ Proxy-Authorization")),
    ];
    let acts: Vec<_> = asks.iter().map(|(of, act)| (*of, act.as_str())).collect();
    for at in ["resolve", "blob"] {
        let played = Play::of("wanderer", at, &acts).grants(json!({"http": [grant]})).run();
        let ends: Vec<_> = acts.iter().map(|(of, _)| (*of, "http::not-granted")).collect();
        played.expect(&ends);
    }
    assert_eq!(granted.journal().lines(), "", "nothing was sent");
    assert_eq!(other.journal().lines(), "", "nothing was sent");
}

/// What is granted works, so the refusals above are refusals and not mistakes.
#[test]
fn what_is_granted_is_reached() {
    let granted = Registry::open();
    let act = format!("GET {}/v2/", granted.url());
    let play = Play::of("wanderer", "resolve", &[("granted", &act)]);
    let played = play.grants(json!({"http": [granted.url()]})).run();
    played.expect(&[("granted", "transport::other")]);
    assert_eq!(granted.journal().all().len(), 1);
    let fault = played.fault("granted");
    assert!(fault["message"].as_str().unwrap().contains("status 200"), "{fault}");
}

/// A name that was granted is no way to an address that nobody may reach.
#[test]
fn a_granted_name_at_a_forbidden_address_is_refused() {
    for host in [
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "0251.0376.0251.0376",
        "0xa9fea9fe",
        "2852039166",
        "169.254.43518",
        "224.0.0.1",
    ] {
        let act = format!("GET http://{host}/latest/meta-data/");
        let play = Play::of("wanderer", "resolve", &[("metadata", &act)]);
        let played = play.grants(json!({"http": [format!("http://{host}")]})).run();
        played.expect(&[("metadata", "http::not-granted")]);
    }
}

/// A host that sends everybody elsewhere.
fn redirecting(to: &'static str) -> Server {
    Server::accept(move |mut stream| async move {
        let mut request = [0; 4096];
        if stream.read(&mut request).await.is_err() {
            return;
        }
        let answer = format!(
            "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        // Who went away needs no answer.
        drop(stream.write_all(answer.as_bytes()).await);
    })
}

/// Who was granted leads on, but to no address that nobody may reach, and not for ever.
#[test]
fn a_redirect_to_a_forbidden_address_is_refused() {
    for (to, end) in [
        ("http://169.254.169.254/latest/meta-data/", "http::not-granted"),
        ("http://[fe80::1]/", "http::not-granted"),
        ("http://100.100.100.200/latest/meta-data/", "http::not-granted"),
        ("http://2852039166/latest/meta-data/", "http::not-granted"),
        ("//[::ffff:a9fe:a9fe]/latest/meta-data/", "http::not-granted"),
        ("file:///etc/passwd", "transport::other"),
        ("/again", "http::too-many-redirects"),
    ] {
        let server = redirecting(to);
        let host = format!("http://{}", server.address());
        let act = format!("GET {host}/");
        let play = Play::of("wanderer", "blob", &[("redirect", &act)]);
        let played = play.grants(json!({"http": [host]})).run();
        played.expect(&[("redirect", end)]);
    }
}
