//! `make bench`: measures every performance target of the project, and prints for each the figure,
//! the target, and whether it is met. It judges nothing: a target that is missed fails no build.
//! What is measured, and how, stands in `specs/performance.md`.

mod bench;
mod big;
mod figures;
mod hostile;
mod judged;
mod many;
mod signed;
mod small;
mod start;
mod unchanged;
mod verdicts;

use bench::Bench;

/// What `--only` calls it, and what measures and prints it.
type Measurement = (&'static str, fn(&Bench));

fn main() {
    let bench = Bench::of(std::env::args().skip(1));
    println!("{}", bench.versions());
    let measurements: [Measurement; 9] = [
        ("start", start::measure),
        ("unchanged", unchanged::measure),
        ("signed", signed::measure),
        ("verdicts", verdicts::measure),
        ("hostile", hostile::measure),
        ("judged", judged::measure),
        ("many", many::measure),
        ("small", small::measure),
        ("big", big::measure),
    ];
    for (_, measure) in measurements.iter().filter(|(name, _)| bench.wants(name)) {
        measure(&bench);
    }
}
