//! Seeded images are the same for ever and complete.

use engine_tests::audit::Audited;
use engine_tests::images::{Dialect, Seed, Seeded};
use engine_tests::registry::Registry;

/// One of every kind, each from its own seed.
pub(super) fn every_kind() -> Vec<(&'static str, Seeded)> {
    let subject = Seed::new(1).image(&[1000, 2000]);
    let platforms = ["linux/amd64", "linux/arm/v7"];
    vec![
        ("image", subject.clone()),
        ("docker", Seed::new(2).docker_image(&[1000])),
        ("index", Seed::new(3).index(Dialect::Oci, &platforms, &[1000, 500])),
        ("list", Seed::new(4).index(Dialect::Docker, &platforms, &[1000])),
        ("attested", Seed::new(5).attested(&platforms, &[1000])),
        ("nested", Seed::new(6).nested(&[1000])),
        (
            "referrer",
            Seed::new(7).referrer(&subject, "application/spdx+json").with(subject.clone()),
        ),
        ("signed", subject.clone().with(Seed::new(8).cosign(&subject))),
        ("artifact", Seed::new(9).artifact()),
        ("foreign", Seed::new(10).foreign(Dialect::Docker, &[1000])),
        ("empty", Seed::new(11).image(&[])),
    ]
}

#[test]
fn the_same_seed_gives_the_same_digests() {
    let digests: Vec<String> = every_kind()
        .iter()
        .map(|(kind, seeded)| format!("{kind} {}", seeded.top.digest.short()))
        .collect();
    insta::assert_snapshot!(digests.join("\n"), @r"
    image 04fca301bbcb
    docker d0be86e0e36f
    index 01d55001b3eb
    list 0ad7a17111f5
    attested 70cf864ebd82
    nested eafb557b094f
    referrer d40a3d22027e
    signed 04fca301bbcb
    artifact c15fa8f97572
    foreign 89794fdfdd34
    empty 8b919fb939a9
    ");
}

#[test]
fn every_kind_is_complete_in_memory_and_on_disk() {
    let registry = Registry::open();
    let folder = tempfile::tempdir().unwrap();
    for (kind, seeded) in every_kind() {
        seeded.push_into(&registry, kind, "v1");
        seeded.write_layout(folder.path(), kind);
    }
    Audited::Registry(&registry).assert_sound();
    Audited::Layout(folder.path()).assert_sound();
    assert_eq!(registry.store().tags("signed").len(), 2);
}

#[test]
fn platforms_share_the_first_layer_only() {
    let seeded = Seed::new(3).index(Dialect::Oci, &["linux/amd64", "linux/arm64"], &[1000, 500]);
    assert_eq!(seeded.manifests.len(), 3);
    assert_eq!(seeded.blobs.len(), 1 + 2 + 2, "a base layer, two own layers, two configs");
}
