//! The in-memory registry as a process of its own, for runs whose memory or time is measured.
//!
//! `registry [--tags N] [--repositories N] [--platforms N] [--layer BYTES]` prints its address as
//! the first line of stdout and serves until its stdin ends.

use engine_tests::images::{Dialect, Layer, Seed, Seeded};
use engine_tests::registry::{Options, Registry};
use std::io::Read;

const PLATFORMS: [&str; 4] = ["linux/amd64", "linux/arm64", "linux/s390x", "linux/ppc64le"];

struct Wanted {
    tags: usize,
    repositories: usize,
    platforms: usize,
    layer_bytes: usize,
}

fn main() {
    let wanted = wanted(std::env::args().skip(1));
    let registry = Registry::start(Options::default());
    let mut seed = Seed::new(1);
    // Every image has the same layer, as images of one team share a base: what is measured is
    // the number of tags, and 10,000 layers of their own would be this process' memory.
    let layer = [seed.layer(wanted.layer_bytes)];
    for repository in 0..wanted.repositories {
        for tag in 0..wanted.tags {
            let seeded = image(&mut seed, &wanted, &layer);
            seeded.push_into(&registry, &format!("team/app-{repository}"), &format!("v{tag}"));
        }
    }
    println!("{}", registry.address());
    std::io::stdin().read_to_end(&mut Vec::new()).expect("stdin can be waited for");
    let journal = registry.journal();
    eprintln!("{} requests, {} at once", journal.count(|_| true), journal.most_at_once());
}

fn image(seed: &mut Seed, wanted: &Wanted, layer: &[Layer]) -> Seeded {
    match wanted.platforms {
        1 => seed.image_of(Dialect::Oci, PLATFORMS[0], layer),
        platforms => seed.index_of(Dialect::Oci, &PLATFORMS[..platforms], layer),
    }
}

fn wanted(mut words: impl Iterator<Item = String>) -> Wanted {
    let mut wanted = Wanted { tags: 0, repositories: 1, platforms: 1, layer_bytes: 1000 };
    while let Some(flag) = words.next() {
        let field = match flag.as_str() {
            "--tags" => &mut wanted.tags,
            "--repositories" => &mut wanted.repositories,
            "--platforms" => &mut wanted.platforms,
            "--layer" => &mut wanted.layer_bytes,
            other => panic!("unknown flag {other}"),
        };
        let number = words.next().and_then(|word| word.parse().ok());
        *field = number.unwrap_or_else(|| panic!("{flag} takes a number"));
    }
    assert!((1..=PLATFORMS.len()).contains(&wanted.platforms), "1 to 4 platforms");
    wanted
}
