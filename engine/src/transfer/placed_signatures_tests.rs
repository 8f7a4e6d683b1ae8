//! Signatures beside manifests, and indexes where none are taken.

use super::testing::{Image, Place, World};
use crate::oci::Digest;
use crate::role::{Capabilities, PlacedSignature};
use bytes::Bytes;

fn can(key: &str, value: &str) -> Capabilities {
    let extra = [(key.to_owned(), value.to_owned())].into();
    Capabilities { extra, ..World::registry() }
}

/// A world whose source keeps signatures: one of the index, and one of its first child.
fn signed(destination: Capabilities) -> (World, Image, Vec<Digest>) {
    let mut world = World::new(&[("dst", destination)]);
    let source = Place::new("src", can("signatures", "yes"), &world.log);
    let child = Image::new("config", &[Bytes::from_static(b"layer")]);
    let index = Image::index(std::slice::from_ref(&child));
    source.seed("a", Some("1"), &index);
    let signature =
        PlacedSignature { form: "openpgp".to_owned(), bytes: Bytes::from_static(b"signed") };
    let digests = vec![child.digest(), index.digest()];
    for digest in &digests {
        source.held.lock().unwrap().signatures.insert(digest.clone(), vec![signature.clone()]);
    }
    world.places.insert("src".to_owned(), source);
    (world, index, digests)
}

#[tokio::test(start_paused = true)]
async fn signatures_come_after_their_manifests_and_before_the_name() {
    let (world, index, digests) = signed(can("signatures", "yes"));
    let item = World::item(1, &index, "a", ("dst", "m", "1"));
    let ends = World::attempt(&world.transfer(), vec![item]).await;
    assert_eq!(ends[&1], Ok(index.digest()), "the place itself checks the order");
    let kept = world.place("dst").held.lock().unwrap().signatures.clone();
    assert_eq!(kept, world.place("src").held.lock().unwrap().signatures);
    assert_eq!(kept.len(), digests.len());
    let writes = world.calls(&["dst "]);
    let last = writes.iter().rposition(|call| call.contains("put-signatures")).unwrap();
    assert!(last + 1 < writes.len() && writes.last().unwrap().ends_with(" 1"), "{writes:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_held_is_refused_before_anything_is_written() {
    for (destination, code) in [
        (World::layout(), "role::signatures-unsupported"),
        (can("indexes", "no"), "role::indexes-unsupported"),
    ] {
        let (world, index, _) = signed(destination);
        let item = World::item(1, &index, "a", ("dst", "m", "1"));
        let ends = World::attempt(&world.transfer(), vec![item]).await;
        assert_eq!(ends[&1].as_ref().unwrap_err().code, code);
        assert!(world.calls(&["dst put"]).is_empty(), "{:?}", world.calls(&["dst "]));
    }
}
