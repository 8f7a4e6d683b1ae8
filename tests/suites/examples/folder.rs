//! The files of an example, in a world of their own.

use engine_tests::registry::Registry;
use engine_tests::world::World;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Copies the files of an example into the working directory, and the plugins in it as components.
pub(super) fn bring(world: &World, example: &str) {
    let folder = root().join("examples").join(example);
    copy(&folder, &world.here());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.join("plugin.toml").exists() {
            let name = path.file_name().unwrap().to_str().unwrap();
            let there = world.here().join(format!("{name}.wasm"));
            fs::copy(engine_tests::guest::component(name), there).unwrap();
        }
    }
}

/// Makes registries of the test known to an example, which knows none of its own.
pub(super) fn plain(world: &World, registries: &[&Registry]) {
    let text = fs::read_to_string(world.here().join("sync.yaml")).unwrap();
    let known = registries.iter().map(|registry| {
        let at = registry.address();
        format!("  {at}: {{endpoint: \"http://{at}\"}}\n")
    });
    world.write("sync.yaml", &format!("{text}\nregistries:\n{}", known.collect::<String>()));
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else {
            fs::copy(&path, &there).unwrap();
        }
    }
}

pub(super) fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

pub(super) fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
