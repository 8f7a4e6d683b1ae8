//! A source with images, and an archive beside it: what the tests of archives share.

use super::ArchiveFile;
use engine_tests::audit::Audited;
use engine_tests::guest::component;
use engine_tests::images::{Seed, Seeded};
use engine_tests::registry::Registry;
use engine_tests::world;
use engine_tests::world::{Outcome, Process, World};
use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a run may take on a machine that is busy with other tests.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// A source with images, and an archive beside it.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) source: Registry,
    pub(super) images: Vec<Seeded>,
}

impl Scene {
    /// A source with one image, `app:v1`.
    pub(super) fn new() -> Self {
        let mut scene = Self { world: world!(), source: Registry::open(), images: Vec::new() };
        scene.add();
        scene
    }

    /// One more image at the source, with the next tag.
    pub(super) fn add(&mut self) {
        let number = self.images.len() + 1;
        // The first is the largest, so that a disk can be too small for it and not for the next.
        let layer = if number == 1 { 300_000 } else { 70_000 };
        let image = Seed::new(300 + number as u64).image(&[layer, 3_000]);
        image.push_into(&self.source, "app", &format!("v{number}"));
        self.images.push(image);
    }

    /// A scene whose archive has the first of two images.
    pub(super) fn with_old() -> (Self, Vec<u8>) {
        let mut scene = Self::new();
        scene.spec(&json!({"finish": "well"}), &json!({}));
        drop(scene.run().expect_success());
        scene.add();
        let old = fs::read(scene.archive()).unwrap();
        (scene, old)
    }

    pub(super) fn shelf(&self) -> PathBuf {
        self.world.here().join("shelf")
    }

    pub(super) fn archive(&self) -> PathBuf {
        self.shelf().join("images.archive")
    }

    /// Where the archive's own word says that images go, each by its tag.
    pub(super) const TO: &str = "archive:shelf/images.archive:app:{{ item.tag }}";

    /// Writes the spec, by the archive's own word: `with` of the plugin, and its limits.
    pub(super) fn spec(&self, with: &Value, limits: &Value) {
        let sink = json!({"inputs": ["app"], "with": with, "to": Self::TO});
        self.sinks(&json!({"out": sink}), limits);
    }

    pub(super) fn sinks(&self, sinks: &Value, limits: &Value) {
        let spec = json!({
            "apiVersion": "engine/v1",
            "run": {"attempts": 1, "state": "none", "grace": "300ms"},
            "registries": {"source.test": {"endpoint": self.source.url()}},
            "plugins": {"archive": {"from": component("archive"), "limits": limits,
                "grants": {"dirs": {"shelf": "shelf"}}}},
            "sources": {"app": {"from": "source.test/app"}},
            "sinks": sinks,
        });
        self.world.write("sync.yaml", &spec.to_string());
    }

    /// Writes a spec whose sources are the tags `v2` and `v3`.
    pub(super) fn two_sinks(&self, two: &Value, three: &Value) {
        self.sinks(&json!({"two": two, "three": three}), &json!({}));
        let of = |tag: &str| json!({"from": format!("source.test/app:{tag}")});
        self.change(|spec| spec["sources"] = json!({"v2": of("v2"), "v3": of("v3")}));
    }

    /// Changes the spec that was written last.
    pub(super) fn change(&self, change: impl FnOnce(&mut Value)) {
        let path = self.world.here().join("sync.yaml");
        let mut spec: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut spec);
        self.world.write("sync.yaml", &spec.to_string());
    }

    pub(super) const RUN: [&str; 6] =
        ["run", "sync.yaml", "--report", "report.json", "--events", "events.jsonl"];

    pub(super) fn run(&self) -> Outcome {
        self.world.run(&Self::RUN)
    }

    /// A run of which all items are written, and which is finishing the archive.
    pub(super) fn start_until_written(&self, items: usize) -> Process {
        drop(fs::remove_file(self.world.here().join("events.jsonl")));
        let mut process = self.world.start(&Self::RUN);
        let begun = Instant::now();
        while self.said("item-written") < items {
            assert!(!process.has_ended() && begun.elapsed() < PATIENCE, "it is never written");
            std::thread::sleep(Duration::from_millis(5));
        }
        process
    }

    /// How often an event was said.
    pub(super) fn said(&self, event: &str) -> usize {
        let text = fs::read_to_string(self.world.here().join("events.jsonl")).unwrap_or_default();
        text.matches(&format!("\"type\":\"{event}\"")).count()
    }

    /// Status and code of each item of the last run, in the order of their tags.
    pub(super) fn ends(&self) -> Vec<(String, Option<String>)> {
        let text = fs::read_to_string(self.world.here().join("report.json")).unwrap();
        let report: Value = serde_json::from_str(&text).unwrap();
        let items = report["items"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        items.map(|item| (text(&item["status"]).unwrap(), text(&item["fault"]["code"]))).collect()
    }

    /// The old file is there, byte by byte, and nothing half-written beside it.
    #[track_caller]
    pub(super) fn assert_old(&self, old: &[u8]) {
        assert!(fs::read(self.archive()).unwrap() == old, "the old file is another one");
        let parts = fs::read_dir(self.shelf()).unwrap().map(|entry| entry.unwrap().path());
        let parts: Vec<_> =
            parts.filter(|path| path.to_string_lossy().ends_with(".part")).collect();
        assert!(parts.is_empty(), "{parts:?}");
    }

    /// All images can be read out of the archive, into a layout that is sound.
    #[track_caller]
    pub(super) fn assert_whole(&self) {
        let spec = json!({
            "apiVersion": "engine/v1",
            "run": {"state": "none"},
            "plugins": {"archive": {"from": component("archive"),
                "grants": {"dirs": {"shelf": "shelf"}}}},
            "sources": {"shelf": {"plugin": "archive"}},
            "sinks": {"out": {"inputs": ["shelf"],
                "to": "oci:read:{{ item.source.repo }}:{{ item.tag }}"}},
        });
        self.world.write("back.yaml", &spec.to_string());
        drop(self.world.run(&["run", "back.yaml"]).expect_success());
        let layout = self.world.here().join("read");
        Audited::Layout(&layout).assert_sound();
        let index = fs::read_to_string(layout.join("index.json")).unwrap();
        for (number, image) in self.images.iter().enumerate() {
            assert!(index.contains(&format!("\"app:v{}\"", number + 1)), "{index}");
            assert!(index.contains(image.top.digest.as_str()), "{index}");
        }
    }

    /// Both items were written before either got its name, so one end served both.
    #[track_caller]
    pub(super) fn assert_one_end(&self) {
        assert_eq!(self.ends(), all("copied", None, 2));
        let events = fs::read_to_string(self.world.here().join("events.jsonl")).unwrap();
        let last_written = events.rfind("item-written").unwrap();
        assert!(last_written < events.find("tag-moved").unwrap(), "one end for both");
        self.assert_whole();
    }

    /// One of two items was copied, and the other one found the archive held.
    #[track_caller]
    pub(super) fn assert_one_writer(&self) {
        let mut ends = self.ends();
        ends.sort();
        let held = ("failed".to_owned(), Some("fs::held".to_owned()));
        assert_eq!(ends, [("copied".to_owned(), None), held]);
        let names = ArchiveFile::names_in(&self.archive());
        assert_eq!(names.len(), 2, "the old image, and the one that was copied");
    }

    /// Holds what the guest waits for in some of its ways to finish.
    pub(super) fn gate(&self) -> File {
        fs::create_dir_all(self.shelf()).unwrap();
        let gate = File::create(self.shelf().join(".gate")).unwrap();
        flock(&gate, FlockOperation::LockExclusive).unwrap();
        gate
    }
}

/// The same end for so many items.
pub(super) fn all(status: &str, code: Option<&str>, items: usize) -> Vec<(String, Option<String>)> {
    vec![(status.to_owned(), code.map(str::to_owned)); items]
}
