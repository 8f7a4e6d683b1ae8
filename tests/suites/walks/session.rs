//! One place, opened without a walk: it can do what a step with the same grants could do.

use engine::oci::Descriptor;
use engine::role::{AuthSettings, Manifested, Naming, PutBlob, RegistrySettings, Selector};
use engine::run::{self, PlaceToOpen, Purpose, SinglePlace, TrustPolicy};
use engine::stream::Body;
use engine_tests::guest::component;
use engine_tests::images::Seed;
use engine_tests::registry::Registry;
use engine_tests::walk::Walk;
use engine_tests::world;
use std::collections::BTreeMap;

/// A walk whose spec is never looked at: a session has none.
fn walk() -> Walk {
    Walk::new("")
}

fn registries(registry: &Registry) -> BTreeMap<String, RegistrySettings> {
    let settings = RegistrySettings {
        endpoint: Some(registry.url()),
        auth: Some(AuthSettings::Anonymous),
        ..RegistrySettings::default()
    };
    [(registry.address().to_string(), settings)].into()
}

fn place(registry: &Registry) -> PlaceToOpen {
    let name = registry.address().to_string();
    PlaceToOpen::registry("test", &name, registries(registry)).unwrap()
}

async fn open(walk: &Walk, place: PlaceToOpen, purpose: Purpose) -> SinglePlace {
    run::session(&walk.request(), place, purpose, TrustPolicy::None).await.unwrap()
}

/// Writes an empty blob, and says how that was refused.
async fn refusal_of_a_write(open: &SinglePlace) -> String {
    let blob = Descriptor::new("application/octet-stream", engine::oci::Digest::of(b""), 0);
    let body = Body::from_bytes(Vec::<u8>::new());
    let put = PutBlob { expected: blob.into(), body, mount_from: None, resume: None };
    open.session().put_blob("app", put).await.unwrap_err().code.to_string()
}

#[tokio::test]
async fn a_place_is_read_and_written_as_a_step_would() {
    let registry = Registry::open();
    let image = Seed::new(1430).image(&[100]);
    image.push_into(&registry, "app", "v1");
    let walk = walk();
    let reading = open(&walk, place(&registry), Purpose::Read).await;
    assert!(reading.capabilities().lists_tags);
    assert_eq!(reading.session().list_tags("app").await.unwrap(), ["v1"]);
    let which = Selector::Tag("v1".to_owned());
    let manifest: Manifested =
        reading.session().get_manifest("app", &which).await.unwrap().unwrap();
    assert_eq!(&manifest.bytes, image.top_bytes());
    let writing = open(&walk, place(&registry), Purpose::Write).await;
    writing.session().put_manifest("app", Some("v2"), &manifest).await.unwrap();
    assert_eq!(writing.session().list_tags("app").await.unwrap(), ["v1", "v2"]);
}

#[tokio::test]
async fn a_session_that_reads_is_refused_every_write_before_anything_is_sent() {
    let registry = Registry::open();
    let image = Seed::new(1431).image(&[100]);
    image.push_into(&registry, "app", "v1");
    let walk = walk();
    let reading = open(&walk, place(&registry), Purpose::Read).await;
    let which = Selector::Tag("v1".to_owned());
    let manifest = reading.session().get_manifest("app", &which).await.unwrap().unwrap();
    registry.journal().clear();
    let session = reading.session();
    let naming = Naming {
        repository: "app".to_owned(),
        tag: Some("v2".to_owned()),
        descriptor: manifest.descriptor.clone(),
    };
    let refused = [
        session.put_manifest("app", Some("v2"), &manifest).await.unwrap_err(),
        session.tag(naming).await.unwrap_err(),
        session.untag("app", "v1").await.unwrap_err(),
        session.delete("app", &manifest.descriptor.digest).await.unwrap_err(),
    ];
    for fault in refused {
        assert_eq!(fault.code, "host::read-only", "{fault:?}");
        assert!(fault.message.contains("`test`"), "{fault:?}");
    }
    assert_eq!(refusal_of_a_write(&reading).await, "host::read-only");
    assert_eq!(registry.journal().lines(), "");
}

#[tokio::test]
async fn a_registry_that_was_not_granted_is_not_reached() {
    let (granted, other) = (Registry::open(), Registry::open());
    Seed::new(1433).image(&[100]).push_into(&other, "app", "v1");
    other.journal().clear();
    let mut registries = registries(&granted);
    registries.extend(self::registries(&other));
    let place = PlaceToOpen { place: other.address().to_string(), registries, ..place(&granted) };
    let walk = walk();
    let session = open(&walk, place, Purpose::Read).await;
    let fault = session.session().list_tags("app").await.unwrap_err();
    assert_eq!(fault.code, "http::not-granted", "{fault:?}");
    assert_eq!(other.journal().lines(), "");
}

#[test]
fn what_hands_out_content_obeys_the_trust_policy() {
    let (world, registry) = (world!(), Registry::open());
    let policy = "~/.config/containers/policy.json";
    let rejects = r#"{"default": [{"type": "reject"}]}"#;
    world.write(policy, rejects);
    let digest = engine::oci::Digest::of(b"component");
    let reference = format!("oci://{}/plugins/guest@{digest}", registry.address());
    let pulled = world.run(&["plugin", "pull", &reference]).expect_code(3);
    assert!(pulled.stderr.contains("[role::policy-rejects]"), "{}", pulled.snapshot());
    world.write(policy, "{\n  \"default\": []}");
    let pulled = world.run(&["plugin", "pull", &reference]).expect_code(78);
    assert!(pulled.stderr.contains("policy.json:2:14: "), "{}", pulled.snapshot());
    world.write(policy, rejects);
    assert_eq!(registry.journal().lines(), "", "nothing was asked");
    std::fs::copy(component("wanderer"), world.here().join("guest.wasm")).unwrap();
    let with = r#"{"at": "put", "acts": {}}"#;
    let call = |function: &[&str]| {
        world.run(&[&["plugin", "call", "guest.wasm", "--with", with], function].concat())
    };
    let digest = digest.to_string();
    for function in [&["get-manifest", "app", "v1"][..], &["get-blob", "app", &digest]] {
        let outcome = call(function).expect_code(3);
        assert!(outcome.stderr.contains("[role::policy-rejects]"), "{}", outcome.snapshot());
    }
    let any = r#"[{"type": "insecureAcceptAnything"}]"#;
    let by_registry = format!(
        r#"{{"default": {any}, "transports": {{"docker": {{"{}/app": [{{"type": "reject"}}]}}}}}}"#,
        registry.address()
    );
    world.write(policy, &by_registry);
    let at = registry.address().to_string();
    for (repository, refused) in [("app", true), ("other", false)] {
        let outcome = call(&["--place", &at, "get-manifest", repository, "v1"]);
        assert_eq!(outcome.stderr.contains("[role::policy-rejects]"), refused, "{repository}");
    }
    drop(call(&["describe"]).expect_success());
    drop(call(&["list-tags", "app"]).expect_success());
}
