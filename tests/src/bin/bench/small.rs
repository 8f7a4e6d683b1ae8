//! A sync of many small images beside Skopeo's, with and without a line of 20 ms.

use crate::bench::{Bench, folder, ratios};
use crate::figures::Figures;
use engine_tests::fault::Line;
use engine_tests::images::{Dialect, Pusher, Seed, Seeded};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Tags of the repository.
const TAGS: usize = 30;
/// Bytes of a layer before gzip.
const LAYER_BYTES: usize = 64 * 1024;
/// The round trip of a line.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// What the first and the second sync of one tool cost.
struct Both {
    cold: Figures,
    again: Figures,
}

/// Which program syncs.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Engine,
    Skopeo,
}

/// Syncs cold and again with both tools.
pub(crate) fn measure(bench: &Bench) {
    if !bench.has_tools("sync of small images") {
        return;
    }
    let runtime = Runtime::new().expect("a runtime");
    let images = images();
    let source = bench.registry();
    runtime.block_on(async {
        let pusher = Pusher::new(&source.url());
        for (number, image) in images.iter().enumerate() {
            pusher.push(image, "small", &format!("v{number}")).await;
        }
    });
    let far = Line::start(source.address(), ROUND_TRIP);
    let near = [("cold", 0.40, 0.25), ("again", 0.25, 0.15)];
    let distant = [("cold", 0.06, 0.25), ("again", 0.03, 0.15)];
    for (place, from, delay, targets) in [
        ("no delay", source.address(), Duration::ZERO, near),
        ("20 ms", far.address(), ROUND_TRIP, distant),
    ] {
        let sync = |who| sync(bench, &runtime, &images, (from, delay, who));
        let pairs: Vec<(Both, Both)> = (0..bench.rounds)
            .map(|round| {
                if round % 2 == 0 {
                    let ours = sync(Who::Engine);
                    (ours, sync(Who::Skopeo))
                } else {
                    let other = sync(Who::Skopeo);
                    (sync(Who::Engine), other)
                }
            })
            .collect();
        for (when, wall, cpu) in targets {
            let of = |both: &Both| if when == "cold" { both.cold } else { both.again };
            let pairs: Vec<_> = pairs.iter().map(|(a, b)| (of(a), of(b))).collect();
            let name = format!("sync of {TAGS} small tags, {place}, {when}, vs skopeo sync");
            ratios(&name, &pairs, &[("wall", wall), ("CPU", cpu)]);
        }
    }
}

/// Three layers each, one of them shared by all.
fn images() -> Vec<Seeded> {
    let mut seed = Seed::new(30);
    let shared = seed.layer(LAYER_BYTES);
    let mut image = || {
        let layers = [shared.clone(), seed.layer(LAYER_BYTES), seed.layer(LAYER_BYTES)];
        seed.image_of(Dialect::Oci, "linux/amd64", &layers)
    };
    (0..TAGS).map(|_| image()).collect()
}

/// Syncs into a registry of its own, twice, and checks what is there.
fn sync(
    bench: &Bench,
    runtime: &Runtime,
    images: &[Seeded],
    (from, delay, who): (SocketAddr, Duration, Who),
) -> Both {
    let registry = bench.registry();
    let line = (!delay.is_zero()).then(|| Line::start(registry.address(), delay));
    let to = line.as_ref().map_or(registry.address(), Line::address);
    let home = folder();
    let run = || match who {
        Who::Engine => engine(bench, home.path(), from, to),
        Who::Skopeo => skopeo(bench, home.path(), from, to),
    };
    let both = Both { cold: run(), again: run() };
    let pusher = Pusher::new(&registry.url());
    for (number, image) in images.iter().enumerate() {
        let found = runtime.block_on(digest(&pusher, &format!("mirror/small/manifests/v{number}")));
        assert_eq!(found, image.top.digest.as_str(), "the mirror has another image");
    }
    both
}

fn engine(bench: &Bench, home: &Path, from: SocketAddr, to: SocketAddr) -> Figures {
    let spec = format!(
        "apiVersion: engine/v1\nregistries:\n  \"{from}\": {{tls: {{verify: false}}}}\n  \
         \"{to}\": {{tls: {{verify: false}}}}\nsources: {{small: {{from: \"{from}/small\"}}}}\n\
         sinks:\n  mirror: {{inputs: [small], to: \"{to}/mirror/small:{{{{ item.tag }}}}\"}}\n"
    );
    fs::write(home.join("sync.yaml"), spec).expect("a spec");
    Figures::of(&bench.engine(home, &["run", "sync.yaml"]), home)
}

fn skopeo(bench: &Bench, home: &Path, from: SocketAddr, to: SocketAddr) -> Figures {
    let list = format!("\"{from}\":\n  tls-verify: false\n  images:\n    small: []\n");
    fs::write(home.join("list.yaml"), list).expect("a list");
    let to = format!("{to}/mirror");
    let arguments = [
        "sync",
        "--all",
        "--src",
        "yaml",
        "--dest",
        "docker",
        "--dest-tls-verify=false",
        "list.yaml",
        &to,
    ];
    Figures::of(&bench.skopeo(home, &arguments), home)
}

/// The digest of what a registry has at a path; panics when it has nothing.
pub(crate) async fn digest(pusher: &Pusher, path: &str) -> String {
    let request = pusher.request(reqwest::Method::HEAD, &format!("/v2/{path}"));
    let accepts = "application/vnd.oci.image.manifest.v1+json";
    let answer = request.header("accept", accepts).send().await.expect("an answer to HEAD");
    assert!(answer.status().is_success(), "HEAD of {path}: {}", answer.status());
    answer.headers()["docker-content-digest"].to_str().expect("a digest").to_owned()
}
