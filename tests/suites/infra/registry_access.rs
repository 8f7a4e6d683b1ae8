//! Who may do what at the registry, how it tells, and what it counts.

use super::reading::json_of;
use engine_tests::images::{Pusher, Seed};
use engine_tests::registry::{Access, Credential, Host, Kind, Options, RateLimit, Registry, User};
use reqwest::{Method, StatusCode};
use std::time::Duration;

fn bearer(anonymous: bool, requests_per_token: Option<u32>) -> Options {
    let user = User::new("ann", "secret");
    let access = Access::Bearer { user, anonymous, requests_per_token };
    Options { access, ..Options::default() }
}

/// Asks without a token, follows the challenge, and gives the token.
async fn token(registry: &Registry, path: &str, user: Option<(&str, &str)>) -> Option<String> {
    let client = Pusher::new(&registry.url());
    let refused = client.request(Method::GET, path).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
    let part = |name: &str| {
        let after = challenge.split_once(&format!("{name}=\"")).unwrap().1;
        after.split_once('"').unwrap().0.to_owned()
    };
    let url = format!("{}?service={}&scope={}", part("realm"), part("service"), part("scope"));
    let client = match user {
        Some((name, password)) => client.user(name, password),
        None => client,
    };
    let given = client.request(Method::GET, &url).send().await.unwrap();
    json_of(given).await["token"].as_str().map(str::to_owned)
}

async fn with_token(registry: &Registry, method: Method, path: &str, token: &str) -> StatusCode {
    let request = Pusher::new(&registry.url()).request(method, path).bearer_auth(token);
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_token_comes_from_another_port_and_is_good_for_its_scope_only() {
    let registry = Registry::start(bearer(false, None));
    Seed::new(40).image(&[]).push_into(&registry, "app", "v1");
    let path = "/v2/app/manifests/v1";
    assert_ne!(registry.token_address(), Some(registry.address()));
    assert_eq!(token(&registry, path, None).await, None, "a stranger gets none");
    assert_eq!(token(&registry, path, Some(("ann", "wrong"))).await, None);
    let token = token(&registry, path, Some(("ann", "secret"))).await.unwrap();
    assert_eq!(with_token(&registry, Method::GET, path, &token).await, StatusCode::OK);
    let other = "/v2/other/tags/list";
    assert_eq!(with_token(&registry, Method::GET, other, &token).await, StatusCode::UNAUTHORIZED);
    let upload = "/v2/app/blobs/uploads/";
    assert_eq!(with_token(&registry, Method::POST, upload, &token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(with_token(&registry, Method::GET, path, "made-up").await, StatusCode::UNAUTHORIZED);

    let journal = registry.journal();
    assert_eq!(journal.count(|asked| asked.host == Host::Tokens), 3);
    assert_eq!(journal.count(|asked| asked.credential == Credential::Basic), 2);
    assert!(
        journal.all().iter().all(|a| a.host == Host::Tokens || a.credential != Credential::Basic)
    );
}

#[tokio::test]
async fn a_stranger_may_read_where_that_is_allowed_and_never_write() {
    let registry = Registry::start(bearer(true, None));
    Seed::new(41).image(&[]).push_into(&registry, "app", "v1");
    let token = token(&registry, "/v2/app/tags/list", None).await.unwrap();
    let list = with_token(&registry, Method::GET, "/v2/app/tags/list", &token).await;
    assert_eq!(list, StatusCode::OK);
    let post = with_token(&registry, Method::POST, "/v2/app/blobs/uploads/", &token).await;
    assert_eq!(post, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_is_used_up() {
    let registry = Registry::start(bearer(false, Some(2)));
    Seed::new(42).image(&[]).push_into(&registry, "app", "v1");
    let path = "/v2/app/tags/list";
    let token = token(&registry, path, Some(("ann", "secret"))).await.unwrap();
    for status in [StatusCode::OK, StatusCode::OK, StatusCode::UNAUTHORIZED] {
        assert_eq!(with_token(&registry, Method::GET, path, &token).await, status);
    }
}

#[tokio::test]
async fn a_password_lets_in_and_a_wrong_one_does_not() {
    let access = Access::Basic(User::new("ann", "secret"));
    let registry = Registry::start(Options { access, ..Options::default() });
    for (password, status) in [("secret", StatusCode::OK), ("other", StatusCode::UNAUTHORIZED)] {
        let client = Pusher::new(&registry.url()).user("ann", password);
        let ping = client.request(Method::GET, "/v2/").send().await.unwrap();
        assert_eq!(ping.status(), status);
    }
    let push = Pusher::new(&registry.url()).user("ann", "secret");
    push.push(&Seed::new(43).image(&[10]), "app", "v1").await;
}

#[tokio::test]
async fn blobs_are_read_elsewhere_and_no_credential_goes_there() {
    let registry = Registry::start(Options { blobs_elsewhere: true, ..Options::default() });
    let seeded = Seed::new(44).image(&[1000]);
    seeded.push_into(&registry, "app", "v1");
    let (digest, bytes) = seeded.blobs.iter().next().unwrap();
    let client = Pusher::new(&registry.url()).user("ann", "secret");
    let read = client.request(Method::GET, &format!("/v2/app/blobs/{digest}"));
    let read = read.send().await.unwrap();
    let elsewhere = read.url().to_string();
    assert_eq!(read.url().port(), registry.blob_address().map(|address| address.port()));
    assert_eq!(read.bytes().await.unwrap(), bytes);
    assert_eq!(registry.journal().count_of(&Method::GET, Kind::Blob), 2);
    let leaked = client.request(Method::GET, &elsewhere).send().await.unwrap();
    assert_eq!(leaked.status(), StatusCode::BAD_REQUEST);
    let unsigned = elsewhere.split('?').next().unwrap();
    let unsigned = Pusher::new("").request(Method::GET, unsigned).send().await.unwrap();
    assert_eq!(unsigned.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn reads_of_manifests_are_counted_down() {
    let rate_limit =
        Some(RateLimit { limit: 2, window: Duration::from_mins(1), answers_all: false });
    let registry = Registry::start(Options { rate_limit, ..Options::default() });
    Seed::new(45).image(&[]).push_into(&registry, "app", "v1");
    let client = Pusher::new(&registry.url());
    let mut seen = Vec::new();
    for method in [Method::GET, Method::HEAD, Method::GET, Method::GET] {
        let read = client.request(method, "/v2/app/manifests/v1").send().await.unwrap();
        let left = read.headers().get("ratelimit-remaining");
        seen.push((read.status().as_u16(), left.map(|left| left.to_str().unwrap().to_owned())));
    }
    let left = |text: &str| Some(text.to_owned());
    assert_eq!(
        seen,
        [(200, left("1;w=60")), (200, left("1;w=60")), (200, left("0;w=60")), (429, None)]
    );
}

#[tokio::test]
async fn tls_is_spoken_with_an_authority_of_its_own() {
    let registry = Registry::start(Options { tls: true, ..Options::default() });
    let authority = registry.certificate().unwrap().authority.clone();
    let client = Pusher::new(&registry.url()).trusting(&authority);
    client.push(&Seed::new(46).image(&[1000]), "app", "v1").await;
    let stranger = Pusher::new(&registry.url());
    assert!(stranger.request(Method::GET, "/v2/").send().await.is_err());
}

#[tokio::test]
async fn requests_at_once_are_counted() {
    let registry = Registry::open();
    let client = Pusher::new(&registry.url());
    let begun = client.request(Method::POST, "/v2/app/blobs/uploads/").send().await.unwrap();
    assert_eq!(registry.journal().most_at_once(), 1);
    let place = begun.headers()["location"].to_str().unwrap().to_owned();
    let (open, body) = tokio::sync::mpsc::channel::<Result<bytes::Bytes, std::io::Error>>(1);
    let body = reqwest::Body::wrap_stream(futures_util::stream::unfold(body, |mut body| async {
        body.recv().await.map(|piece| (piece, body))
    }));
    let patch = tokio::spawn(client.request(Method::PATCH, &place).body(body).send());
    open.send(Ok("piece".into())).await.unwrap();
    while registry.journal().all().last().unwrap().body_bytes == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.request(Method::GET, "/v2/").send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(registry.journal().most_at_once(), 2);
    drop(open);
    assert_eq!(patch.await.unwrap().unwrap().status(), StatusCode::ACCEPTED);
    registry.journal().clear();
    assert_eq!(registry.journal().most_at_once(), 0);
}
