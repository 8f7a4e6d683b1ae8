//! A run of a hostile guest beside an honest source.

use engine_tests::audit::Audited;
use engine_tests::guest::component;
use engine_tests::images::Seed;
use engine_tests::world;
use engine_tests::world::{Outcome, Process, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// How long a run with a hostile guest may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// A run that is to be: the guest is the source `hostile`, beside an OCI layout with one image.
pub(crate) struct Play {
    pub(crate) world: World,
    component: PathBuf,
    plugin: Value,
    with: Value,
    registries: Value,
    sources: Value,
    /// The acts, where the guest is a destination.
    into: Vec<String>,
    arguments: Vec<&'static str>,
}

/// A run that ended.
pub(crate) struct Played {
    pub(crate) outcome: Outcome,
    pub(crate) report: Value,
}

impl Play {
    /// The guest acts in the call `at`, in a repository for each act.
    pub(crate) fn of(guest: &str, at: &str, acts: &[(&str, &str)]) -> Self {
        let acts: BTreeMap<_, _> = acts.iter().copied().collect();
        let world = world!();
        Seed::new(7).image(&[2000]).write_layout(&world.here().join("honest"), "v1");
        Self {
            world,
            component: component(guest),
            plugin: json!({}),
            with: json!({"at": at, "acts": acts}),
            registries: json!({}),
            sources: json!({"honest": {"from": "oci:honest:v1"}}),
            into: Vec::new(),
            arguments: Vec::new(),
        }
    }

    /// The same with the guest as a destination: of the honest image, once for each act.
    pub(crate) fn into(guest: &str, at: &str, acts: &[(&str, &str)]) -> Self {
        let into = acts.iter().map(|(of, _)| *of).chain(["fine"]).map(str::to_owned).collect();
        Self { into, ..Self::of(guest, at, acts) }
    }

    /// With these limits of the plugin.
    pub(crate) fn limits(mut self, limits: Value) -> Self {
        self.plugin["limits"] = limits;
        self
    }

    /// With these grants of the plugin.
    pub(crate) fn grants(mut self, grants: Value) -> Self {
        self.plugin["grants"] = grants;
        self
    }

    /// With another file as the component.
    pub(crate) fn component(mut self, component: PathBuf) -> Self {
        self.component = component;
        self
    }

    /// With further arguments of the command line.
    pub(crate) fn arguments(mut self, arguments: &[&'static str]) -> Self {
        self.arguments.extend(arguments);
        self
    }

    /// With a variable of the environment.
    pub(crate) fn variable(self, name: &str, value: &str) -> Self {
        Self { world: self.world.with(name, value), ..self }
    }

    /// With settings of a registry that is no source.
    pub(crate) fn settings_of(mut self, name: &str, settings: Value) -> Self {
        self.registries[name] = settings;
        self
    }

    /// With a registry as one more source.
    pub(crate) fn registry(mut self, name: &str, settings: Value, from: &str) -> Self {
        self.registries[name] = settings;
        self.sources["registry"] = json!({"from": from});
        self
    }

    /// With one more honest source.
    pub(crate) fn beside(mut self, from: &str) -> Self {
        self.sources["beside"] = json!({"from": from});
        self
    }

    /// Writes the spec, which is YAML as all JSON is.
    fn write(&self) {
        let mut plugin = self.plugin.clone();
        plugin["from"] = json!(self.component);
        let mut sources = self.sources.clone();
        if self.into.is_empty() {
            sources["hostile"] = json!({"plugin": "guest", "with": self.with});
        }
        let inputs: Vec<&String> = sources.as_object().expect("an object").keys().collect();
        let to = "oci:out:{{ item.source.repo }}:{{ item.tag }}";
        let mut sinks = json!({"out": {"inputs": inputs, "to": to}});
        for name in &self.into {
            let to = format!("{name}:v1");
            let sink =
                json!({"inputs": ["honest"], "plugin": "guest", "with": self.with, "to": to});
            sinks[format!("into-{name}")] = sink;
        }
        let spec = json!({
            "apiVersion": "engine/v1",
            "run": {"attempts": 2, "pause": "1ms", "state": "none"},
            "registries": self.registries,
            "plugins": {"guest": plugin},
            "sources": sources,
            "sinks": sinks,
        });
        self.world.write("sync.yaml", &spec.to_string());
    }

    /// A run that is refused before it begins.
    pub(crate) fn refused(&self) -> Outcome {
        self.write();
        self.world.run(&["run", "sync.yaml"])
    }

    /// Starts a run, to look at it while it goes on.
    pub(crate) fn start(&self) -> Process {
        self.write();
        self.world.start(&["run", "sync.yaml"])
    }

    /// Runs, and holds what is true of each such run: it ends in time, by itself, and what is at
    /// the destination is whole.
    #[track_caller]
    pub(crate) fn run(&self) -> Played {
        self.write();
        let path = self.world.here().join("report.json");
        let run = ["run", "sync.yaml", "--report", "report.json"];
        let outcome = self.world.run(&[&run, self.arguments.as_slice()].concat());
        assert!(outcome.took < PATIENCE, "{outcome:?}");
        assert!((0..128).contains(&outcome.code), "the engine itself died: {outcome:?}");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{e}: {outcome:?}"));
        Audited::Layout(&self.world.here().join("out")).assert_sound();
        Played { outcome, report: serde_json::from_str(&text).expect("a report") }
    }
}

impl Played {
    /// What became of each image: `copied`, or the code of its fault. By repository; the honest
    /// source's image, which is in none, is `honest`.
    pub(crate) fn ends(&self) -> BTreeMap<String, String> {
        let items = self.report["items"].as_array().expect("items");
        let end = |item: &Value| {
            let code = item["fault"]["code"].as_str().or(item["status"].as_str());
            (repository(item), code.expect("a status").to_owned())
        };
        items.iter().map(end).collect()
    }

    /// The fault of an item.
    pub(crate) fn fault(&self, repository_of: &str) -> &Value {
        let items = self.report["items"].as_array().expect("items");
        let item = items.iter().find(|item| repository(item) == repository_of);
        &item.unwrap_or_else(|| panic!("no item of {repository_of}: {}", self.report))["fault"]
    }

    /// The codes of what could not be looked at, by step.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let faults = self.report["faults"].as_array().expect("faults");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        faults.iter().map(|one| (text(&one["step"]), text(&one["fault"]["code"]))).collect()
    }

    /// Panics unless these acts ended so, and all that is honest was copied; the exit code says
    /// that some failed.
    #[track_caller]
    pub(crate) fn expect(&self, acts: &[(&str, &str)]) {
        let honest = [("honest", "copied"), ("fine", "copied")];
        let all = acts.iter().chain(&honest).map(|(of, end)| ((*of).to_owned(), (*end).to_owned()));
        let all: BTreeMap<_, _> = all.collect();
        assert_eq!(self.ends(), all, "{}", self.outcome.snapshot());
        let failed = all.values().any(|end| end != "copied") || !self.faults().is_empty();
        assert_eq!(self.outcome.code, i32::from(failed), "{}", self.outcome.snapshot());
    }
}

/// The repository at the guest's end.
fn repository(item: &Value) -> String {
    let end = |end: &str| item[end]["ref"].as_str().expect("a reference").to_owned();
    let (source, destination) = (end("source"), end("destination"));
    match source.split_once("::").or(destination.split_once("::")) {
        Some((_, name)) => name.split(':').next().expect("a name").to_owned(),
        None if source.starts_with("oci:") => "honest".to_owned(),
        None => "registry".to_owned(),
    }
}
