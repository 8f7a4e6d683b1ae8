//! The rules at work, as the survey asks them: what they need, then what they decide.

use crate::images::Seed;
use async_trait::async_trait;
use bytes::Bytes;
use engine::diagnostic::{Code, Fault, Kind, Origin};
use engine::event::Events;
use engine::host::{self, ComponentFiles, Floor, SharedMachine};
use engine::http::Client;
use engine::role::{Binding, Exhibit, Grants, Keys, NoKeys, Policy, Subject, Surroundings};
use engine_oci::{Descriptor, Digest, media_type};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `policy-rules`, loaded, with three rules and one image to judge.
pub struct Judging {
    policy: Arc<dyn Policy>,
    subject: Subject,
    exhibit: Arc<dyn Exhibit>,
}

/// One config.
struct Config(Bytes);

#[async_trait]
impl Exhibit for Config {
    async fn manifest(&self, _: &Digest) -> Result<Bytes, Fault> {
        Err(Fault::new(
            Code::new("host::not-granted", Kind::Refused),
            Origin::Plugin,
            "nobody asks",
        ))
    }

    async fn blob(&self, _: &Descriptor) -> Result<Bytes, Fault> {
        Ok(self.0.clone())
    }

    async fn referrers(&self, _: &Digest) -> Result<Vec<Descriptor>, Fault> {
        Ok(Vec::new())
    }
}

impl Judging {
    /// Loads the component; its code is compiled into the program.
    pub async fn load() -> Self {
        let component = host::catalog(&BTreeMap::new()).expect("a catalog");
        let component = component.components["policy-rules"].clone();
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
        let surroundings = Arc::new(Surroundings::default());
        let client = Client::new(surroundings, BTreeMap::new(), events.clone());
        let (machine, files) =
            (SharedMachine::default(), Arc::new(ComponentFiles::cached_in(None)));
        let keys: Arc<dyn Keys> = Arc::new(NoKeys);
        let floor = Floor {
            machine: &machine,
            files: &files,
            client: &client,
            keys: &keys,
            events: &events,
        };
        let roles = host::load(&floor, &[binding]).await.expect("a sandbox");
        let policy = roles.policy("judge", "policy-rules").expect("the rules");
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
        let config = image.blobs.values().find(|bytes| bytes.starts_with(b"{"));
        let exhibit = Arc::new(Config(config.expect("a config").clone()));
        Self { policy: Arc::clone(policy), subject, exhibit }
    }

    /// Asks for so many verdicts, one after the other, and says how long that took.
    pub async fn verdicts(&self, count: u32) -> Duration {
        let since = Instant::now();
        for _ in 0..count {
            let needs = self.policy.needs(&self.subject).await.expect("its needs");
            assert_eq!(needs, Vec::<String>::new(), "rules need no evidence");
            let exhibit = Arc::clone(&self.exhibit);
            let decision = self.policy.decide(&self.subject, &[], exhibit).await;
            let decision = decision.expect("a verdict");
            assert_eq!(decision.refusal, None, "{decision:?}");
        }
        since.elapsed()
    }
}
