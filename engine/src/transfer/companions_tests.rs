use crate::companion::names::fallback_tag;
use crate::diagnostic::{Code, Fault, Kind, Origin};
use crate::transfer::testing::{Image, World};
use bytes::Bytes;

fn image(seed: &'static str) -> Image {
    Image::new(seed, &[Bytes::from_static(b"layer")])
}

#[tokio::test(start_paused = true)]
async fn a_place_without_a_list_is_asked_once_and_its_tags_tell() {
    let world = World::new(&[("dst", World::registry())]);
    let (plain, signed) = (image("plain"), image("signed"));
    let layers = [Bytes::from_static(b"sbom")];
    let sbom = Image::about("sbom", &layers, Some(&signed.top.descriptor));
    let src = world.place("src");
    src.seed("a", Some("1"), &plain);
    src.seed("a", Some("2"), &signed);
    let list = Image::index(std::slice::from_ref(&sbom));
    src.seed("a", Some(&fallback_tag(&signed.digest())), &list);
    let no_list = Fault::new(
        Code::new("transport::unsupported", Kind::Unsupported),
        Origin::Source,
        "no list of referrers",
    );
    src.fail("referrers", no_list, u32::MAX);
    let transfer = world.transfer();
    for (id, image, tag) in [(1, &plain, "1"), (2, &signed, "2")] {
        let item = World::item(id, image, "a", ("dst", "a", tag));
        assert_eq!(World::attempt(&transfer, vec![item]).await[&id], Ok(image.digest()));
    }
    let dst = world.place("dst").held.lock().unwrap();
    assert!(dst.manifests.contains_key(&("a".to_owned(), sbom.digest())), "it was left behind");
    assert_eq!(world.calls(&["src referrers"]).len(), 1, "asked again");
}
