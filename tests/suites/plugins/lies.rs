//! Guests whose answers are not true: what they say is checked on the bytes.

use super::play::Play;
use engine::diagnostic::{Kind, Retry};
use engine::oci::{Descriptor, Digest};
use engine::role::{Selector, Side};
use engine_tests::guest::Alone;
use serde_json::json;

#[test]
fn liar() {
    let lies = ["digest", "bytes", "large"];
    let lies: Vec<_> = lies.iter().map(|lie| (*lie, *lie)).collect();
    Play::of("liar", "resolve", &lies).run().expect(&[
        ("digest", "stream::digest-mismatch"),
        ("bytes", "stream::digest-mismatch"),
        ("large", "host::lied"),
    ]);
}

#[test]
fn bodies_are_what_their_digest_says() {
    let lies = ["other", "short", "long", "endless", "nothing", "large", "never", "drip"];
    let lies: Vec<_> = lies.iter().map(|lie| (*lie, *lie)).collect();
    let played = Play::of("liar", "blob", &lies).limits(json!({"cpu": "1s"})).run();
    played.expect(&[
        ("other", "stream::digest-mismatch"),
        ("short", "stream::size-mismatch"),
        ("long", "stream::size-mismatch"),
        ("endless", "stream::size-mismatch"),
        ("nothing", "host::lied"),
        ("large", "host::lied"),
        ("never", "host::out-of-cpu"),
        ("drip", "host::out-of-cpu"),
    ]);
}

/// Signatures beside a manifest are few, small, and of a form that there is; and none is lost in silence.
#[test]
fn signatures_are_few_and_small() {
    let lies = ["many", "too-large", "form", "real"];
    let lies: Vec<_> = lies.iter().map(|lie| (*lie, *lie)).collect();
    let played = Play::of("liar", "signatures", &lies).run();
    played.expect(&[
        ("many", "host::lied"),
        ("too-large", "host::lied"),
        ("form", "host::lied"),
        ("real", "role::signatures-unsupported"),
    ]);
    let shown = played.outcome.snapshot();
    assert!(!shown.contains("\u{1b}[2J"), "{shown}");
}

/// Nobody writes signatures at a source.
#[tokio::test]
async fn a_source_takes_no_signatures() {
    let session = Alone::of("liar").open(Side::Source, "signatures", "real").await;
    let digest = Digest::of(b"an image");
    let found = session.signatures("app", &digest).await.unwrap();
    assert_eq!(found.len(), 2);
    let fault = session.put_signatures("app", &digest, &found).await.unwrap_err();
    assert_eq!((fault.code.as_ref(), fault.kind), ("host::read-only", Kind::Crashed));
}

/// An instance that ended its call well gets the next one, and begins it with nothing of the call before.
#[tokio::test]
async fn an_instance_is_used_again_when_it_holds_nothing() {
    let blob = Descriptor::new("application/x", Digest::of(b"x"), 1);
    let alone = Alone::of("liar");
    for (what, said) in [
        ("first-call", [Some(true), Some(false), Some(false)]),
        ("keeps-a-handle", [Some(true); 3]),
        ("keeps-memory", [Some(true); 3]),
        ("tells-a-fault", [None; 3]),
    ] {
        let session = alone.open(Side::Source, "has", what).await;
        for said in said {
            assert_eq!(session.has_blob("app", &blob).await.ok(), said, "{what}");
        }
        let other = alone.open(Side::Source, "has", what).await;
        assert_eq!(other.has_blob("app", &blob).await.ok(), said[0], "{what}, of another session");
    }
}

/// Nobody waits as long as a guest likes: the image is left to a later run.
#[test]
fn patience_has_an_end() {
    let played = Play::of("liar", "blob", &[("later", "later")]).run();
    let ends = played.ends();
    assert_eq!(ends["later"], "transport::unavailable", "{}", played.report);
    assert_eq!((ends["honest"].as_str(), ends["fine"].as_str()), ("copied", "copied"));
    assert_eq!(played.outcome.code, 75, "{}", played.outcome.snapshot());
}

#[test]
fn lists_have_an_end() {
    let lies = ["same-page", "endless-pages", "many-names"];
    let lies: Vec<_> = lies.iter().map(|lie| (*lie, *lie)).collect();
    let played = Play::of("liar", "tags", &lies).limits(json!({"cpu": "30s"})).run();
    let codes: Vec<_> = played.faults().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["host::lied", "host::lied", "host::lied"], "{}", played.report);
    played.expect(&[]);
}

/// A fault of the engine's keeps its kind on the way through a guest, and lends it to no other: not
/// by its words, not by a number of another call, and not by one that was never given.
#[tokio::test]
async fn borrower() {
    let tag = Selector::Tag("v1".to_owned());
    let told = async |what: &str| {
        let session = Alone::of("borrower").open(Side::Source, "resolve", what).await;
        let first = session.resolve("app", &tag).await.unwrap_err();
        assert_eq!((first.code.as_ref(), first.kind), ("http::not-granted", Kind::Refused));
        session.resolve("app", &tag).await.unwrap_err()
    };
    let stale = told("stale").await;
    assert_eq!((stale.code.as_ref(), stale.kind), ("transport::unavailable", Kind::Unreachable));
    assert_eq!((stale.retry, stale.fact_of("engine-fault")), (Retry::Backoff, None), "{stale:?}");
    let ahead = told("ahead").await;
    assert_eq!((ahead.code.as_ref(), ahead.kind), ("transport::other", Kind::Held), "{ahead:?}");
    assert_eq!(ahead.retry, Retry::Never);
    let reworded = told("reworded").await;
    assert_eq!((reworded.code.as_ref(), reworded.kind), ("http::not-granted", Kind::Refused));
    assert_eq!((reworded.message.as_str(), reworded.retry), ("my own words", Retry::Never));
}
