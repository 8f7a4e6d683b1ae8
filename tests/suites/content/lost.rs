//! A registry that lost what it was believed to have.

use super::pair::Pair;
use engine_tests::images::{Dialect, Seed};
use engine_tests::registry::Options;

const COPY: &str = "sources: {app: {from: SOURCE/NAME:v1}}\n\
    sinks: {mirror: {inputs: [app], to: \"MIRROR/copy/{{ item.source.repo }}\"}}";

#[test]
fn a_mount_of_a_lost_blob_is_made_good_in_the_same_run() {
    let lossy = Options { trusts_mounts: true, ..Options::default() };
    let pair = Pair::of(Options::default(), lossy);
    let mut seed = Seed::new(830);
    let layers = seed.layers(&[400]);
    let images = ["one", "two", "three"].map(|name| {
        let image = seed.image_of(Dialect::Oci, "linux/amd64", &layers);
        pair.give(&image, name, "v1");
        (name, image)
    });
    let [(one, _), (two, second), (three, third)] = &images;
    drop(pair.run(&COPY.replace("NAME", one)).expect_success());
    pair.mirror.store().lose_blob(&layers[0].digest);
    drop(pair.run(&COPY.replace("NAME", two)).expect_success());
    assert_eq!(pair.mirrored("copy/two", "v1").as_ref(), Some(&second.top.digest));
    let report = pair.report();
    let item = &report["items"][0];
    assert_eq!((&item["attempts"], &item["status"]), (&2.into(), &"copied".into()), "{item}");
    assert_eq!(item["bytes"]["mounted"], 0, "it had to be sent: {item}");

    pair.mirror.journal().clear();
    drop(pair.run(&COPY.replace("NAME", three)).expect_success());
    assert_eq!(pair.mirrored("copy/three", "v1").as_ref(), Some(&third.top.digest));
    let asked = pair.mirror.journal().lines();
    assert!(asked.contains("from=copy%2Ftwo") || asked.contains("from=copy/two"), "{asked}");
    assert!(!asked.contains("copy/one") && !asked.contains("copy%2Fone"), "{asked}");
}
