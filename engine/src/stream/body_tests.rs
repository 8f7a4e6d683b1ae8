use super::*;
use crate::diagnostic::{Code, Kind};

fn pieces(parts: &[&'static str]) -> Body {
    let parts: Vec<_> = parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect();
    Body::new(None, stream::iter(parts))
}

#[tokio::test]
async fn right_bytes_pass() {
    let body = pieces(&["ab", "c", "de"]).verified(&Digest::of(b"abcde"), Some(5));
    assert_eq!(body.size(), Some(5));
    assert_eq!(body.read_all(5).await.unwrap(), "abcde");
}

#[tokio::test]
async fn wrong_bytes_never_reach_their_end() {
    let mut body = pieces(&["ab", "cX"]).verified(&Digest::of(b"abcd"), Some(4));
    assert_eq!(body.next().await.unwrap().unwrap(), "ab");
    let fault = body.next().await.unwrap().unwrap_err();
    assert_eq!(fault.code, "stream::digest-mismatch");
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn sizes_are_held() {
    for (parts, message) in [(["ab", "cd"], "more than 3"), (["a", "b"], "only 2")] {
        let fault = pieces(&parts).verified(&Digest::of(b"abc"), Some(3)).read_all(9).await;
        let fault = fault.unwrap_err();
        assert_eq!(fault.code, "stream::size-mismatch");
        assert!(fault.message.contains(message), "{fault}");
    }
    let fault = pieces(&["abc"]).read_all(2).await.unwrap_err();
    assert_eq!(fault.code, "stream::too-large");
}

#[tokio::test]
async fn bodies_are_cut_joined_and_kept() {
    let body = Body::concat(vec![pieces(&["ab"]).take(1), Body::from_bytes("xyz").take(2)]);
    assert_eq!(body.read_all(9).await.unwrap(), "axy");
    let sizes = [Some(u64::MAX - 50), Some(100)];
    let promised = sizes.map(|size| pieces(&["ab"]).verified(&Digest::of(b"ab"), size));
    assert_eq!(Body::concat(promised.into()).size(), None, "more than can be counted");
    let cause = Cause::default();
    let broken = Body::lazy(None, async {
        Err(Fault::new(Code::new("x::y", Kind::Other), Origin::Source, "broke"))
    });
    assert!(broken.kept_in(&cause).read_all(9).await.is_err());
    assert_eq!(cause.take().unwrap().code, "x::y");
}
