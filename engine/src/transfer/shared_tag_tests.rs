//! Tags that somebody else writes while we do.

use crate::diagnostic::Fault;
use crate::oci::{Digest, Manifest, Shape};
use crate::transfer::testing::{Image, World};
use bytes::Bytes;

fn signature(text: &'static str) -> Image {
    Image::new(text, &[Bytes::from_static(text.as_bytes())])
}

/// Copies a signed image to a place where the tag is overwritten so often after we wrote it.
/// Gives how that ended, and the entries in the end.
async fn against_rivals(ending: &str, times: usize) -> (Result<Digest, Fault>, Vec<Digest>) {
    let world = World::new(&[("dst", World::registry())]);
    let image = Image::new("config", &[Bytes::from_static(b"layer")]);
    let tag = format!("sha256-{}.{ending}", image.digest().hex());
    let (src, dst) = (world.place("src"), world.place("dst"));
    src.seed("a", Some("1"), &image);
    src.seed("a", Some(&tag), &signature("ours"));
    dst.seed("a", None, &signature("theirs"));
    *dst.rivals.lock().unwrap() = vec![(tag.clone(), signature("theirs").digest()); times];
    let item = World::item(1, &image, "a", ("dst", "a", "1"));
    let mut ends = World::attempt(&world.transfer(), vec![item]).await;
    let held = dst.held.lock().unwrap();
    let top = held.tags[&("a".to_owned(), tag)].clone();
    let found = Manifest::parse("", &held.manifests[&("a".to_owned(), top)].bytes).unwrap();
    let Shape::Image { layers, .. } = found.shape else { panic!("not an image") };
    (ends.remove(&1).unwrap(), layers.into_iter().map(|layer| layer.digest).collect())
}

#[tokio::test(start_paused = true)]
async fn a_lost_entry_is_written_again_at_most_three_times() {
    for times in 0..3 {
        let (end, entries) = against_rivals("sig", times).await;
        end.unwrap();
        let both = [Digest::of(b"theirs"), Digest::of(b"ours")];
        assert_eq!(entries, if times == 0 { &both[1..] } else { &both[..] }, "{times}");
    }
    let (end, entries) = against_rivals("att", 3).await;
    assert_eq!(end.unwrap_err().code, "companion::signatures-lost");
    assert_eq!(entries, [Digest::of(b"theirs")]);
}
