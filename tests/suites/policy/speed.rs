//! What a verdict costs: an instance each, and no request.

use async_trait::async_trait;
use bytes::Bytes;
use engine::diagnostic::{Fault, Origin};
use engine::event::Events;
use engine::host::{self, Floor, Machine};
use engine::http::Client;
use engine::role::{Binding, Exhibit, Grants, Keys, NoKeys, Subject, Surroundings};
use engine_oci::{Descriptor, Digest, media_type};
use engine_tests::images::Seed;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

const VERDICTS: u32 = 10_000;

/// One config.
struct Config(Bytes);

#[async_trait]
impl Exhibit for Config {
    async fn manifest(&self, _: &Digest) -> Result<Bytes, Fault> {
        Err(Fault::new("host::not-granted", Origin::Plugin, "nobody asks"))
    }

    async fn blob(&self, _: &Descriptor) -> Result<Bytes, Fault> {
        Ok(self.0.clone())
    }

    async fn referrers(&self, _: &Digest) -> Result<Vec<Descriptor>, Fault> {
        Ok(Vec::new())
    }
}

/// The target is 1 s on an idle machine, with a release build; a test on a busy machine holds ten times
/// as much, which still tells a compile per verdict from an instance per verdict.
#[tokio::test]
async fn ten_thousand_verdicts() {
    let component = host::catalog(&BTreeMap::new()).unwrap().components["policy-rules"].clone();
    let rules = json!([
        {"deny": {"references": ["docker.io/library/*:latest"]}},
        {"deny": {"olderThan": "999999h", "platforms": ["windows/*"]}},
        {"allow": {"references": ["r.example/team/**"], "labels": {"seeded": "**"}}},
    ]);
    let binding = Binding {
        step: "judge".to_owned(),
        word: "policy-rules".to_owned(),
        grants: Grants::default(),
        limits: component.limits.clone(),
        component,
        settings: json!({"rules": rules, "default": "deny"}),
    };
    let events = Events::new(Vec::new());
    let client = Client::new(Arc::new(Surroundings::default()), BTreeMap::new(), events.clone());
    let machine = Arc::new(Machine::new(None).unwrap());
    let keys: Arc<dyn Keys> = Arc::new(NoKeys);
    let floor = Floor { machine: &machine, client: &client, keys: &keys, events: &events };
    let roles = host::load(&floor, &[binding]).await;
    let policy = roles.policy("judge", "policy-rules").unwrap();

    let image = Seed::new(80).image(&[100]);
    let bytes = image.top_bytes().clone();
    let subject = Subject {
        descriptor: Descriptor::of_manifest(media_type::OCI_MANIFEST, &bytes),
        bytes,
        reference: Some("r.example/team/app:v1".to_owned()),
        transport: "docker".to_owned(),
        scopes: Vec::new(),
        within: None,
    };
    let config = image.blobs.values().find(|bytes| bytes.starts_with(b"{")).unwrap().clone();
    let exhibit: Arc<dyn Exhibit> = Arc::new(Config(config));
    let since = Instant::now();
    for _ in 0..VERDICTS {
        let decision = policy.decide(&subject, &[], Arc::clone(&exhibit)).await.unwrap();
        assert_eq!(decision.refusal, None, "{decision:?}");
    }
    let took = since.elapsed();
    println!("{VERDICTS} verdicts in {took:?}, {:?} each", took / VERDICTS);
    assert!(took.as_secs() < 10, "{took:?}");
}
