//! Every spec that people read.

use super::folder::{bring, extension, root};
use engine_tests::world;
use std::fs;

#[test]
fn every_spec_that_people_read_is_right() {
    let mut seen = 0;
    for file in ["README.md", "specs/spec.md"] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        for spec in text.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next()) {
            if !spec.contains("apiVersion:") {
                continue;
            }
            let world = world!();
            world.write("sync.yaml", spec);
            let checked = world.run(&["check", "sync.yaml"]);
            assert_eq!(checked.code, 0, "{file}\n{}", checked.stderr);
            seen += 1;
        }
    }
    assert!(seen >= 2, "the README and the specification each have a spec");
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        // The tutorial's specs need its plugins: `authors::tutorial` runs them.
        if !folder.is_dir() || folder.ends_with("write-a-plugin") {
            continue;
        }
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let world = world!().with("MIRROR_PASSWORD", "x").with("ENGINE_KEY_PASSPHRASE", "x");
        bring(&world, &name);
        let keys = ["key", "generate", "--output-prefix", "release"];
        drop(world.run(&keys).expect_success());
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        let specs: Vec<String> = entries.map(|file| file.into_string().unwrap()).collect();
        let specs: Vec<&String> = specs.iter().filter(|file| extension(file) == "yaml").collect();
        assert!(!specs.is_empty(), "{name} has no spec");
        for spec in specs {
            let checked = world.run(&["check", spec]);
            assert_eq!(checked.code, 0, "{name}/{spec}\n{}", checked.stderr);
        }
    }
}
