//! No guest without a test.

use std::path::Path;

/// The sources of this suite.
const SUITE: [&str; 16] = [
    include_str!("archive.rs"),
    include_str!("bounds.rs"),
    include_str!("depths.rs"),
    include_str!("forged.rs"),
    include_str!("giants.rs"),
    include_str!("hoards.rs"),
    include_str!("lies.rs"),
    include_str!("logins.rs"),
    include_str!("memory.rs"),
    include_str!("races.rs"),
    include_str!("secrets.rs"),
    include_str!("smuggling.rs"),
    include_str!("waits.rs"),
    include_str!("walls.rs"),
    include_str!("../policy/wild.rs"),
    include_str!("../signing/anything.rs"),
];

#[test]
fn every_guest_has_a_test_of_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests");
    let mut guests = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.join("plugin.toml").exists() {
            continue;
        }
        guests += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let test = format!("fn {}(", name.replace('-', "_"));
        assert!(SUITE.iter().any(|text| text.contains(&test)), "the guest {name} has no test");
        assert!(engine_tests::guest::component(name).exists(), "the guest {name} was not built");
    }
    assert!(guests >= 20, "{guests} guests");
}
