//! What it costs to judge, change and sign: three components in the path of an image, and one signature
//! that is verified.

use crate::bench::{Bench, folder, line, ratios};
use crate::figures::{Figures, median};
use engine_tests::guest::component;
use engine_tests::images::{Dialect, Layer, Seed};
use engine_tests::registry::Registry;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use std::fs;
use std::path::Path;

/// Layers of the large image.
const LAYERS: usize = 4;
/// Bytes of a layer.
const LAYER_BYTES: usize = 64 << 20;
/// Pairs of runs.
const PAIRS: usize = 7;
/// Small images whose signatures are verified in one run.
const SIGNED: usize = 100;
/// Seconds of CPU that one signature may cost, its two requests included.
const PER_SIGNATURE: f64 = 0.005;

/// Prints both.
pub(crate) fn measure(bench: &Bench) {
    in_the_path(bench);
    verifying(bench);
}

/// A key without a passphrase, and its public half: opening one that is encrypted is slow on purpose.
pub(crate) fn keys(folder: &Path) {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    fs::write(folder.join("release.key"), pair.serialize_pem()).expect("a key file");
    fs::write(folder.join("release.pub"), pair.public_key_pem()).expect("a key file");
}

/// The same copy with a policy, a transform and a signer, and without.
fn in_the_path(bench: &Bench) {
    let (source, home) = (Registry::open(), folder());
    keys(home.path());
    let mut seed = Seed::new(9);
    let layers: Vec<Layer> = (0..LAYERS).map(|_| Layer::stored(&mut seed, LAYER_BYTES)).collect();
    seed.image_of(Dialect::Oci, "linux/amd64", &layers).push_into(&source, "team/app", "v1");
    let label = component("transform-label");
    let steps = format!(
        "keys: {{release: {{file: release.key}}}}\n\
         plugins: {{label: {{from: {}}}}}\n\
         filters: {{ruled: {{inputs: [all], policy: {{default: deny, rules: [{{allow: {{largerThan: 1MiB}}}}]}}}}}}\n\
         transforms:\n  labelled: {{inputs: [ruled], plugin: label, with: {{set: {{org.example.mirrored: \"yes\"}}}}}}\n  \
         signed: {{inputs: [labelled], sign: {{key: release}}}}\n",
        label.display()
    );
    let run = |steps: &str, input: &str| {
        let sink = Registry::open();
        let figures = mirror(bench, home.path(), (&source, &sink), steps, input);
        let arrived = sink.store().tags("team/app").iter().any(|(tag, _)| tag == "v1");
        assert!(arrived, "no image");
        figures
    };
    run(&steps, "signed"); // The component that is not built in is compiled here, once.
    let pairs: Vec<_> = (0..PAIRS).map(|_| (run(&steps, "signed"), run("", "all"))).collect();
    ratios("256 MiB, policy, transform and signer vs none", &pairs, &[("CPU", 1.05)]);
}

/// A mirror of signed images that verifies each, and one that does not.
fn verifying(bench: &Bench) {
    let (bare, source, home) = (Registry::open(), Registry::open(), folder());
    keys(home.path());
    let mut seed = Seed::new(10);
    for tag in 0..SIGNED {
        let layers = [seed.layer(1000)];
        let image = seed.image_of(Dialect::Oci, "linux/amd64", &layers);
        image.push_into(&bare, "team/app", &format!("v{tag}"));
    }
    let sign = "keys: {release: {file: release.key}}\n\
        transforms: {signed: {inputs: [all], sign: {key: release}}}\n";
    mirror(bench, home.path(), (&bare, &source), sign, "signed");
    let verify = "keys: {release: {file: release.pub}}\n\
        filters: {trusted: {inputs: [all], verify: {keys: [release]}}}\n";
    let run = |steps: &str, input: &str| {
        mirror(bench, home.path(), (&source, &Registry::open()), steps, input).cpu
    };
    let costs = (0..PAIRS).map(|_| run(verify, "trusted") - run("", "all"));
    #[expect(clippy::cast_precision_loss, reason = "a hundred images")]
    let each = median(costs) / SIGNED as f64;
    line("one signature verified, its requests included: CPU", each, PER_SIGNATURE, "s");
}

fn mirror(
    bench: &Bench,
    home: &Path,
    (from, to): (&Registry, &Registry),
    steps: &str,
    input: &str,
) -> Figures {
    let registry =
        |registry: &Registry| format!("  \"{}\": {{tls: {{verify: false}}}}\n", registry.address());
    let spec = format!(
        "apiVersion: engine/v1\nrun: {{state: none}}\nregistries:\n{}{}\
         sources: {{all: {{from: \"{}/team/app\"}}}}\n{steps}\
         sinks: {{out: {{inputs: [{input}], to: \"{}/team/app:{{{{ item.tag }}}}\"}}}}\n",
        registry(from),
        registry(to),
        from.address(),
        to.address()
    );
    fs::write(home.join("sync.yaml"), spec).expect("a spec");
    Figures::of(&bench.engine(home, &["run", "sync.yaml"]), home)
}
