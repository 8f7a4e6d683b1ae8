//! What it costs to find that nothing is to do where images are signed or verified, in requests.

use crate::bench::{Bench, folder, line};
use crate::figures::Figures;
use crate::judged::keys;
use engine_tests::images::Seed;
use engine_tests::registry::{Journal, Registry};
use std::fs;

/// Tags of the repository.
const TAGS: usize = 50;
/// Requests beyond those for tags: lists, and whether a registry is there.
const BEYOND: usize = 6;

/// Signs and verifies, does it again, and counts.
pub(crate) fn measure(bench: &Bench) {
    let (build, home) = (Registry::open(), folder());
    keys(home.path());
    let mut seed = Seed::new(12);
    for tag in 0..TAGS {
        seed.image(&[1000]).push_into(&build, "team/app", &format!("v{tag}"));
    }
    let sign = "keys: {release: {file: release.key}}\n\
        transforms: {done: {inputs: [all], sign: {key: release}}}\n";
    let verify = "keys: {release: {file: release.pub}}\n\
        filters: {done: {inputs: [all], verify: {keys: [release]}}}\n";
    let signed = Registry::open();
    let count = |name: &str, (from, to): (&Registry, &Registry), steps: &str, per_tag: usize| {
        let spec = spec((from, to), steps, name.ends_with("no state"));
        fs::write(home.path().join("sync.yaml"), spec).expect("a spec");
        let run = || Figures::of(&bench.engine(home.path(), &["run", "sync.yaml"]), home.path());
        run();
        let all = || [from, to].into_iter().map(Registry::journal);
        all().for_each(Journal::clear);
        run();
        let requests: usize = all().map(|journal| journal.count(|_| true)).sum();
        let writes: usize = all().map(Journal::writes).sum();
        let name = format!("unchanged, {TAGS} tags: {name}");
        #[expect(clippy::cast_precision_loss, reason = "a few hundred requests")]
        let [requests, most, writes] =
            [requests, per_tag * TAGS + BEYOND, writes].map(|n| n as f64);
        line(&name, requests, most, "requests");
        line(&format!("{name}: writes"), writes, 0.0, "requests");
    };
    count("sign, no state", (&build, &signed), sign, 3);
    count("sign", (&build, &Registry::open()), sign, 2);
    count("verify, no state", (&signed, &Registry::open()), verify, 2);
}

fn spec((from, to): (&Registry, &Registry), steps: &str, forgets: bool) -> String {
    let [from, to] = [from, to].map(Registry::address);
    let state = if forgets { "run: {state: none}\n" } else { "" };
    format!(
        "apiVersion: engine/v1\n{state}registries:\n  \"{from}\": {{tls: {{verify: false}}}}\n  \
         \"{to}\": {{tls: {{verify: false}}}}\n\
         sources: {{all: {{from: \"{from}/team/app\", tags: {{include: \"^v\"}}}}}}\n{steps}\
         sinks: {{out: {{inputs: [done], to: \"{to}/team/app:{{{{ item.tag }}}}\"}}}}\n"
    )
}
