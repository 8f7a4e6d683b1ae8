//! How long the engine takes to begin, in a home where nothing is.

use crate::bench::{Bench, folder, line};
use crate::figures::{Figures, median};
use std::path::Path;

/// Runs of each.
const RUNS: usize = 9;

/// Prints how long `--version` and `check` take.
pub(crate) fn measure(bench: &Bench) {
    let quickstart = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/quickstart/sync.yaml");
    let spec = quickstart.to_str().expect("a path as text");
    let took = |arguments: &[&str]| {
        median((0..RUNS).map(|_| {
            let home = folder();
            1000.0 * Figures::of(&bench.engine(home.path(), arguments), home.path()).wall
        }))
    };
    line("start: engine --version", took(&["--version"]), 10.0, "ms");
    line("start: engine check examples/quickstart/sync.yaml", took(&["check", spec]), 50.0, "ms");
}
