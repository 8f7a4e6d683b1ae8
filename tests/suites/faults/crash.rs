//! SIGKILL at random moments: content without names may stay behind, names without content never,
//! and the run after it ends right.
//!
//! One run writes into a registry that checks nothing, an OCI layout and a `dir:` at once, and into
//! the registry a second time with layers that are compressed anew. A third
//! of the kills waits for an open upload, a third for a manifest whose tag is not there yet, and a
//! third for nothing.

use engine_oci::Digest;
use engine_tests::audit::Audited;
use engine_tests::fault::{Fault, Proxy, Rule};
use engine_tests::images::{Dialect, Seed, Seeded};
use engine_tests::registry::{Options, Registry};
use engine_tests::world;
use engine_tests::world::{Process, World};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Kills without `ENGINE_TESTS_KILLS`; 200 are what a release must survive.
const KILLS: usize = 40;

/// How long the destination thinks about each PUT, so that there is something to aim at.
const SLOW: Duration = Duration::from_millis(15);

/// What a kill waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    Anytime,
    Upload,
    Untagged,
}

/// In what state a kill left the registry.
#[derive(Debug, Default)]
struct Hit {
    upload: bool,
    untagged: bool,
}

/// What is copied: repository, tag, image. The last one goes into the directory.
struct Originals {
    registry: Registry,
    images: Vec<(&'static str, &'static str, Seeded)>,
    /// What the compressed images come to, as the run says that nothing disturbs.
    packed: OnceLock<Vec<(String, Digest)>>,
}

impl Originals {
    fn new() -> Self {
        let mut seed = Seed::new(90);
        let base = seed.layers(&[200_000]);
        let index =
            |seed: &mut Seed| seed.index_of(Dialect::Oci, &["linux/amd64", "linux/arm64"], &base);
        let images = vec![
            ("team/app", "v1", index(&mut seed)),
            ("team/app", "v2", index(&mut seed)),
            ("team/api", "v1", seed.image(&[50_000, 60_000, 70_000])),
            ("one", "v1", seed.image(&[80_000, 90_000])),
        ];
        let registry = Registry::open();
        for (repository, tag, image) in &images {
            image.push_into(&registry, repository, tag);
        }
        Self { registry, images, packed: OnceLock::new() }
    }

    fn folder_image(&self) -> &Seeded {
        &self.images.last().expect("there are four").2
    }

    /// Those that go into the registry and the layout.
    fn named(&self) -> &[(&'static str, &'static str, Seeded)] {
        &self.images[..self.images.len() - 1]
    }
}

/// One world with its destinations.
struct Scene<'a> {
    originals: &'a Originals,
    registry: Registry,
    proxy: Proxy,
    world: World,
}

impl<'a> Scene<'a> {
    fn new(originals: &'a Originals) -> Self {
        let registry = Registry::start(Options { checks_nothing: true, ..Options::default() });
        let slow = ["/v2/*/blobs/uploads/*", "/v2/*/manifests/*"]
            .map(|path| Rule::on("PUT", path, Fault::Delay(SLOW)).always());
        let proxy = Proxy::start(registry.address(), slow.into());
        let world = world!();
        world.write("sync.yaml", &spec(&originals.registry.url(), &proxy.url()));
        Self { originals, registry, proxy, world }
    }

    fn start(&self) -> Process {
        self.world.start(&["run", "sync.yaml"])
    }

    /// Kills a run. `None` when it ended before.
    fn kill(&self, aim: Aim, pause: Duration) -> Option<Hit> {
        let mut process = self.start();
        let begun = Instant::now();
        while aim != Aim::Anytime && !self.is_hit(aim) {
            if process.has_ended() {
                return None;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{aim:?} never came");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(pause);
        if process.has_ended() {
            return None;
        }
        let killed = process.kill();
        if killed.code == 0 {
            // It ended between the look and the kill.
            return None;
        }
        assert_eq!(killed.code, 128 + 9, "{killed:?}");
        Some(Hit { upload: self.is_hit(Aim::Upload), untagged: self.is_hit(Aim::Untagged) })
    }

    fn is_hit(&self, aim: Aim) -> bool {
        let store = self.registry.store();
        match aim {
            Aim::Anytime => true,
            Aim::Upload => store.open_uploads() > 0,
            Aim::Untagged => self.originals.named().iter().any(|(repository, tag, image)| {
                let tagged = store.tags(repository).iter().any(|(name, _)| name == tag);
                let mut manifests = image.manifests.iter();
                let has = |digest: &str| store.manifest(repository, digest).is_some();
                !tagged && manifests.any(|manifest| has(manifest.digest.as_str()))
            }),
        }
    }

    /// No name is without its content.
    fn audit(&self, when: &str) {
        let (layout, folder) = (self.world.here().join("layout"), self.world.here().join("folder"));
        for (what, audited) in [
            ("registry", Audited::Registry(&self.registry)),
            ("layout", Audited::Layout(&layout)),
            ("folder", Audited::Directory(&folder)),
        ] {
            let found = audited.violations_after_a_kill();
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert!(found.is_empty(), "{when}, the {what}:\n{}", found.join("\n"));
        }
    }

    /// Everything is there.
    fn assert_complete(&self) {
        self.audit("after the next run");
        for (repository, tag, image) in self.originals.named() {
            let tags = self.registry.store().tags(repository);
            let found = tags.iter().find(|(name, _)| name == tag).map(|(_, digest)| digest);
            assert_eq!(found, Some(&image.top.digest), "{repository}:{tag}");
        }
        let index = std::fs::read_to_string(self.world.here().join("layout/index.json")).unwrap();
        for (repository, tag, image) in self.originals.named() {
            let name = format!("{repository}:{tag}");
            assert!(index.contains(&format!("\"{name}\"")), "{name} is not in {index}");
            assert!(index.contains(image.top.digest.as_str()), "{name} is another one");
        }
        let packed = ["packed/team/app", "packed/team/api"]
            .iter()
            .flat_map(|repository| self.registry.store().tags(repository).into_iter());
        let packed: Vec<(String, Digest)> = packed.collect();
        assert_eq!(packed.len(), self.originals.named().len(), "each is compressed");
        assert_eq!(&packed, self.originals.packed.get_or_init(|| packed.clone()));
        let folder = std::fs::read(self.world.here().join("folder/manifest.json")).unwrap();
        assert_eq!(folder, **self.originals.folder_image().top_bytes());
    }
}

fn spec(source: &str, copy: &str) -> String {
    format!(
        "apiVersion: engine/v1
run: {{pause: 20ms, state: state.sqlite}}
registries:
  source.test: {{endpoint: \"{source}\"}}
  copy.test: {{endpoint: \"{copy}\"}}
sources:
  team: {{from: [source.test/team/app, source.test/team/api]}}
  one: {{from: [\"source.test/one:v1\"]}}
transforms:
  packed: {{inputs: [team], compress: {{codec: zstd}}}}
sinks:
  smaller: {{inputs: [packed], to: \"copy.test/packed/{{{{ item.source.repo }}}}:{{{{ item.tag }}}}\"}}
  copy: {{inputs: [team], to: \"copy.test/{{{{ item.source.repo }}}}:{{{{ item.tag }}}}\"}}
  layout: {{inputs: [team], to: \"oci:layout:{{{{ item.source.repo }}}}:{{{{ item.tag }}}}\"}}
  folder: {{inputs: [one], to: \"dir:folder\"}}
"
    )
}

#[test]
fn killed_at_any_moment_and_run_again() {
    let kills = number("ENGINE_TESTS_KILLS").map_or(KILLS, |kills| kills.try_into().unwrap());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let number = number("ENGINE_TESTS_SEED").unwrap_or(now.as_secs());
    println!("{kills} kills from ENGINE_TESTS_SEED={number}");
    let originals = Originals::new();
    let whole = Scene::new(&originals);
    let took = whole.start().wait(Duration::from_mins(1)).expect_success().took;
    whole.assert_complete();
    let aims = [Aim::Anytime, Aim::Upload, Aim::Untagged];
    let rounds: Vec<usize> = (0..kills).collect();
    let hits: Vec<Hit> = std::thread::scope(|scope| {
        let threads: Vec<_> = rounds
            .chunks(kills.div_ceil(4))
            .map(|rounds| {
                let originals = &originals;
                scope.spawn(move || {
                    let kill = |round: &usize| {
                        let seed = Seed::new(number.wrapping_add(*round as u64));
                        one(originals, aims[round % 3], seed, took)
                    };
                    rounds.iter().map(kill).collect::<Vec<Hit>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a round failed")).collect()
    });
    let uploads = hits.iter().filter(|hit| hit.upload).count();
    let untagged = hits.iter().filter(|hit| hit.untagged).count();
    eprintln!("{kills} kills: {uploads} in an open upload, {untagged} between manifest and tag");
    assert!(uploads * 4 >= kills, "only {uploads} of {kills} kills hit an open upload");
    assert!(untagged * 10 >= kills, "only {untagged} of {kills} kills hit a missing tag");
}

/// One kill, and the run after it.
fn one(originals: &Originals, aim: Aim, mut seed: Seed, took: Duration) -> Hit {
    let longest = if aim == Aim::Anytime { took } else { SLOW };
    for _ in 0..20 {
        let scene = Scene::new(originals);
        let micros = seed.below(usize::try_from(longest.as_micros()).unwrap_or(1).max(1));
        let pause = Duration::from_micros(micros as u64);
        let Some(hit) = scene.kill(aim, pause) else { continue };
        scene.audit(&format!("killed by {aim:?} and {pause:?}"));
        scene.proxy.clear();
        let again = scene.start().wait(Duration::from_mins(1));
        assert_eq!(again.code, 0, "the run after {aim:?} and {pause:?}: {again:?}");
        scene.assert_complete();
        return hit;
    }
    panic!("20 runs ended before {aim:?} came");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}
