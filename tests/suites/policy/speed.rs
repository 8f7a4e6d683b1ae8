//! What a verdict costs: two short calls of the component, and no request.

use engine_tests::judging::Judging;
use std::time::Duration;

const VERDICTS: u32 = 1_000;

/// The target, 0.1 ms, is for a release build on an idle machine, see `make bench`. Here nothing is
/// optimized and other tests run beside it: a call with an instance of its own takes 2 ms or 3 then, one
/// with a compilation of its own hundreds.
const LONGEST: Duration = Duration::from_millis(20);

#[tokio::test]
async fn a_verdict_costs_an_instance_and_no_compilation() {
    let each = Judging::load().await.verdicts(VERDICTS).await / VERDICTS;
    println!("{VERDICTS} verdicts of {each:?}");
    assert!(each < LONGEST, "{each:?} for each");
}
