//! A mirror from one registry to another, with steps between.

use engine_tests::audit::Audited;
use engine_tests::guest::component;
use engine_tests::registry::{Options, Registry};
use engine_tests::world;
use engine_tests::world::{Outcome, World};
use serde_json::{Value, json};

/// Two registries and a spec: the source `all`, the steps of a test, the sink `mirror`.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) source: Registry,
    pub(crate) mirror: Registry,
}

/// A run that ended.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) report: Value,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::of(Options::default())
    }

    /// The same with a source of this kind.
    pub(crate) fn of(source: Options) -> Self {
        let (source, mirror) = (Registry::start(source), Registry::start(Options::default()));
        Self { world: world!(), source, mirror }
    }

    /// The source's repository, as rules name it.
    pub(crate) fn app(&self) -> String {
        format!("{}/team/app", self.source.address())
    }

    /// Writes a spec in which `steps` has the blocks between source and sink, and the sink is fed by
    /// `last`.
    pub(crate) fn spec(&self, last: &str, steps: &Value) {
        let (from, to) = (self.source.address().to_string(), self.mirror.address().to_string());
        let mut spec = json!({
            "apiVersion": "engine/v1",
            "run": {"attempts": 2, "pause": "1ms"},
            "registries": {
                &from: {"endpoint": format!("http://{from}")},
                &to: {"endpoint": format!("http://{to}")},
            },
            "sources": {"all": {"from": self.app()}},
            "sinks": {"mirror": {
                "inputs": [last],
                "to": format!("{to}/{{{{ item.source.repo }}}}:{{{{ item.tag }}}}"),
            }},
        });
        for (block, steps) in steps.as_object().expect("blocks") {
            spec[block] = steps.clone();
        }
        self.world.write("sync.yaml", &spec.to_string());
    }

    /// A spec with one filter.
    pub(crate) fn filter(&self, filter: &Value) {
        let mut filter = filter.clone();
        filter["inputs"] = json!(["all"]);
        self.spec("judge", &json!({"filters": {"judge": filter}}));
    }

    /// A spec with one step of a guest, in `filters` or `transforms`.
    pub(crate) fn guest(&self, block: &str, guest: &str, with: &Value, more: &Value) {
        let mut step = json!({"inputs": ["all"], "plugin": "guest", "with": with});
        for (key, value) in more.as_object().expect("keys") {
            step[key] = value.clone();
        }
        let plugin = json!({"from": component(guest), "limits": {"cpu": "300ms"}});
        self.spec("judge", &json!({"plugins": {"guest": plugin}, block: {"judge": step}}));
    }

    /// Runs. Whatever is at the destination is whole.
    pub(crate) fn run(&self) -> Ended {
        let outcome = self.world.run(&["run", "sync.yaml", "--report", "report.json"]);
        let path = self.world.here().join("report.json");
        let text = std::fs::read(path).unwrap_or_else(|e| panic!("{e}: {}", outcome.snapshot()));
        Audited::Registry(&self.mirror).assert_sound();
        Ended { report: serde_json::from_slice(&text).expect("a report"), outcome }
    }

    /// The tags at the destination.
    pub(crate) fn mirrored(&self) -> Vec<String> {
        self.mirror.store().tags("team/app").into_iter().map(|(tag, _)| tag).collect()
    }
}

impl Ended {
    /// Panics unless the run ended with this code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.outcome.code, code, "{}\n{}", self.outcome.snapshot(), self.report);
        self
    }

    /// The status of the only item.
    #[track_caller]
    pub(crate) fn status(&self) -> &str {
        let [item] = self.report["items"].as_array().expect("items").as_slice() else {
            panic!("not one item: {}", self.report)
        };
        item["status"].as_str().expect("a status")
    }

    /// Whether the report or what was printed says this.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.report.to_string().contains(text) || self.outcome.stderr.contains(text)
    }
}
