//! Two registries in memory and a world for the engine between them.

use engine_oci::Digest;
use engine_tests::audit::Audited;
use engine_tests::images::Seeded;
use engine_tests::registry::{Options, Registry};
use engine_tests::world;
use engine_tests::world::{Outcome, World};
use serde_json::Value;
use std::fs;

/// Two registries in memory and a world for the engine between them.
pub(super) struct Pair {
    pub(super) source: Registry,
    pub(super) mirror: Registry,
    pub(super) world: World,
}

impl Pair {
    pub(super) fn new() -> Self {
        Self::of(Options::default(), Options::default())
    }

    pub(super) fn of(source: Options, mirror: Options) -> Self {
        let (source, mirror) = (Registry::start(source), Registry::start(mirror));
        Self { source, mirror, world: world!() }
    }

    /// Puts an image at the source.
    pub(super) fn give(&self, image: &Seeded, repository: &str, tag: &str) {
        image.push_into(&self.source, repository, tag);
    }

    /// Writes `sync.yaml` of these blocks, in which `SOURCE` and `MIRROR` stand for the two.
    pub(super) fn spec(&self, blocks: &str) {
        let places = "registries:\n  SOURCE: {endpoint: \"http://SOURCE\"}\n  \
            MIRROR: {endpoint: \"http://MIRROR\"}\n";
        let text = format!("apiVersion: engine/v1\n{places}{blocks}\n");
        let (source, mirror) = (self.source.address(), self.mirror.address());
        let text = text.replace("SOURCE", &source.to_string());
        self.world.write("sync.yaml", &text.replace("MIRROR", &mirror.to_string()));
    }

    /// Runs a spec of these blocks.
    pub(super) fn run(&self, blocks: &str) -> Outcome {
        self.spec(blocks);
        self.again()
    }

    /// Runs what was run before.
    pub(super) fn again(&self) -> Outcome {
        self.world.run(&["run", "sync.yaml", "--report", "report.json"])
    }

    /// The report of the last run.
    pub(super) fn report(&self) -> Value {
        let bytes = fs::read(self.world.here().join("report.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// What a tag of the mirror names.
    pub(super) fn mirrored(&self, repository: &str, tag: &str) -> Option<Digest> {
        self.mirror.store().manifest(repository, tag).map(|(digest, _)| digest)
    }

    /// The manifest that a tag of the mirror names, as JSON.
    pub(super) fn manifest(&self, repository: &str, tag: &str) -> Value {
        let (_, stored) = self.mirror.store().manifest(repository, tag).unwrap();
        serde_json::from_slice(&stored.bytes).unwrap()
    }

    /// The names at the mirror, `repository:tag` each.
    pub(super) fn names(&self) -> Vec<String> {
        let store = self.mirror.store();
        let mut names = Vec::new();
        for repository in store.names() {
            let tags = store.tags(&repository).into_iter();
            names.extend(tags.map(|(tag, _)| format!("{repository}:{tag}")));
        }
        names
    }

    /// Panics unless the mirror has each manifest and blob of an image, bytes and all.
    #[track_caller]
    pub(super) fn assert_same(&self, image: &Seeded, repository: &str, tag: &str) {
        Audited::Registry(&self.mirror).assert_sound();
        assert_eq!(self.mirrored(repository, tag).as_ref(), Some(&image.top.digest), "{tag}");
        let store = self.mirror.store();
        for sealed in &image.manifests {
            let found = store.manifest(repository, sealed.digest.as_str());
            let (_, found) = found.unwrap_or_else(|| panic!("no {}", sealed.digest));
            assert_eq!((&found.bytes, &found.media_type), (&sealed.bytes, &sealed.media_type));
        }
        for (digest, bytes) in &image.blobs {
            assert_eq!(store.blob(repository, digest).as_ref(), Some(bytes), "{digest}");
        }
    }
}
