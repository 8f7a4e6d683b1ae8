//! What a verdict costs: two short calls of the component, and no request.

use engine_tests::judging::Judging;

const VERDICTS: u32 = 10_000;

/// The target, 1 s, is for a release build on an idle machine, see `make bench`. A test on a busy one
/// holds twenty times as much, which still tells an instance per call from a compilation per call.
#[tokio::test]
async fn ten_thousand_verdicts() {
    let took = Judging::load().await.verdicts(VERDICTS).await;
    println!("{VERDICTS} verdicts in {took:?}, {:?} each", took / VERDICTS);
    assert!(took.as_secs() < 20, "{took:?}");
}
