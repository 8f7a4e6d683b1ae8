//! Two registries with a proxy before each of their servers, and images to be copied.

use super::requests::{Place, Row, Way};
use super::strikes::Column;
use crate::plugins::ArchiveFile;
use engine::run::SharedMachine;
use engine_oci::{Descriptor, Digest, Manifest};
use engine_tests::audit::Audited;
use engine_tests::fault::Proxy;
use engine_tests::guest::component;
use engine_tests::images::{Dialect, Sealed, Seed, Seeded};
use engine_tests::registry::{Access, Options, Registry, User};
use engine_tests::walk::Walk;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

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
    way: Way,
}

/// What the sides have in the beginning. Made once: every cell has the same.
#[derive(Clone)]
pub(super) struct Images {
    app: Seeded,
    referrer: Seeded,
    twin: Seeded,
    old: Seeded,
    /// What `team/app` and `team/twin` become where their layers are compressed anew: codecs make the
    /// same bytes each time.
    compressed: Option<[Seeded; 2]>,
    /// The archive with the older images. It is written by a run, as the others are pushed.
    archive: Vec<u8>,
    /// Compiles the guest that writes archives once for all cells.
    machine: SharedMachine,
}

impl Images {
    pub(super) fn new() -> Self {
        let mut seed = Seed::new(70);
        let layers = seed.layers(&[3000, 500]);
        let app = seed.index_of(Dialect::Oci, &PLATFORMS, &layers);
        let referrer = seed.referrer(&app, "application/spdx+json");
        let twin = seed.index_of(Dialect::Oci, &PLATFORMS, &layers);
        let old = seed.image(&[100]);
        let (archive, machine) = (Vec::new(), SharedMachine::default());
        let mut images = Self { app, referrer, twin, old, compressed: None, archive, machine };
        let whole = images.copied_once(Way::Compress);
        let made = |repository| made(&whole.destination.registry, repository);
        images.compressed = Some(["team/app", "team/twin"].map(made));
        let (app, twin, old) = (&images.app, &images.twin, &images.old);
        let before = Self { app: old.clone(), twin: old.clone(), ..images.clone() };
        images.archive = fs::read(before.copied_once(Way::Archive).archive_path()).unwrap();
        assert!(app.top.digest != old.top.digest && twin.top.digest != old.top.digest);
        images
    }

    fn copied_once(&self, way: Way) -> Stage {
        let stage = Stage::new(self, way);
        let report = stage.walk.run();
        assert_eq!(report.run.exit_code, 0, "{:?}", report.summary);
        stage
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
    pub(super) fn new(images: &Images, way: Way) -> Self {
        let (source, destination) = (Side::start(), Side::start());
        images.app.push_into(&source.registry, "team/app", "v1");
        if way == Way::Copy {
            images.add_referrer(&source.registry);
        }
        images.twin.push_into(&source.registry, "team/twin", "v1");
        for repository in ["team/app", "team/twin"] {
            images.old.push_into(&destination.registry, repository, "v1");
        }
        let mut walk = Walk::new(&spec(&source, &destination, way));
        walk.machine = images.machine.clone();
        // One after the other, so that the n-th request is the same one each time.
        walk.bounds.copies.blobs_in_all = 1;
        walk.write("password", PASSWORD);
        let stage = Self { source, destination, walk, images: images.clone(), way };
        if !images.archive.is_empty() {
            let path = stage.archive_path();
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(path, &images.archive).unwrap();
        }
        stage
    }

    fn archive_path(&self) -> PathBuf {
        self.walk.folder().join("shelf/images.archive")
    }

    /// What the destination shall have.
    fn new_images(&self) -> [&Seeded; 2] {
        match &self.images.compressed {
            Some([app, twin]) if self.way == Way::Compress => [app, twin],
            _ => [&self.images.app, &self.images.twin],
        }
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
        let [app, twin] = self.new_images();
        let new = if repository == "team/app" { app } else { twin };
        let found = self.tagged(repository).expect("the tag was there and must not vanish");
        assert!(
            found == new.top.digest || found == self.images.old.top.digest,
            "{repository}:v1 is neither the old nor the new image"
        );
        found == new.top.digest
    }

    /// What the destination has under `v1`.
    fn tagged(&self, repository: &str) -> Option<Digest> {
        if self.way == Way::Archive {
            let archive = ArchiveFile::read(&self.archive_path());
            return archive.names.get(&format!("{repository}:v1")).cloned();
        }
        let tags = self.destination.registry.store().tags(repository);
        tags.into_iter().find(|(tag, _)| tag == "v1").map(|(_, digest)| digest)
    }

    /// Every byte of `team/app` is there.
    pub(super) fn assert_app(&self) {
        self.assert_has("team/app", self.new_images()[0]);
    }

    /// Whether what refers to `team/app` is there, to its last byte. Only what is copied as it is has
    /// something that refers to it.
    pub(super) fn has_referrer(&self) -> bool {
        if self.way != Way::Copy {
            return true;
        }
        let digest = self.images.referrer.top.digest.as_str();
        let there = self.destination.registry.store().manifest("team/app", digest).is_some();
        if there {
            self.assert_has("team/app", &self.images.referrer);
        }
        there
    }

    /// Every byte of `team/twin` is there.
    pub(super) fn assert_twin(&self) {
        self.assert_has("team/twin", self.new_images()[1]);
    }

    fn assert_has(&self, repository: &str, image: &Seeded) {
        if self.way == Way::Archive {
            return ArchiveFile::read(&self.archive_path()).assert_has(image);
        }
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

/// What a run left under the tag `v1`.
fn made(registry: &Registry, repository: &str) -> Seeded {
    let store = registry.store();
    let mut open = vec!["v1".to_owned()];
    let (mut manifests, mut blobs) = (Vec::new(), BTreeMap::new());
    while let Some(name) = open.pop() {
        let (digest, stored) = store.manifest(repository, &name).expect("the run wrote it");
        let parsed = Manifest::parse(&stored.media_type, &stored.bytes).unwrap();
        open.extend(parsed.children().map(|child| child.digest.to_string()));
        for blob in parsed.blobs() {
            let bytes = store.blob(repository, &blob.digest).expect("the run wrote it");
            blobs.insert(blob.digest, bytes);
        }
        let (media_type, bytes) = (stored.media_type.clone(), stored.bytes.clone());
        manifests.push(Sealed { media_type, digest, bytes });
    }
    let first = manifests.first().expect("the tag names one");
    let top = Descriptor::of_manifest(first.media_type.as_str(), &first.bytes);
    Seeded { manifests, blobs, top, tags: Vec::new() }
}

fn spec(source: &Side, destination: &Side, way: Way) -> String {
    let to_registry = "to: \"copy.test/{{ item.source.repo }}:{{ item.tag }}\"";
    let (input, others, to) = match way {
        Way::Copy => ("team", String::new(), to_registry),
        Way::Compress => {
            let transform = "transforms: {packed: {inputs: [team], compress: {codec: zstd}}}\n";
            ("packed", transform.to_owned(), to_registry)
        }
        Way::Archive => {
            let component = component("archive");
            let grants = "grants: {dirs: {shelf: shelf}}";
            let from = component.display();
            let plugins = format!("plugins: {{archive: {{from: \"{from}\", {grants}}}}}\n");
            ("team", plugins, "plugin: archive, to: \"{{ item.source.repo }}:{{ item.tag }}\"")
        }
    };
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
{others}sinks:
  copy: {{inputs: [{input}], {to}}}
",
        registry("source.test", source),
        registry("copy.test", destination)
    )
}
