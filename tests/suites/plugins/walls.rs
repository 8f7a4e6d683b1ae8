//! Guests that ask where they were not sent.

use super::play::Play;
use engine_tests::registry::Registry;
use serde_json::json;

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
    for host in ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "0251.0376.0251.0376"]
    {
        let act = format!("GET http://{host}/latest/meta-data/");
        let play = Play::of("wanderer", "resolve", &[("metadata", &act)]);
        let played = play.grants(json!({"http": [format!("http://{host}")]})).run();
        played.expect(&[("metadata", "http::not-granted")]);
    }
}
