//! The registry behind the proxy, as the suites use them.

use super::reading::header;
use engine_oci::Digest;
use engine_tests::audit::Audited;
use engine_tests::fault::{Fault, Proxy, Rule};
use engine_tests::images::{Pusher, Seed};
use engine_tests::registry::{Access, Kind, Options, Registry, User};
use reqwest::{Method, StatusCode};

#[tokio::test]
async fn a_broken_upload_goes_on_where_it_broke() {
    let registry = Registry::open();
    let rule = Rule::on("PATCH", "*", Fault::ResetRequest { after: 5 });
    let proxy = Proxy::start(registry.address(), vec![rule]);
    let client = Pusher::new(&proxy.url());
    let begun = client.request(Method::POST, "/v2/app/blobs/uploads/").send().await.unwrap();
    let place = header(&begun, "location").to_owned();
    let broken = client.request(Method::PATCH, &place).body("hello world").send().await;
    assert!(broken.is_err());
    assert_eq!(registry.store().open_uploads(), 1);

    let status = client.request(Method::GET, &place).send().await.unwrap();
    assert_eq!(header(&status, "range"), "0-4");
    let place = header(&status, "location").to_owned();
    let rest = client.request(Method::PATCH, &place).header("content-range", "5-10");
    let rest = rest.body(" world").send().await.unwrap();
    assert_eq!(rest.status(), StatusCode::ACCEPTED);
    let digest = Digest::of(b"hello world");
    let put = format!("{}&digest={digest}", header(&rest, "location"));
    let put = client.request(Method::PUT, &put).send().await.unwrap();
    assert_eq!(put.status(), StatusCode::CREATED);
    assert_eq!(registry.store().blob("app", &digest).unwrap(), "hello world");
}

#[tokio::test]
async fn a_lost_answer_leaves_the_content_and_no_half_name() {
    let registry = Registry::open();
    let rule = Rule::on("PUT", "/v2/app/manifests/v1", Fault::ResetAnswer { after: 0 });
    let proxy = Proxy::start(registry.address(), vec![rule]);
    let seeded = Seed::new(60).image(&[100]);
    seeded.push_into(&registry, "app", "v0");
    let client = Pusher::new(&proxy.url());
    let put = client.request(Method::PUT, "/v2/app/manifests/v1");
    let put = put.header("content-type", &seeded.top.media_type).body(seeded.top_bytes().clone());
    assert!(put.send().await.is_err());
    assert_eq!(proxy.struck(), ["reset-answer PUT /v2/app/manifests/v1"]);
    assert_eq!(registry.store().tags("app").len(), 2, "the registry had done its part");
    Audited::Registry(&registry).assert_sound();
}

#[tokio::test]
async fn a_mount_can_be_struck_alone() {
    let registry = Registry::open();
    let seeded = Seed::new(61).image(&[100]);
    seeded.push_into(&registry, "one", "v1");
    let fault = Fault::ServerFault { status: 503 };
    let rule = Rule::on("POST", "/v2/*/blobs/uploads/?*mount=*", fault);
    let proxy = Proxy::start(registry.address(), vec![rule]);
    let client = Pusher::new(&proxy.url());
    let digest = seeded.blobs.keys().next().unwrap();
    let mount = format!("/v2/two/blobs/uploads/?from=one&mount={digest}");
    let mut statuses = Vec::new();
    for path in ["/v2/two/blobs/uploads/", mount.as_str(), mount.as_str()] {
        let post = client.request(Method::POST, path).send().await.unwrap();
        statuses.push(post.status().as_u16());
    }
    assert_eq!(statuses, [202, 503, 201]);
    assert_eq!(registry.journal().count_of(&Method::POST, Kind::Upload), 2);
}

#[tokio::test]
async fn a_lost_credential_brings_the_registrys_own_challenge() {
    let access = Access::Basic(User::new("ann", "secret"));
    let registry = Registry::start(Options { access, ..Options::default() });
    let rule = Rule::on("GET", "*", Fault::Unauthorized).nth(2);
    let proxy = Proxy::start(registry.address(), vec![rule]);
    let client = Pusher::new(&proxy.url()).user("ann", "secret");
    let ping = async || client.request(Method::GET, "/v2/").send().await.unwrap();
    assert_eq!(ping().await.status(), StatusCode::OK);
    let refused = ping().await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(header(&refused, "www-authenticate"), "Basic realm=\"engine-tests\"");
    assert_eq!(ping().await.status(), StatusCode::OK);
}
