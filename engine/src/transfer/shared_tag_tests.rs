//! Tags that somebody else writes while we do.

use crate::diagnostic::{Code, Fault, Kind, Origin};
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

/// A signed image, and the tag of its signatures.
fn signed(world: &World) -> (Image, String) {
    let image = Image::new("config", &[Bytes::from_static(b"layer")]);
    let tag = format!("sha256-{}.sig", image.digest().hex());
    world.place("src").seed("a", Some("1"), &image);
    world.place("src").seed("a", Some(&tag), &signature("ours"));
    (image, tag)
}

fn denied() -> Fault {
    let code = Code::new("test::denied", Kind::Unauthorized);
    Fault::new(code, Origin::Destination, "tags never move here")
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_is_seen_late_is_not_written_again() {
    let world = World::new(&[("dst", World::registry())]);
    let (image, tag) = signed(&world);
    // Before it is copied, before it is written, and once afterwards.
    *world.place("dst").stale.lock().unwrap() = 3;
    let item = World::item(1, &image, "a", ("dst", "a", "1"));
    let began = tokio::time::Instant::now();
    World::attempt(&world.transfer(), vec![item]).await.remove(&1).unwrap().unwrap();
    assert_eq!(world.calls(&["dst put-manifest", &tag]).len(), 1);
    assert!(began.elapsed() >= std::time::Duration::from_secs(1), "nobody waited");
}

#[tokio::test(start_paused = true)]
async fn a_refused_tag_of_signatures_is_named() {
    let world = World::new(&[("dst", World::registry())]);
    let (image, tag) = signed(&world);
    let dst = world.place("dst");
    dst.seed("a", Some(&tag), &signature("theirs"));
    let writes = |world: &World| world.calls(&["dst put-manifest", &tag]).len();
    dst.fail_ending(&tag, denied());
    let item = World::item(1, &image, "a", ("dst", "a", "1"));
    let fault =
        World::attempt(&world.transfer(), vec![item]).await.remove(&1).unwrap().unwrap_err();
    assert_eq!(fault.code, "test::denied");
    assert!(fault.message.contains(&tag) && fault.message.ends_with("tags never move here"));
    assert_eq!(fault.place, Some(format!("dst/a:{tag}")));
    assert_eq!((writes(&world), dst.tag_of("a", "1")), (1, None));
    assert_eq!(dst.tag_of("a", &tag), Some(signature("theirs").digest()), "nothing is lost");
}

#[tokio::test(start_paused = true)]
async fn a_refused_tag_that_is_as_wanted_is_done() {
    for (theirs, is_done) in [("config", true), ("other", false)] {
        let world = World::new(&[("dst", World::registry())]);
        let (image, tag) = signed(&world);
        let dst = world.place("dst");
        for name in ["1", tag.as_str()] {
            dst.fail_ending(name, denied());
        }
        // Somebody else copies meanwhile: the plan says that nothing is there.
        dst.seed("a", Some("1"), &Image::new(theirs, &[Bytes::from_static(b"layer")]));
        if is_done {
            dst.seed("a", Some(&tag), &signature("ours"));
            *dst.stale.lock().unwrap() = 2;
        } else {
            dst.faults.lock().unwrap().retain(|(call, ..)| !call.ends_with(&tag));
        }
        let item = World::item(1, &image, "a", ("dst", "a", "1"));
        let end = World::attempt(&world.transfer(), vec![item]).await.remove(&1).unwrap();
        match end {
            Ok(digest) => assert!(is_done && digest == image.digest()),
            Err(fault) => assert!(!is_done && fault == denied(), "{fault:?}"),
        }
    }
}
