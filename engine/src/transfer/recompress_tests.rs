//! Layers compressed anew on their way, against places in memory.

use super::testing::{Image, World};
use crate::diagnostic::{Fault, Origin, Retry};
use crate::event::{Event, Presence};
use crate::oci::{Codec, Descriptor, Digest, Manifest, Recipe, Shape, media_type};
use crate::plan::{Expected, Item, SourceAnnotations, Written};
use crate::role::{Edited, Ledger as _, Remembered};
use crate::stream::{Body, UnpackBounds};
use bytes::Bytes;
use serde_json::json;

const ZSTD: Recipe = Recipe { codec: Codec::Zstd, level: 3, force: false };

fn plain(seed: u8, size: usize) -> Bytes {
    let mut state = u32::from(seed);
    let next = |at| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if at % 3 == 0 { state.to_be_bytes()[0] } else { seed }
    };
    (0..size).map(next).collect()
}

async fn packed(plain: &Bytes, codec: Codec, level: u32) -> Bytes {
    let body = Body::from_bytes(plain.clone()).compressed(codec, level);
    body.read_all(1 << 30).await.unwrap()
}

/// An image of gzip layers with these contents, whose config says what they unpack to.
async fn image(contents: &[Bytes]) -> Image {
    let diff_ids: Vec<_> = contents.iter().map(|plain| Digest::of(plain)).collect();
    image_that_says(contents, &diff_ids).await
}

async fn image_that_says(contents: &[Bytes], diff_ids: &[Digest]) -> Image {
    let mut layers = Vec::new();
    for plain in contents {
        layers.push(packed(plain, Codec::Gzip, 6).await);
    }
    let config = json!({"rootfs": {"type": "layers", "diff_ids": diff_ids}});
    Image::new(&config.to_string(), &layers)
}

/// An item that compresses the layers of an image anew.
fn after(recipe: Recipe, image: &Image, mut item: Item) -> Item {
    item.chain = "sha256:chain".to_owned();
    item.expected = Some(Expected::After(recipe));
    let (draft, bytes) = (image.top.descriptor.clone(), image.top.bytes.clone());
    if let Some(copying) = &mut item.copying {
        copying.written = Written::After { draft, bytes, made: Vec::new(), recipe };
    }
    item
}

/// The layers of the manifest that a tag of `dst` points to, unpacked.
async fn unpacked(world: &World, digest: &Digest) -> (Manifest, Vec<Bytes>) {
    let (manifest, layers) = {
        let held = world.place("dst").held.lock().unwrap();
        let manifest = &held.manifests[&("a".to_owned(), digest.clone())];
        let manifest = Manifest::parse("", &manifest.bytes).unwrap();
        let Shape::Image { layers, .. } = &manifest.shape else { panic!("no image") };
        let of = |layer: &Descriptor| {
            let bytes = held.blobs[&("a".to_owned(), layer.digest.clone())].clone();
            assert_eq!(layer.size, bytes.len() as u64);
            assert!(layer.media_type.ends_with("+zstd"));
            bytes
        };
        let layers: Vec<_> = layers.iter().map(of).collect();
        (manifest, layers)
    };
    let mut contents = Vec::new();
    for layer in layers {
        let body = Body::from_bytes(layer).decompressed(Codec::Zstd, UnpackBounds::default());
        contents.push(body.read_all(1 << 30).await.unwrap());
    }
    (manifest, contents)
}

#[tokio::test]
async fn a_layer_is_read_once_for_all_and_the_result_says_of_what_it_was_made() {
    let world = World::new(&[("dst", World::registry()), ("two", World::layout())]);
    let contents = [plain(1, 3 << 20), plain(2, 100)];
    let image = image(&contents).await;
    world.place("src").seed("a", Some("1"), &image);
    let transfer = world.transfer();
    let item =
        |id, sink, to, tag| after(ZSTD, &image, World::item(id, &image, "a", (sink, to, tag)));
    let items = vec![item(1, "dst", "a", "1"), item(2, "two", "a", "1"), item(3, "dst", "b", "1")];
    let ends = World::attempt(&transfer, items).await;
    let digest = ends[&1].clone().unwrap();
    assert_eq!((ends[&2].as_ref(), ends[&3].as_ref()), (Ok(&digest), Ok(&digest)));
    assert_ne!(digest, image.digest());
    let (manifest, found) = unpacked(&world, &digest).await;
    assert_eq!(found, contents);
    let said = SourceAnnotations { source: image.digest(), chain: "sha256:chain".to_owned() };
    assert_eq!(SourceAnnotations::of(&manifest), Some(said));
    for layer in &image.blobs[1..] {
        assert_eq!(world.calls(&["src get-blob", Digest::of(layer).short()]).len(), 1);
    }
    let remembered =
        world.ledger.edited(Remembered::Edit, &image.digest(), "sha256:chain").unwrap();
    assert_eq!(remembered.digest, digest);

    // Another tag of the same layers: they are known now, and there.
    world.log.lock().unwrap().clear();
    let ends = World::attempt(&transfer, vec![item(4, "dst", "a", "2")]).await;
    assert_eq!(ends[&4], Ok(digest));
    assert!(world.calls(&["put-blob"]).is_empty(), "{:?}", world.calls(&["blob"]));
    // A later run asks for them by what the ledger remembers.
    let ends = World::attempt(&world.transfer(), vec![item(5, "dst", "a", "3")]).await;
    assert!(ends[&5].is_ok());
    let layer = Digest::of(&image.blobs[1]);
    assert!(world.calls(&["put-blob"]).is_empty());
    assert!(world.calls(&["get-blob", layer.short()]).is_empty(), "{:?}", world.calls(&["blob"]));
}

#[tokio::test]
async fn an_index_is_made_over_its_new_children() {
    let world = World::new(&[("dst", World::registry())]);
    let (one, two) = (image(&[plain(1, 5000)]).await, image(&[plain(2, 5000)]).await);
    let sbom = Image::about("sbom", &[], Some(&one.top.descriptor));
    let index = Image::index(&[one, two, sbom.clone()]);
    world.place("src").seed("a", Some("1"), &index);
    let item = after(ZSTD, &index, World::item(1, &index, "a", ("dst", "a", "1")));
    let ends = World::attempt(&world.transfer(), vec![item]).await;
    let digest = ends[&1].clone().unwrap();
    let children = {
        let held = world.place("dst").held.lock().unwrap();
        let top = &held.manifests[&("a".to_owned(), digest)];
        assert_eq!(top.descriptor.media_type, media_type::OCI_INDEX);
        Manifest::parse("", &top.bytes).unwrap().entries().to_vec()
    };
    assert_eq!(children[2].digest, sbom.digest(), "what is no image stays");
    for (child, seed) in children.iter().zip([1, 2]) {
        let (manifest, contents) = unpacked(&world, &child.digest).await;
        assert_eq!(contents, [plain(seed, 5000)]);
        assert_eq!(SourceAnnotations::of(&manifest), None, "the index says it for all");
    }
}

#[tokio::test]
async fn breaks_at_either_end_change_nothing_of_the_result() {
    let contents = [plain(3, 6 << 20)];
    let image = image(&contents).await;
    let mut results = Vec::new();
    for (breaks, interrupt) in
        [(vec![], None), (vec![500_000, 300_000], None), (vec![], Some(9999))]
    {
        let world = World::new(&[("dst", World::registry())]);
        world.place("src").seed("a", Some("1"), &image);
        *world.place("src").breaks.lock().unwrap() = breaks;
        *world.place("dst").interrupt.lock().unwrap() = interrupt;
        let item = after(ZSTD, &image, World::item(1, &image, "a", ("dst", "a", "1")));
        let ends = World::attempt(&world.transfer(), vec![item]).await;
        results.push(ends[&1].clone().unwrap());
    }
    assert!(results.iter().all(|digest| *digest == results[0]), "{results:?}");
}

#[tokio::test]
async fn a_layer_that_unpacks_to_something_else_is_refused_before_it_has_a_name() {
    let world = World::new(&[("dst", World::registry())]);
    let image = image_that_says(&[plain(1, 900)], &[Digest::of(b"something else")]).await;
    world.place("src").seed("a", Some("1"), &image);
    let item = after(ZSTD, &image, World::item(1, &image, "a", ("dst", "a", "1")));
    let ends = World::attempt(&world.transfer(), vec![item]).await;
    let fault = ends[&1].clone().unwrap_err();
    assert_eq!(fault.code, "transfer::layer-content");
    assert_eq!((fault.origin, fault.retry), (Origin::Source, Retry::Never));
    assert_eq!(world.place("dst").tag_of("a", "1"), None);
    assert!(world.calls(&["dst put-manifest"]).is_empty());
}

#[tokio::test]
async fn a_wrong_byte_on_the_way_is_called_that() {
    let world = World::new(&[("dst", World::registry())]);
    let image = image(&[plain(1, 2 << 20)]).await;
    world.place("src").seed("a", Some("1"), &image);
    *world.place("src").flip.lock().unwrap() = true;
    let transfer = world.transfer();
    let item = after(ZSTD, &image, World::item(1, &image, "a", ("dst", "a", "1")));
    let fault: Fault = World::attempt(&transfer, vec![item.clone()]).await[&1].clone().unwrap_err();
    assert_eq!((fault.code.as_ref(), fault.retry), ("stream::digest-mismatch", Retry::Backoff));
    assert!(World::attempt(&transfer, vec![item]).await[&1].is_ok());
}

#[tokio::test]
async fn what_the_ledger_says_wrongly_is_found_out() {
    let world = World::new(&[("dst", World::registry())]);
    let contents = [plain(1, 4000)];
    let image = image(&contents).await;
    world.place("src").seed("a", Some("1"), &image);
    let transfer = world.transfer();
    let item = after(ZSTD, &image, World::item(1, &image, "a", ("dst", "a", "1")));
    assert!(World::attempt(&transfer, vec![item.clone()]).await[&1].is_ok());
    let layer = Digest::of(&image.blobs[1]);
    let rows: Vec<Edited> = {
        let rows = world.ledger.edited.lock().unwrap();
        rows.iter().filter(|row| row.source == layer).cloned().collect()
    };
    assert_eq!(rows.len(), 2, "what comes of it, and what it unpacks to");
    let result = Descriptor::new("", Digest::of(b"wrong"), 5);
    for row in rows {
        let row = Edited { result: result.clone(), ..row };
        world.ledger.record_edited(&row).unwrap();
    }
    world.place("dst").held.lock().unwrap().blobs.clear();
    let transfer = world.transfer();
    assert!(World::attempt(&transfer, vec![item.clone()]).await[&1].is_err());
    let ends = World::attempt(&transfer, vec![item]).await;
    let (_, found) = unpacked(&world, ends[&1].as_ref().unwrap()).await;
    assert_eq!(found, contents);
    let made = |event: &Event| {
        matches!(event, Event::BlobFinished { written: Some(_), presence: Presence::Copied, .. })
    };
    assert_eq!(world.seen.0.lock().unwrap().iter().filter(|event| made(event)).count(), 2);
}
