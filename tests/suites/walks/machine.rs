//! What runs components is made once for all runs of a process.

use engine::run::{self, SharedMachine};
use engine_tests::images::Seed;
use engine_tests::walk::Walk;

const SPEC: &str = "\
apiVersion: engine/v1
run: {state: none}
sources: {app: {from: \"oci:images:1.0\"}}
sinks: {out: {inputs: [app], to: \"dir:out\"}}
";

/// A walk with this machine, and its images.
fn walk(machine: &SharedMachine) -> Walk {
    let mut walk = Walk::new(SPEC);
    walk.machine = machine.clone();
    Seed::new(1420).image(&[300]).write_layout(&walk.folder().join("images"), "1.0");
    walk
}

#[test]
fn two_runs_of_a_process_make_the_machine_once() {
    let lent = SharedMachine::default();
    assert_eq!((lent.times_made(), lent.components_loaded()), (0, 0), "before it is needed");
    assert_eq!(walk(&lent).run().summary.copied, 1);
    let loaded = lent.components_loaded();
    assert_eq!((lent.times_made(), loaded), (1, 2), "the transports of both ends");
    assert_eq!(walk(&lent).run().summary.copied, 1, "another folder, and so other grants");
    assert_eq!((lent.times_made(), lent.components_loaded()), (1, loaded));
}

#[test]
fn a_check_makes_none() {
    let walk = Walk::new(SPEC);
    run::check(&walk.request()).unwrap();
    assert_eq!(walk.machine.times_made(), 0);
}
