//! One image of 1 GiB: copied, pushed and pulled beside Skopeo, and beside the same calls without
//! a component.

use crate::bench::{Bench, beside, clean, folder, line, ratios};
use crate::figures::Figures;
use crate::small::digest;
use engine_tests::images::{Dialect, Layer, Pusher, Seed, Seeded};
use engine_tests::real::DockerRegistry;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

/// Layers of the image.
const LAYERS: usize = 8;
/// Bytes of a layer.
const LAYER_BYTES: usize = 128 << 20;
/// Pairs of the boundary's measurement.
const BOUNDARY_PAIRS: usize = 15;
/// What one image may take, in MiB.
const MEMORY: f64 = 32.0;

/// What all runs begin from.
struct Stage<'a> {
    bench: &'a Bench,
    runtime: Runtime,
    source: DockerRegistry,
    layout: PathBuf,
    digest: String,
}

/// Copies, pushes, pulls.
pub(crate) fn measure(bench: &Bench) {
    if !bench.has_tools("an image of 1 GiB") {
        return;
    }
    let folder = folder();
    let stage = Stage::new(bench, folder.path());
    let copy = stage.pairs(bench.rounds, Stage::copy, Stage::skopeo_copy);
    ratios("1 GiB, registry to registry", &copy, &[("CPU", 0.90), ("wall", 1.05)]);
    let push = stage.pairs(bench.rounds, Stage::push, Stage::skopeo_push);
    ratios("1 GiB, layout to registry", &push, &[("CPU", 0.80), ("wall", 0.85)]);
    let pull = stage.pairs(bench.rounds, Stage::pull, Stage::skopeo_pull);
    ratios("1 GiB, registry to layout", &pull, &[("CPU", 0.95), ("wall", 0.95)]);
    let runs = copy.iter().chain(&push).chain(&pull);
    let most = runs.map(|(ours, _)| ours.memory).fold(0.0, f64::max);
    line("1 GiB, most memory of all runs", most, MEMORY, "MiB");
    let pairs = stage.pairs(BOUNDARY_PAIRS, Stage::copy, Stage::native);
    ratios("1 GiB, through components vs without", &pairs, &[("CPU", 1.05)]);
    let spread = || pairs.iter().map(|(ours, other)| ours.cpu / other.cpu);
    let (least, most) = (spread().fold(f64::MAX, f64::min), spread().fold(0.0, f64::max));
    println!("    {BOUNDARY_PAIRS} pairs, {least:.3} to {most:.3}");
}

impl<'a> Stage<'a> {
    fn new(bench: &'a Bench, folder: &Path) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let source = bench.registry();
        let image = image();
        let layout = folder.join("layout");
        image.write_layout(&layout, "v1");
        runtime.block_on(Pusher::new(&source.url()).push(&image, "big", "v1"));
        Self { bench, runtime, source, layout, digest: image.top.digest.to_string() }
    }

    /// Runs both in turn, the other one first in every second pair.
    fn pairs(
        &self,
        count: usize,
        ours: fn(&Self) -> Figures,
        other: fn(&Self) -> Figures,
    ) -> Vec<(Figures, Figures)> {
        let pair = |number| {
            if number % 2 == 0 {
                let first = ours(self);
                (first, other(self))
            } else {
                let first = other(self);
                (ours(self), first)
            }
        };
        (0..count).map(pair).collect()
    }

    fn copy(&self) -> Figures {
        let from = format!("{}/big:v1", self.source.address());
        self.with_registry(|to, home| self.engine(home, &from, &format!("{to}/big:v1")))
    }

    fn skopeo_copy(&self) -> Figures {
        let from = format!("docker://{}/big:v1", self.source.address());
        self.with_registry(|to, home| self.skopeo(home, &from, &format!("docker://{to}/big:v1")))
    }

    fn native(&self) -> Figures {
        let from = format!("{}/big:v1", self.source.address());
        self.with_registry(|to, home| {
            let native = clean(&beside("native"), home, &[&from, &format!("{to}/big:v1")]);
            Figures::of(&native, home)
        })
    }

    fn push(&self) -> Figures {
        let from = format!("oci:{}:v1", self.layout.display());
        self.with_registry(|to, home| self.engine(home, &from, &format!("{to}/big:v1")))
    }

    fn skopeo_push(&self) -> Figures {
        let from = format!("oci:{}:v1", self.layout.display());
        self.with_registry(|to, home| self.skopeo(home, &from, &format!("docker://{to}/big:v1")))
    }

    fn pull(&self) -> Figures {
        let from = format!("{}/big:v1", self.source.address());
        self.with_layout(|home| self.engine(home, &from, "oci:out:v1"))
    }

    fn skopeo_pull(&self) -> Figures {
        let from = format!("docker://{}/big:v1", self.source.address());
        self.with_layout(|home| self.skopeo(home, &from, "oci:out:v1"))
    }

    fn with_registry(&self, run: impl Fn(String, &Path) -> Figures) -> Figures {
        let registry = self.bench.registry();
        let home = folder();
        let figures = run(registry.address().to_string(), home.path());
        let pusher = Pusher::new(&registry.url());
        let found = self.runtime.block_on(digest(&pusher, "big/manifests/v1"));
        assert_eq!(found, self.digest, "another image arrived");
        figures
    }

    fn with_layout(&self, run: impl Fn(&Path) -> Figures) -> Figures {
        let home = folder();
        let figures = run(home.path());
        let blobs = home.path().join("out/blobs/sha256");
        let sizes = fs::read_dir(&blobs)
            .expect("blobs")
            .map(|entry| entry.and_then(|entry| entry.metadata()).expect("a blob's size").len());
        assert!(sizes.sum::<u64>() > (LAYERS * LAYER_BYTES) as u64, "blobs are missing");
        let index = fs::read_to_string(home.path().join("out/index.json")).expect("an index");
        assert!(index.contains(&self.digest), "another image arrived");
        figures
    }

    fn engine(&self, home: &Path, from: &str, to: &str) -> Figures {
        let registry = |place: &str| {
            let host = place.split('/').next().filter(|_| !place.starts_with("oci:"))?;
            Some(format!("  \"{host}\": {{tls: {{verify: false}}}}\n"))
        };
        let registries: String = [from, to].into_iter().filter_map(registry).collect();
        let spec = format!(
            "apiVersion: engine/v1\nregistries:\n{registries}sources: {{big: {{from: \"{from}\"}}}}\n\
             sinks: {{out: {{inputs: [big], to: \"{to}\"}}}}\n"
        );
        fs::write(home.join("sync.yaml"), spec).expect("a spec");
        Figures::of(&self.bench.engine(home, &["run", "sync.yaml"]), home)
    }

    fn skopeo(&self, home: &Path, from: &str, to: &str) -> Figures {
        let insecure = |word: &str, at: &str| {
            at.starts_with("docker:").then(|| format!("--{word}-tls-verify=false"))
        };
        let flags: Vec<String> =
            insecure("src", from).into_iter().chain(insecure("dest", to)).collect();
        let mut arguments = vec!["copy"];
        arguments.extend(flags.iter().map(String::as_str));
        arguments.extend([from, to]);
        Figures::of(&self.bench.skopeo(home, &arguments), home)
    }
}

/// An image whose layers are random bytes in real gzip, stored: what tools do to the bytes on the
/// way does not depend on how well they compress.
fn image() -> Seeded {
    let mut seed = Seed::new(8);
    let layers: Vec<Layer> = (0..LAYERS).map(|_| Layer::stored(&mut seed, LAYER_BYTES)).collect();
    seed.image_of(Dialect::Oci, "linux/amd64", &layers)
}
