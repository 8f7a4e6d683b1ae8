//! A small spec with its images.

use engine_tests::images::Seed;
use engine_tests::world::World;

/// A spec that copies one of two tags from one layout into another.
pub(super) const SPEC: &str = "\
apiVersion: engine/v1
metadata: {name: small}
run: {state: none}
sources:
  app: {from: oci:images, tags: {semver: \">=1\", latest: 1}}
sinks:
  out: {inputs: [app], to: \"oci:out:{{ item.tag }}\"}
";

/// Brings the spec and the images that it names.
pub(super) fn small(world: &World) {
    let mut seed = Seed::new(1000);
    for tag in ["1.0", "1.1"] {
        seed.image(&[300]).write_layout(&world.here().join("images"), tag);
    }
    world.write("sync.yaml", SPEC);
}
