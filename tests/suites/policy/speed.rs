//! What a verdict costs: two short calls of the component, and no request.

use engine_tests::judging::Judging;
use std::time::Instant;

const VERDICTS: u32 = 1_000;

/// The target, 0.1 ms, is for a release build on an idle machine, see `make bench`. Here nothing is
/// optimized and others run beside it, so a verdict is compared with the load that went before it in
/// the same process: it tells an instance for each call from a compilation for each call.
#[tokio::test]
async fn a_verdict_costs_a_fraction_of_a_compilation() {
    let began = Instant::now();
    let judging = Judging::load().await;
    let compiling = began.elapsed();
    let each = judging.verdicts(VERDICTS).await / VERDICTS;
    println!("compiled in {compiling:?}, {VERDICTS} verdicts of {each:?}");
    assert!(each * 4 < compiling, "{each:?} for each, {compiling:?} for the compilation");
}
