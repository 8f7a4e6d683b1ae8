//! What is copied, what is not, and what is not sent twice, against places in memory.

use super::testing::{Image, World};
use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::event::Event;
use crate::oci::{Descriptor, Digest, media_type};
use crate::plan::{Item, Kept, Written};
use crate::role::Ledger as _;
use crate::transfer::ItemInWork;
use bytes::Bytes;
use serde_json::json;

fn image(seed: u8) -> Image {
    Image::new(&format!("config {seed}"), &[Bytes::from(vec![seed; 100])])
}

fn edited(mut item: Item, change: impl FnOnce(&mut crate::plan::Copying)) -> Item {
    change(item.copying.as_mut().unwrap());
    item
}

#[tokio::test(start_paused = true)]
async fn a_second_run_sends_no_blob() {
    let world = World::new(&[("dst", World::registry())]);
    let index = Image::index(&[image(1), image(2)]);
    world.place("src").seed("a", Some("1"), &index);
    for _ in 0..2 {
        let item = World::item(1, &index, "a", ("dst", "a", "1"));
        assert!(World::attempt(&world.transfer(), vec![item]).await[&1].is_ok());
    }
    assert_eq!(world.calls(&["src get-blob"]).len(), 4, "only the first run reads");
    assert_eq!(world.calls(&["put-blob"]).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn foreign_layers_stay_where_they_are() {
    let world = World::new(&[("dst", World::registry())]);
    let config = Bytes::from_static(b"{}");
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let manifest = json!({"schemaVersion": 2, "mediaType": media_type::DOCKER_MANIFEST,
        "config": Descriptor::new(media_type::DOCKER_CONFIG, Digest::of(&config), 2),
        "layers": [{"mediaType": foreign, "digest": Digest::of(b"windows"), "size": 7,
            "urls": ["https://s.example/windows"]}]});
    let image = Image::of(media_type::DOCKER_MANIFEST, &manifest, &[config]);
    world.place("src").seed("a", Some("1"), &image);
    let item = World::item(1, &image, "a", ("dst", "a", "1"));
    assert_eq!(World::attempt(&world.transfer(), vec![item]).await[&1], Ok(image.digest()));
    assert_eq!(world.calls(&["get-blob"]).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn schema_1_is_copied_as_it_is() {
    let world = World::new(&[("dst", World::registry())]);
    let layer = Bytes::from_static(b"layer of unknown size");
    let sum = json!({"blobSum": Digest::of(&layer)});
    let manifest = json!({"schemaVersion": 1, "name": "a", "tag": "1", "fsLayers": [sum, sum]});
    let image =
        Image::of(media_type::DOCKER_SCHEMA1_SIGNED, &manifest, std::slice::from_ref(&layer));
    world.place("src").seed("a", Some("1"), &image);
    let item = World::item(1, &image, "a", ("dst", "a", "1"));
    assert_eq!(World::attempt(&world.transfer(), vec![item]).await[&1], Ok(image.digest()));
    let held = world.place("dst").held.lock().unwrap();
    assert_eq!(held.blobs.values().next(), Some(&layer));
}

#[tokio::test(start_paused = true)]
async fn an_edited_index_keeps_some_children_and_tells_what_is_lost() {
    let world = World::new(&[("dst", World::registry())]);
    let index = Image::index(&[image(1), image(2)]);
    let cut = Image::index(&[image(1)]);
    let src = world.place("src");
    src.seed("a", Some("1"), &index);
    src.seed("a", None, &Image::about("sbom", &[], Some(&index.top.descriptor)));
    let of_child = Image::about("child's", &[], Some(&image(1).top.descriptor));
    src.seed("a", None, &of_child);
    let item = edited(World::item(1, &index, "a", ("dst", "a", "1")), |copying| {
        let (descriptor, bytes) = (cut.top.descriptor.clone(), cut.top.bytes.clone());
        copying.written = Written::Edited { descriptor, bytes, made: Vec::new() };
    });
    assert_eq!(World::attempt(&world.transfer(), vec![item]).await[&1], Ok(cut.digest()));
    let warned = world.seen.0.lock().unwrap().iter().any(|event| {
        matches!(event, Event::Warned { fault } if fault.code == "transfer::referrers-left")
    });
    assert!(warned);
    let held = world.place("dst").held.lock().unwrap();
    let has = |digest: Digest| held.manifests.contains_key(&("a".to_owned(), digest));
    assert!(has(of_child.digest()), "what refers to a child that stays goes with it");
    assert!(!has(image(2).digest()) && !has(index.digest()));
}

#[tokio::test(start_paused = true)]
async fn a_sparse_index_copies_only_what_is_kept() {
    let world = World::new(&[("dst", World::registry())]);
    let index = Image::index(&[image(1), image(2)]);
    world.place("src").seed("a", Some("1"), &index);
    // The place in memory is strict: it must have the other child already.
    world.place("dst").seed("a", None, &image(2));
    let item = edited(World::item(1, &index, "a", ("dst", "a", "1")), |copying| {
        copying.kept = Kept::Only(vec![image(1).digest()]);
    });
    assert_eq!(World::attempt(&world.transfer(), vec![item]).await[&1], Ok(index.digest()));
    assert!(world.calls(&["get-manifest", image(2).digest().as_str()]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_earlier_runs_blob_is_mounted_and_a_wrong_hint_is_dropped() {
    let layer = Digest::of(&[1; 100]);
    for right in [true, false] {
        let world = World::new(&[("dst", World::registry())]);
        world.place("src").seed("a", Some("1"), &image(1));
        if right {
            world.place("dst").seed("old", None, &image(1));
        }
        world.ledger.record_location("docker:dst", "old", &layer).unwrap();
        let item = World::item(1, &image(1), "a", ("dst", "a", "1"));
        assert!(World::attempt(&world.transfer(), vec![item]).await[&1].is_ok());
        assert_eq!(world.calls(&["get-blob", layer.short()]).is_empty(), right);
        let known = world.ledger.locations("docker:dst", &layer);
        let expected: &[&str] = if right { &["old", "a"] } else { &["a"] };
        assert_eq!(known, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_registry_lacks_after_all_is_asked_for_and_sent() {
    let world = World::new(&[("dst", World::registry())]);
    world.place("src").seed("a", Some("1"), &image(1));
    world.place("dst").seed("old", None, &image(1));
    let layer = Digest::of(&[1; 100]);
    world.ledger.record_location("docker:dst", "old", &layer).unwrap();
    let refused = Fault::new(
        Code::new("transport::invalid", Kind::Other),
        Origin::Destination,
        "blob unknown",
    )
    .fact("registry-code", "MANIFEST_BLOB_UNKNOWN");
    world.place("dst").fail("put-manifest", refused.clone(), 1);
    let (transfer, entry) =
        (world.transfer(), ItemInWork::new(World::item(1, &image(1), "a", ("dst", "a", "1"))));
    let attempt = async || {
        let (sender, mut ends) = tokio::sync::mpsc::channel(1);
        transfer.attempt(std::slice::from_ref(&entry), sender).await;
        ends.recv().await.unwrap().1
    };
    let again = Err(refused.clone().retry(Retry::Backoff));
    assert_eq!(attempt().await, again);
    assert!(world.ledger.locations("docker:dst", &layer).is_empty());
    assert_eq!(entry.tally().bytes_mounted, 100);
    world.place("dst").fail("put-manifest", refused, 1);
    assert_eq!(attempt().await, again, "its store may show it only after a moment");
    let lost = |(_, digest): &(String, Digest)| *digest == layer;
    world.place("dst").held.lock().unwrap().blobs.retain(|key, _| !lost(key));
    world.log.lock().unwrap().clear();
    assert_eq!(attempt().await, Ok(image(1).digest()));
    let calls = world.calls(&["dst ", layer.short()]);
    assert!(calls[0].contains("has-blob a") && calls[1].ends_with(" -"), "{calls:?}");
    assert_eq!((entry.tally().bytes_mounted, entry.tally().bytes_copied), (0, 100 + 8));
}

#[tokio::test(start_paused = true)]
async fn within_one_registry_the_source_is_mounted_from() {
    let world = World::new(&[]);
    world.place("src").seed("a", Some("1"), &image(1));
    let item = World::item(1, &image(1), "a", ("src", "b", "1"));
    assert!(World::attempt(&world.transfer(), vec![item]).await[&1].is_ok());
    assert!(world.calls(&["get-blob"]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_does_not_mount_is_asked_before_anything_is_sent() {
    let world = World::new(&[("dst", World::registry())]);
    *world.place("dst").mounts.lock().unwrap() = false;
    let transfer = world.transfer();
    for name in ["a", "b", "c"] {
        world.place("src").seed(name, Some("1"), &image(1));
        world.place("dst").seed(if name == "c" { "c" } else { "x" }, None, &image(1));
        let item = World::item(1, &image(1), name, ("dst", name, "1"));
        assert!(World::attempt(&transfer, vec![item]).await[&1].is_ok());
    }
    assert_eq!(world.calls(&["put-blob c"]).len(), 0, "it was there");
}

#[tokio::test(start_paused = true)]
async fn what_the_source_lacks_or_garbles_is_named() {
    let world = World::new(&[("dst", World::registry())]);
    let index = Image::index(&[image(1), image(2)]);
    let src = world.place("src");
    src.seed("a", Some("1"), &index);
    let end = |world: &World| {
        let transfer = world.transfer();
        let item = World::item(1, &Image::index(&[image(1), image(2)]), "a", ("dst", "a", "1"));
        async move { World::attempt(&transfer, vec![item]).await[&1].clone().unwrap_err() }
    };
    let key = ("a".to_owned(), image(2).digest());
    let wrong = src.held.lock().unwrap().manifests.insert(key.clone(), image(3).top).unwrap();
    assert_eq!(end(&world).await.code, "transfer::manifest-mismatch");
    src.held.lock().unwrap().manifests.remove(&key);
    let fault = end(&world).await;
    assert_eq!(fault.code, "transfer::manifest-absent");
    assert!(fault.place.unwrap().contains(wrong.descriptor.digest.as_str()));
    assert!(world.calls(&["put-"]).is_empty(), "nothing is written before all is read");
}
