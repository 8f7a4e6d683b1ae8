//! The order of writes, shared reads, mounts and broken days, against places in memory.

use super::testing::{Image, Pace, World};
use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::event::Event;
use crate::oci::Digest;
use crate::role::Ledger as _;
use bytes::Bytes;
use std::time::Duration;
use tokio::time::Instant;

fn layer(seed: u8, length: usize) -> Bytes {
    Bytes::from(
        (0..length)
            .map(|at| seed.wrapping_add(u8::try_from(at / 7 % 256).unwrap()))
            .collect::<Vec<u8>>(),
    )
}

fn small(seed: u8) -> Image {
    Image::new(&format!("config {seed}"), &[layer(0, 100), layer(seed, 50)])
}

fn big(seed: u8) -> Image {
    Image::new(&format!("config {seed}"), &[layer(seed, 4 << 20)])
}

fn broke() -> Fault {
    Fault::new(Code::new("test::refused", Kind::Other), Origin::Destination, "refused")
        .retry(Retry::Backoff)
}

#[tokio::test(start_paused = true)]
async fn children_come_before_the_index_and_the_tag_last() {
    for can in [World::registry(), World::layout()] {
        let world = World::new(&[("dst", can)]);
        let nested = Image::index(&[small(3)]);
        let index = Image::index(&[small(1), small(2), nested]);
        world.place("src").seed("a/b", Some("1"), &index);
        let item = World::item(1, &index, "a/b", ("dst", "m/b", "1"));
        let ends = World::attempt(&world.transfer(), vec![item]).await;
        assert_eq!(ends[&1], Ok(index.digest()), "the place itself checks the order");
        assert_eq!(world.place("dst").tag_of("m/b", "1"), Some(index.digest()));
        let writes = world.calls(&["dst "]);
        assert!(writes.last().unwrap().ends_with(" 1"), "{writes:#?}");
        assert_eq!(world.ledger.mirrored.lock().unwrap().len(), 1);
        assert_eq!(world.calls(&["src get-blob"]).len(), 7, "each blob once: {writes:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_read_feeds_two_sinks() {
    let world = World::new(&[("one", World::registry()), ("two", World::layout())]);
    let image = big(1);
    world.place("src").seed("a", Some("1"), &image);
    let items = vec![
        World::item(1, &image, "a", ("one", "a", "1")),
        World::item(2, &image, "a", ("one", "other", "1")),
        World::item(3, &image, "a", ("two", "a", "1")),
    ];
    let ends = World::attempt(&world.transfer(), items).await;
    assert!(ends.values().all(Result::is_ok), "{ends:?}");
    assert_eq!(world.calls(&["src get-blob"]).len(), 2, "config and layer");
    let mounted =
        world.calls(&["one put-blob", " other"]).len() + world.calls(&["one put-blob", "a"]).len();
    assert!(mounted >= 4);
    assert_eq!(world.place("two").tag_of("a", "1"), Some(image.digest()));
}

#[tokio::test(start_paused = true)]
async fn other_repositories_mount_what_the_first_got() {
    let world = World::new(&[("dst", World::registry())]);
    let (one, two) = (small(1), small(2));
    world.place("src").seed("a", Some("1"), &one);
    world.place("src").seed("b", Some("1"), &two);
    let transfer = world.transfer();
    let items = [("a", &one), ("b", &two)];
    let runs = items.map(|(name, image)| {
        let item = World::item(1, image, name, ("dst", name, "1"));
        let transfer = transfer.clone();
        tokio::spawn(async move { World::attempt(&transfer, vec![item]).await })
    });
    for run in runs {
        assert!(run.await.unwrap()[&1].is_ok());
    }
    let base = Digest::of(&layer(0, 100));
    assert_eq!(world.calls(&["get-blob", base.short()]).len(), 1);
    let puts = world.calls(&["put-blob", base.short()]);
    assert_eq!(puts.len(), 2);
    assert!(
        puts.iter().any(|put| put.ends_with('-')) && puts.iter().any(|put| !put.ends_with('-'))
    );
    let mounted = |event: &Event| {
        matches!(event, Event::BlobFinished { presence: crate::event::Presence::Mounted, .. })
    };
    assert_eq!(world.seen.0.lock().unwrap().iter().filter(|event| mounted(event)).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_takes_over_from_a_leader_that_fails() {
    let world = World::new(&[("dst", World::registry())]);
    let (one, two) = (small(1), small(2));
    world.place("src").seed("a", Some("1"), &one);
    world.place("src").seed("b", Some("1"), &two);
    let base = Digest::of(&layer(0, 100));
    for name in ["a", "b"] {
        // Only the first of the two that comes is refused.
        world.place("dst").fail(
            &format!("put-blob {name} {}", base.short()),
            broke(),
            u32::from(name == "a"),
        );
    }
    let transfer = world.transfer();
    let items = [("a", &one), ("b", &two)];
    let mut runs = items.map(|(name, image)| {
        let item = World::item(1, image, name, ("dst", name, "1"));
        let transfer = transfer.clone();
        tokio::spawn(async move { World::attempt(&transfer, vec![item]).await[&1].clone() })
    });
    let [first, second] = &mut runs;
    assert_eq!(first.await.unwrap().unwrap_err().code, "test::refused");
    assert_eq!(second.await.unwrap(), Ok(two.digest()));
    assert_eq!(world.place("dst").tag_of("a", "1"), None, "no tag for the failed one");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_refused_or_deaf_leg_does_not_hold_up_the_other() {
    let day = |pace: Option<Pace>| async move {
        let world = World::new(&[("bad", World::registry()), ("good", World::registry())]);
        let image = big(1);
        world.place("src").seed("a", Some("1"), &image);
        match pace {
            Some(pace) => *world.place("bad").pace.lock().unwrap() = pace,
            None => world.place("bad").fail("put-blob", broke(), 9),
        }
        let began = Instant::now();
        let items = ["bad", "good"]
            .map(|sink| World::item(u64::from(sink == "good"), &image, "a", (sink, "a", "1")));
        let transfer = world.transfer();
        let ends = World::attempt(&transfer, items.to_vec());
        let ends = tokio::time::timeout(Duration::from_mins(30), ends).await.unwrap();
        assert_eq!(ends[&1], Ok(image.digest()));
        (world, ends[&0].clone(), began.elapsed())
    };
    let (world, refused, _) = day(None).await;
    assert_eq!(refused.unwrap_err().code, "test::refused");
    assert_eq!(world.place("bad").tag_of("a", "1"), None);
    let (world, deaf, _) = day(Some(Pace::Deaf)).await;
    assert!(deaf.is_err());
    assert_eq!(world.calls(&["src get-blob"]).len(), 2);
    let (world, stalled, _) = day(Some(Pace::Stalled)).await;
    assert_eq!(stalled, Ok(Digest::of(&big(1).top.bytes)), "it reads for itself");
    assert_eq!(world.calls(&["src get-blob"]).len(), 4 - 1, "only the stalled layer is read again");
}

#[tokio::test(start_paused = true)]
async fn a_leg_that_mounts_at_once_leaves_the_read_to_the_others() {
    let world = World::new(&[("has", World::registry()), ("not", World::registry())]);
    let image = big(1);
    let blob = Digest::of(&layer(1, 4 << 20));
    world.place("src").seed("a", Some("1"), &image);
    world.place("has").seed("old", None, &image);
    world.ledger.record_location("docker:has", "old", &blob).unwrap();
    let items = ["has", "not"]
        .map(|sink| World::item(u64::from(sink == "not"), &image, "a", (sink, "a", "1")));
    let began = Instant::now();
    let ends = World::attempt(&world.transfer(), items.to_vec()).await;
    assert!(ends.values().all(Result::is_ok), "{ends:?}");
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(world.calls(&["get-blob", blob.short()]).len(), 1);
    assert_eq!(world.calls(&["has put-blob", blob.short()]).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_fan_outs_in_opposite_order_do_not_deadlock() {
    let turns = || crate::role::Capabilities { concurrent: false, ..World::registry() };
    let world = World::new(&[("x", turns()), ("y", turns())]);
    *world.place("x").pace.lock().unwrap() = Pace::Slow(Duration::from_millis(100));
    // Started side by side, `a` would get the turn of x and `b` that of y, for ever.
    for (place, repository, millis) in [("x", "b", 15), ("y", "a", 20)] {
        let delay = Duration::from_millis(millis);
        world.place(place).delays.lock().unwrap().insert(repository.to_owned(), delay);
    }
    let (one, two) = (big(1), big(2));
    world.place("src").seed("a", Some("1"), &one);
    world.place("src").seed("b", Some("1"), &two);
    let transfer = world.transfer();
    let began = Instant::now();
    let runs = [("a", &one, ["x", "y"]), ("b", &two, ["y", "x"])].map(|(name, image, sinks)| {
        let items =
            sinks.map(|sink| World::item(u64::from(sink == "x"), image, name, (sink, name, "1")));
        let transfer = transfer.clone();
        tokio::spawn(async move { World::attempt(&transfer, items.to_vec()).await })
    });
    for run in runs {
        let ends = run.await.unwrap();
        assert!(ends.values().all(Result::is_ok), "{ends:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(world.calls(&["src get-blob"]).len(), 4, "no leg had to read for itself");
}

#[tokio::test(start_paused = true)]
async fn broken_reads_and_writes_go_on() {
    let world = World::new(&[("dst", World::registry())]);
    let image = big(1);
    world.place("src").seed("a", Some("1"), &image);
    *world.place("src").breaks.lock().unwrap() = vec![3, 1_000_000, 2_000_000];
    *world.place("dst").interrupt.lock().unwrap() = Some(1_500_000);
    let item = World::item(1, &image, "a", ("dst", "a", "1"));
    let ends = World::attempt(&world.transfer(), vec![item]).await;
    assert_eq!(ends[&1], Ok(image.digest()));
    assert!(world.seen.0.lock().unwrap().iter().any(|e| matches!(e, Event::ReadReopened { .. })));
}

/// A write that broke at 9.5 MB; whether the first read of the layer had a wrong byte.
async fn interrupted(flip: bool) -> (World, Result<Digest, Fault>) {
    let world = World::new(&[("dst", World::registry())]);
    let image = Image::new("config", &[layer(1, 12 << 20)]);
    world.place("src").seed("a", Some("1"), &image);
    *world.place("src").flip.lock().unwrap() = flip;
    *world.place("dst").interrupt.lock().unwrap() = Some(9_500_000);
    let item = World::item(1, &image, "a", ("dst", "a", "1"));
    let mut ends = World::attempt(&world.transfer(), vec![item]).await;
    (world, ends.remove(&1).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_broken_write_goes_on_from_a_mark() {
    let (world, end) = interrupted(false).await;
    end.unwrap();
    let layer = Digest::of(&layer(1, 12 << 20));
    let reads = world.calls(&["get-blob", layer.short()]);
    assert_eq!(reads.len(), 2);
    assert!(reads[0].ends_with(" 0") && reads[1].ends_with(" 8388608"), "{reads:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_written_before_a_break_is_verified_too() {
    let (world, end) = interrupted(true).await;
    assert_eq!(end.unwrap_err().code, "stream::digest-mismatch");
    assert!(world.calls(&["put-manifest"]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_true_cause_is_told() {
    let world = World::new(&[("dst", World::registry())]);
    let image = small(1);
    world.place("src").seed("a", Some("1"), &image);
    let key = ("a".to_owned(), Digest::of(&image.blobs[1]));
    world.place("src").held.lock().unwrap().blobs.insert(key, layer(9, 100));
    for pace in [Pace::Fast, Pace::Lying] {
        *world.place("dst").pace.lock().unwrap() = pace;
        let item = World::item(1, &image, "a", ("dst", "a", "1"));
        let ends = World::attempt(&world.transfer(), vec![item]).await;
        let fault = ends[&1].clone().unwrap_err();
        assert_eq!(fault.code, "stream::digest-mismatch");
        assert!(fault.place.is_some());
        assert!(world.calls(&["put-manifest"]).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn referrers_and_signature_tags_travel() {
    for can in [World::registry(), World::layout()] {
        let world = World::new(&[("dst", can)]);
        let image = small(1);
        let sbom = Image::about("sbom", &[layer(4, 9)], Some(&image.top.descriptor));
        let signed = Image::about("sig", &[layer(5, 9)], Some(&sbom.top.descriptor));
        let tag = format!("sha256-{}.sig", image.digest().hex());
        let src = world.place("src");
        src.seed("a", Some("1"), &image);
        src.seed("a", None, &sbom);
        src.seed("a", None, &signed);
        src.seed("a", Some(&tag), &small(7));
        let item = World::item(1, &image, "a", ("dst", "a", "1"));
        let ends = World::attempt(&world.transfer(), vec![item]).await;
        assert_eq!(ends[&1], Ok(image.digest()));
        let dst = world.place("dst");
        assert_eq!(dst.tag_of("a", &tag), Some(small(7).digest()));
        let held = dst.held.lock().unwrap();
        for digest in [sbom.digest(), signed.digest()] {
            assert!(held.manifests.contains_key(&(dst.shelf("a"), digest)));
        }
        drop(held);
        let writes = world.calls(&["dst "]);
        assert!(writes.last().unwrap().ends_with(" 1"), "the tag is last: {writes:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_that_items_fault() {
    let world = World::new(&[("bad", World::registry()), ("good", World::registry())]);
    let image = small(1);
    world.place("src").seed("a", Some("1"), &image);
    *world.place("bad").panics.lock().unwrap() = Some("put-manifest".to_owned());
    let items = vec![
        World::item(1, &image, "a", ("bad", "a", "1")),
        World::item(2, &image, "a", ("good", "a", "1")),
    ];
    let ends = World::attempt(&world.transfer(), items).await;
    assert_eq!(ends[&1].clone().unwrap_err().code, "transfer::crashed");
    assert_eq!(ends[&2], Ok(image.digest()));
}
