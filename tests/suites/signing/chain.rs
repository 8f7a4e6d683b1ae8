//! Three registries: an image is built at one, signed on its way to the next, and verified on its
//! way to the last.

use engine_oci::Digest;
use engine_tests::images::{Dialect, Seed, Seeded};
use engine_tests::registry::Registry;
use engine_tests::world;
use engine_tests::world::{Outcome, World};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

pub(super) const PASSPHRASE: &str = "fixture passphrase";

/// The words by which the step `trusted` verifies, if nothing else is said.
pub(super) const BY_RELEASE: &str = "verify: {keys: [release]}";
/// The words by which the step `signed` signs, if nothing else is said.
pub(super) const WITH_RELEASE: &str = "sign: {key: release}";

/// Three registries and a world for the engine between them.
///
/// The keys `release` (openssl, not encrypted), `cosign` and `skopeo` are in `keys/`, as
/// `NAME.key` and `NAME.pub`.
pub(super) struct Chain {
    pub(super) build: Registry,
    pub(super) prod: Registry,
    pub(super) edge: Registry,
    pub(super) world: World,
    /// `run.state` of the specs.
    pub(super) state: &'static str,
}

impl Chain {
    pub(super) fn new() -> Self {
        let world = world!().with("PASSPHRASE", PASSPHRASE);
        for (name, private, public) in [
            ("release", "openssl-3.0/p256.key", "openssl-3.0/p256.pub"),
            ("cosign", "cosign-3.1.1/private.key", "cosign-3.1.1/public.pem"),
            ("skopeo", "skopeo-1.22.0/private.key", "skopeo-1.22.0/public.pem"),
        ] {
            let read = |file| fs::read_to_string(fixtures().join("keys").join(file)).unwrap();
            let key = world.write(&format!("keys/{name}.key"), &read(private));
            fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
            world.write(&format!("keys/{name}.pub"), &read(public));
        }
        let [build, prod, edge] = [(); 3].map(|()| Registry::open());
        Self { build, prod, edge, world, state: "state.sqlite" }
    }

    /// With an image of two platforms at the first registry, as `team/app:v1`.
    pub(super) fn with_image(seed: u64) -> (Self, Seeded) {
        let chain = Self::new();
        let image = Seed::new(seed).index(Dialect::Oci, &["linux/amd64", "linux/arm64"], &[400]);
        image.push_into(&chain.build, "team/app", "v1");
        (chain, image)
    }

    /// Runs a spec of these blocks.
    pub(super) fn run(&self, blocks: &str) -> Outcome {
        let registries = [("build", &self.build), ("registry", &self.prod), ("edge", &self.edge)];
        let lines = registries.map(|(name, registry)| {
            format!("  {name}.example: {{endpoint: \"{}\"}}\n", registry.url())
        });
        let top = format!("apiVersion: engine/v1\nrun: {{state: {}}}\nregistries:\n", self.state);
        let text = top + &lines.concat();
        self.world.write("sync.yaml", &format!("{text}{blocks}\n"));
        self.again()
    }

    /// Runs what was run before.
    pub(super) fn again(&self) -> Outcome {
        self.world.run(&["run", "sync.yaml", "--report", "report.json"])
    }

    /// Signs `team/app` on its way to production.
    pub(super) fn sign(&self, words: &str) -> Outcome {
        self.run(&format!(
            "keys:\n  release: {{file: keys/release.key}}\n\
             sources:\n  app: {{from: build.example/team/app}}\n\
             transforms:\n  signed: {{inputs: [app], {words}}}\n\
             sinks:\n  prod: {{inputs: [signed], to: \"registry.example/team/app:{{{{ item.tag }}}}\"}}"
        ))
    }

    /// Copies `team/app:v1` from production to the edge, if it is as these words say.
    pub(super) fn verify(&self, words: &str) -> Outcome {
        self.verify_of("team/app:v1", words)
    }

    /// The same of another image. A key is in the spec if the words name it.
    pub(super) fn verify_of(&self, image: &str, words: &str) -> Outcome {
        let named = ["release", "cosign", "skopeo"].map(|name| {
            let line = format!("  {name}: {{file: keys/{name}.pub}}\n");
            if words.contains(name) { line } else { String::new() }
        });
        self.run(&format!(
            "keys:\n{}sources:\n  app: {{from: registry.example/{image}}}\n\
             filters:\n  trusted: {{inputs: [app], {words}}}\n\
             sinks:\n  edge: {{inputs: [trusted], to: \"edge.example/copy:{{{{ item.tag }}}}\"}}",
            named.concat()
        ))
    }

    /// Panics unless the last run refused its image for this reason, and wrote nothing.
    #[track_caller]
    pub(super) fn assert_refused(&self, outcome: Outcome, reason: &str) {
        let outcome = outcome.expect_code(3);
        let report = self.report().to_string();
        assert!(report.contains(reason), "{reason}\n{report}\n{}", outcome.stderr);
        assert_eq!(self.edge.journal().writes(), 0, "{}", self.edge.journal().lines());
    }

    /// The report of the last run.
    pub(super) fn report(&self) -> Value {
        let bytes = fs::read(self.world.here().join("report.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// What a plan of the last spec says.
    pub(super) fn plan(&self) -> Value {
        let plan = self.world.run(&["plan", "sync.yaml", "--state", "none", "-o", "json"]);
        serde_json::from_str(&plan.expect_success().stdout).unwrap()
    }

    /// What is attached to a digest in production, as JSON.
    pub(super) fn attached(&self, repository: &str, digest: &Digest) -> Option<Value> {
        let (_, stored) = self.prod.store().manifest(repository, &tag_of(digest))?;
        Some(serde_json::from_slice(&stored.bytes).unwrap())
    }

    /// Attaches this to a digest in production, in the place of what was there.
    pub(super) fn attach(&self, repository: &str, digest: &Digest, manifest: &[u8]) {
        let mut store = self.prod.store();
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let made = store.add_manifest(repository, media_type, manifest.to_vec().into());
        store.tag(repository, &tag_of(digest), &made);
    }
}

pub(super) fn tag_of(digest: &Digest) -> String {
    digest.to_string().replace(':', "-") + ".sig"
}

pub(super) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}
