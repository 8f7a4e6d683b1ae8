//! What rules cost that let everything pass.

use crate::bench::{Bench, line};
use crate::figures::median;
use engine_tests::judging::Judging;

const VERDICTS: u32 = 10_000;
/// Rounds of them.
const RUNS: usize = 5;

/// Prints how long ten thousand verdicts of `policy-rules` take.
pub(crate) fn measure(_: &Bench) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let judging = runtime.block_on(Judging::load());
    let took = median((0..RUNS).map(|_| {
        let verdicts = judging.verdicts(VERDICTS);
        runtime.block_on(verdicts).as_secs_f64()
    }));
    line("verdicts: 10,000 by policy-rules", took, 1.0, "s");
}
