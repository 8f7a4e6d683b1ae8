//! Two registries with a proxy before each of their servers, and images to be copied.

use super::requests::{Place, Row};
use super::strikes::Column;
use engine_tests::audit::Audited;
use engine_tests::fault::Proxy;
use engine_tests::images::{Dialect, Seed, Seeded};
use engine_tests::registry::{Access, Options, Registry, User};
use engine_tests::walk::Walk;

const PLATFORMS: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// A password with a shape of its own, to be looked for in what a run says.
pub(super) const PASSWORD: &str = "pa55-of-the-matrix";

/// One side: a registry that gives tokens, behind proxies.
pub(super) struct Side {
    pub(super) registry: Registry,
    pub(super) proxy: Proxy,
    pub(super) tokens: Proxy,
}

/// Two sides, and a spec that copies `team/app` and `team/twin`. The destination has older images
/// under the same tags, so that a tag that moved can be told from one that did not.
pub(super) struct Stage {
    pub(super) source: Side,
    pub(super) destination: Side,
    pub(super) walk: Walk,
    images: Images,
}

/// What the sides have in the beginning. Made once: every cell has the same.
#[derive(Clone)]
pub(super) struct Images {
    app: Seeded,
    referrer: Seeded,
    twin: Seeded,
    old: Seeded,
}

impl Images {
    pub(super) fn new() -> Self {
        let mut seed = Seed::new(70);
        let layers = seed.layers(&[3000, 500]);
        let app = seed.index_of(Dialect::Oci, &PLATFORMS, &layers);
        let referrer = seed.referrer(&app, "application/spdx+json");
        let twin = seed.index_of(Dialect::Oci, &PLATFORMS, &layers);
        let old = seed.image(&[100]);
        Self { app, referrer, twin, old }
    }

    /// Without a tag: it is found by its subject only.
    fn add_referrer(&self, registry: &Registry) {
        let mut store = registry.store();
        for (digest, bytes) in &self.referrer.blobs {
            store.add_blob("team/app", digest, bytes.clone());
        }
        for sealed in &self.referrer.manifests {
            store.add_manifest("team/app", &sealed.media_type, sealed.bytes.clone());
        }
    }
}

impl Side {
    fn start() -> Self {
        let user = User::new("ann", PASSWORD);
        let access = Access::Bearer { user, anonymous: false, requests_per_token: None };
        let registry = Registry::start(Options { access, ..Options::default() });
        let proxy = Proxy::start(registry.address(), Vec::new());
        let tokens = registry.token_address().expect("it gives tokens");
        let tokens = Proxy::start(tokens, Vec::new());
        registry.send_for_tokens_to(&tokens.url());
        Self { registry, proxy, tokens }
    }
}

impl Stage {
    pub(super) fn new(images: &Images) -> Self {
        let (source, destination) = (Side::start(), Side::start());
        images.app.push_into(&source.registry, "team/app", "v1");
        images.add_referrer(&source.registry);
        images.twin.push_into(&source.registry, "team/twin", "v1");
        for repository in ["team/app", "team/twin"] {
            images.old.push_into(&destination.registry, repository, "v1");
        }
        let mut walk = Walk::new(&spec(&source, &destination));
        // One after the other, so that the n-th request is the same one each time.
        walk.bounds.copies.blobs_in_all = 1;
        walk.write("password", PASSWORD);
        Self { source, destination, walk, images: images.clone() }
    }

    fn proxy(&self, place: Place) -> &Proxy {
        match place {
            Place::Source => &self.source.proxy,
            Place::SourceTokens => &self.source.tokens,
            Place::Destination => &self.destination.proxy,
            Place::DestinationTokens => &self.destination.tokens,
        }
    }

    /// Breaks requests of a row from now on.
    pub(super) fn strike(&self, row: &Row, column: &Column) {
        let proxy = self.proxy(row.place);
        row.prelude().into_iter().for_each(|prelude| proxy.add(prelude));
        proxy.add(row.rule(self.images.app.top.digest.as_str(), column));
    }

    /// Whether a request of the row was broken. A fault that never struck proves nothing.
    pub(super) fn was_struck(&self, row: &Row, column: &Column) -> bool {
        let strike = format!("{} {} ", column.fault.name(), row.method);
        self.proxy(row.place).struck().iter().any(|struck| struck.starts_with(&strike))
    }

    /// Breaks nothing any more.
    pub(super) fn mend(&self) {
        for side in [&self.source, &self.destination] {
            side.proxy.clear();
            side.tokens.clear();
        }
    }

    /// Whether a repository has the new image under its tag: `false` when it has the old one.
    /// What is neither is a failure of its own.
    pub(super) fn has_new(&self, repository: &str) -> bool {
        let new = if repository == "team/app" { &self.images.app } else { &self.images.twin };
        let tags = self.destination.registry.store().tags(repository);
        let found = tags.iter().find(|(tag, _)| tag == "v1").map(|(_, digest)| digest);
        let found = found.expect("the tag was there and must not vanish");
        assert!(
            *found == new.top.digest || *found == self.images.old.top.digest,
            "{repository}:v1 is neither the old nor the new image"
        );
        *found == new.top.digest
    }

    /// Every byte of `team/app` is there.
    pub(super) fn assert_app(&self) {
        self.assert_has("team/app", &self.images.app);
    }

    /// Whether what refers to `team/app` is there, to its last byte.
    pub(super) fn has_referrer(&self) -> bool {
        let digest = self.images.referrer.top.digest.as_str();
        let there = self.destination.registry.store().manifest("team/app", digest).is_some();
        if there {
            self.assert_has("team/app", &self.images.referrer);
        }
        there
    }

    /// Every byte of `team/twin` is there.
    pub(super) fn assert_twin(&self) {
        self.assert_has("team/twin", &self.images.twin);
    }

    fn assert_has(&self, repository: &str, image: &Seeded) {
        let store = self.destination.registry.store();
        for manifest in &image.manifests {
            let found = store.manifest(repository, manifest.digest.as_str());
            let (_, found) = found.unwrap_or_else(|| panic!("{repository} {}", manifest.digest));
            assert_eq!((&found.bytes, &found.media_type), (&manifest.bytes, &manifest.media_type));
        }
        for (digest, bytes) in &image.blobs {
            assert_eq!(store.blob(repository, digest).as_ref(), Some(bytes), "{repository}");
        }
    }

    /// No name is without its content.
    pub(super) fn audit(&self) {
        Audited::Registry(&self.destination.registry).assert_sound();
    }
}

fn spec(source: &Side, destination: &Side) -> String {
    let registry = |name: &str, side: &Side| {
        let auth = "{username: ann, password: {file: password}}";
        format!("  {name}: {{endpoint: \"{}\", auth: {auth}}}\n", side.proxy.url())
    };
    format!(
        "apiVersion: engine/v1
run: {{concurrency: 1, attempts: 3, pause: 10ms, maxPause: 3s, state: state.sqlite}}
registries:
{}{}sources:
  team: {{from: [source.test/team/app, source.test/team/twin]}}
sinks:
  copy: {{inputs: [team], to: \"copy.test/{{{{ item.source.repo }}}}:{{{{ item.tag }}}}\"}}
",
        registry("source.test", source),
        registry("copy.test", destination)
    )
}
