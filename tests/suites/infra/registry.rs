//! The registry follows the specification, and is strict where others are not.

use super::images::every_kind;
use super::reading::{code_of, header, json_of};
use engine_tests::audit::Audited;
use engine_tests::images::{Pusher, Seed};
use engine_tests::registry::{Kind, Options, Registry};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

async fn ask(client: &Pusher, method: Method, path: &str) -> Response {
    client.request(method, path).send().await.unwrap()
}

#[tokio::test]
async fn every_kind_can_be_pushed_and_read_back() {
    let registry = Registry::open();
    let client = Pusher::new(&registry.url());
    for (kind, seeded) in every_kind() {
        client.push(&seeded, kind, "v1").await;
        let read = ask(&client, Method::GET, &format!("/v2/{kind}/manifests/v1")).await;
        assert_eq!(header(&read, "content-type"), seeded.top.media_type);
        assert_eq!(header(&read, "docker-content-digest"), seeded.top.digest.as_str());
        assert_eq!(read.bytes().await.unwrap(), seeded.top_bytes());
    }
    Audited::Registry(&registry).assert_sound();
    assert_eq!(registry.store().open_uploads(), 0);
}

#[tokio::test]
async fn a_manifest_without_its_content_is_refused() {
    let registry = Registry::open();
    let client = Pusher::new(&registry.url());
    let seeded = Seed::new(30).nested(&[100]);
    for sealed in [seeded.manifests.first().unwrap(), seeded.manifests.last().unwrap()] {
        let put = client.request(Method::PUT, "/v2/app/manifests/v1");
        let put = put.header("content-type", &sealed.media_type).body(sealed.bytes.clone());
        let put = put.send().await.unwrap();
        assert_eq!(put.status(), StatusCode::NOT_FOUND);
        assert_eq!(code_of(put).await, "MANIFEST_BLOB_UNKNOWN");
    }
    assert!(registry.store().tags("app").is_empty());
}

#[tokio::test]
async fn a_registry_that_checks_nothing_takes_it() {
    let registry = Registry::start(Options { checks_nothing: true, ..Options::default() });
    let seeded = Seed::new(31).image(&[100]);
    let put = Pusher::new(&registry.url()).request(Method::PUT, "/v2/app/manifests/v1");
    let put = put.header("content-type", &seeded.top.media_type).body(seeded.top_bytes().clone());
    assert_eq!(put.send().await.unwrap().status(), StatusCode::CREATED);
    assert!(!Audited::Registry(&registry).violations().is_empty());
}

#[tokio::test]
async fn lists_come_in_pages_that_are_linked() {
    let registry = Registry::start(Options { page: 2, ..Options::default() });
    let seeded = Seed::new(32).image(&[]);
    for tag in ["a", "b", "c", "d", "e"] {
        seeded.push_into(&registry, "team/app", tag);
    }
    let client = Pusher::new(&registry.url());
    let mut path = "/v2/team/app/tags/list?n=100".to_owned();
    let mut pages = Vec::new();
    loop {
        let page = ask(&client, Method::GET, &path).await;
        let link = header(&page, "link").to_owned();
        pages.push(json_of(page).await["tags"].clone());
        match link.strip_prefix('<').and_then(|link| link.split_once('>')) {
            Some((next, _)) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(pages, [json!(["a", "b"]), json!(["c", "d"]), json!(["e"])]);
    assert_eq!(registry.journal().count_of(&Method::GET, Kind::Tags), 3);
    let catalog = ask(&client, Method::GET, "/v2/_catalog").await;
    assert_eq!(json_of(catalog).await["repositories"], json!(["team/app"]));
    let unknown = ask(&client, Method::GET, "/v2/other/tags/list").await;
    assert_eq!(code_of(unknown).await, "NAME_UNKNOWN");
}

#[tokio::test]
async fn blobs_are_read_whole_and_in_parts() {
    let registry = Registry::open();
    let seeded = Seed::new(33).image(&[5000]);
    seeded.push_into(&registry, "app", "v1");
    let client = Pusher::new(&registry.url());
    let (digest, bytes) = seeded.blobs.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    let path = format!("/v2/app/blobs/{digest}");
    let size = bytes.len();

    let head = ask(&client, Method::HEAD, &path).await;
    assert_eq!(header(&head, "content-length"), size.to_string());
    let part = client.request(Method::GET, &path).header("range", "bytes=100-199");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(header(&part, "content-range"), format!("bytes 100-199/{size}"));
    assert_eq!(part.bytes().await.unwrap(), bytes.slice(100..200));
    let rest = client.request(Method::GET, &path).header("range", "bytes=100-");
    assert_eq!(rest.send().await.unwrap().bytes().await.unwrap(), bytes.slice(100..));
    let beyond = client.request(Method::GET, &path).header("range", format!("bytes={size}-"));
    assert_eq!(beyond.send().await.unwrap().status(), StatusCode::RANGE_NOT_SATISFIABLE);
    let elsewhere = ask(&client, Method::GET, &format!("/v2/other/blobs/{digest}")).await;
    assert_eq!(code_of(elsewhere).await, "BLOB_UNKNOWN");
}

#[tokio::test]
async fn an_upload_goes_on_where_it_ends_and_nowhere_else() {
    let registry = Registry::open();
    let client = Pusher::new(&registry.url());
    let digest = engine_oci::Digest::of(b"hello world");
    let begun = ask(&client, Method::POST, "/v2/app/blobs/uploads/").await;
    let place = header(&begun, "location").to_owned();
    let patch = |range: &'static str, body: &'static str, place: &str| {
        let patch = client.request(Method::PATCH, place).header("content-range", range).body(body);
        async move { patch.send().await.unwrap() }
    };
    let first = patch("0-5", "hello ", &place).await;
    assert_eq!((first.status(), header(&first, "range")), (StatusCode::ACCEPTED, "0-5"));
    let place = header(&first, "location").to_owned();
    let wrong = patch("9-13", "world", &place).await;
    assert_eq!(wrong.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    let status = ask(&client, Method::GET, &place).await;
    assert_eq!((status.status(), header(&status, "range")), (StatusCode::NO_CONTENT, "0-5"));
    let bare = place.split('?').next().unwrap();
    let forgotten = patch("6-10", "world", bare).await;
    assert_eq!(forgotten.status(), StatusCode::NOT_FOUND, "the state was not echoed");
    let second = patch("6-10", "world", &place).await;
    let place = header(&second, "location").to_owned();
    let done = ask(&client, Method::PUT, &format!("{place}&digest={digest}")).await;
    assert_eq!(done.status(), StatusCode::CREATED);
    assert_eq!(registry.store().blob("app", &digest).unwrap(), "hello world");
    let again = ask(&client, Method::PUT, &format!("{place}&digest={digest}")).await;
    assert_eq!(code_of(again).await, "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn a_blob_can_be_sent_at_once_and_must_have_its_digest() {
    let registry = Registry::open();
    let client = Pusher::new(&registry.url());
    for (body, status) in [("right", StatusCode::CREATED), ("wrong", StatusCode::BAD_REQUEST)] {
        let digest = engine_oci::Digest::of(b"right");
        let path = format!("/v2/{body}/blobs/uploads/?digest={digest}");
        let post = client.request(Method::POST, &path).body(body).send().await.unwrap();
        assert_eq!(post.status(), status);
        assert_eq!(registry.store().blob(body, &digest).is_some(), body == "right");
    }
    assert_eq!(registry.store().open_uploads(), 0);

    let other = Registry::start(Options { single_post: false, ..Options::default() });
    let digest = engine_oci::Digest::of(b"right");
    let path = format!("/v2/app/blobs/uploads/?digest={digest}");
    let post = Pusher::new(&other.url()).request(Method::POST, &path).body("right");
    let post = post.send().await.unwrap();
    assert_eq!((post.status(), header(&post, "range")), (StatusCode::ACCEPTED, "0-0"));
    assert!(other.store().blob("app", &digest).is_none());
}

#[tokio::test]
async fn blobs_are_mounted_from_repositories_that_have_them() {
    let registry = Registry::open();
    let seeded = Seed::new(34).image(&[100]);
    seeded.push_into(&registry, "one", "v1");
    let client = Pusher::new(&registry.url());
    let digest = seeded.blobs.keys().next().unwrap();
    for (from, status) in [("one", StatusCode::CREATED), ("none", StatusCode::ACCEPTED)] {
        let path = format!("/v2/two/blobs/uploads/?mount={digest}&from={from}");
        assert_eq!(ask(&client, Method::POST, &path).await.status(), status);
    }
    assert!(registry.store().blob("two", digest).is_some());
    let stubborn = Registry::start(Options { mounts: false, ..Options::default() });
    seeded.push_into(&stubborn, "one", "v1");
    let client = Pusher::new(&stubborn.url());
    let path = format!("/v2/two/blobs/uploads/?mount={digest}&from=one");
    assert_eq!(ask(&client, Method::POST, &path).await.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn referrers_are_listed_and_filtered() {
    let subject = Seed::new(35).image(&[100]);
    let one = Seed::new(36).referrer(&subject, "application/spdx+json");
    let two = Seed::new(37).referrer(&subject, "application/vnd.example");
    let path = format!("/v2/app/referrers/{}", subject.top.digest);
    let registry = Registry::open();
    let client = Pusher::new(&registry.url());
    for seeded in [&subject, &one, &two] {
        client.push(seeded, "app", "v1").await;
    }
    let all = json_of(ask(&client, Method::GET, &path).await).await;
    assert_eq!(all["manifests"].as_array().unwrap().len(), 2);
    let some = format!("{path}?artifactType=application/spdx%2Bjson");
    let some = ask(&client, Method::GET, &some).await;
    assert_eq!(header(&some, "oci-filters-applied"), "artifactType");
    let some = json_of(some).await;
    assert_eq!(some["manifests"][0]["digest"], one.top.digest.as_str());
    assert_eq!(some["manifests"].as_array().unwrap().len(), 1);

    let old = Registry::start(Options { referrers: false, ..Options::default() });
    let client = Pusher::new(&old.url());
    assert_eq!(ask(&client, Method::GET, &path).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn deleting_a_tag_keeps_the_manifest_and_deleting_a_digest_does_not() {
    let registry = Registry::open();
    let seeded = Seed::new(38).image(&[]);
    seeded.push_into(&registry, "app", "v1");
    seeded.push_into(&registry, "app", "v2");
    let client = Pusher::new(&registry.url());
    let by = |name: &str| format!("/v2/app/manifests/{name}");
    let digest = seeded.top.digest.as_str();
    assert_eq!(ask(&client, Method::DELETE, &by("v1")).await.status(), StatusCode::ACCEPTED);
    assert_eq!(ask(&client, Method::HEAD, &by("v1")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(ask(&client, Method::HEAD, &by(digest)).await.status(), StatusCode::OK);
    assert_eq!(ask(&client, Method::DELETE, &by(digest)).await.status(), StatusCode::ACCEPTED);
    assert_eq!(ask(&client, Method::HEAD, &by("v2")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(registry.journal().writes(), 2);
}

#[tokio::test]
async fn a_media_type_that_the_client_cannot_read_is_not_sent() {
    let registry = Registry::open();
    let seeded = Seed::new(39).image(&[]);
    seeded.push_into(&registry, "app", "v1");
    let read = Pusher::new(&registry.url()).request(Method::GET, "/v2/app/manifests/v1");
    let read = read.header("accept", "application/vnd.docker.distribution.manifest.v2+json");
    assert_eq!(code_of(read.send().await.unwrap()).await, "MANIFEST_UNKNOWN");
}
