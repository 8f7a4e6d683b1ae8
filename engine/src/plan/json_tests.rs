use super::*;
use crate::diagnostic::{Code, Kind};
use crate::graph::testing::reference;
use crate::role::NameList;

fn item(id: u64, action: Action, copying: Option<Copying>) -> Item {
    let digest = Digest::of(b"manifest");
    Item {
        id,
        sink: "mirror".to_owned(),
        source_step: "upstream".to_owned(),
        source: reference("registry.example.com:5000/library/images/alpine:3.20.1-slim"),
        pinned: Descriptor::new(crate::oci::media_type::OCI_INDEX, digest.clone(), 4096),
        destination: reference("mirror.example.com:5000/library/images/alpine:3.20.1-slim"),
        action,
        reason: Reason::Present,
        expected: Some(Expected::Exact(digest.clone())),
        previous: Some(digest.clone()),
        chain: digest.to_string(),
        done_by: digest.to_string(),
        signs: Vec::new(),
        verdicts: Vec::new(),
        trace: ["upstream", "versions", "platforms", "mirror"].map(str::to_owned).to_vec(),
        copying,
        follow: action == Action::Unchanged,
    }
}

fn edited() -> Copying {
    let bytes = Bytes::from_static(b"{\"schemaVersion\":2}");
    let descriptor = Descriptor::of_manifest(crate::oci::media_type::OCI_INDEX, &bytes);
    let kept = Kept::Only(vec![Digest::of(b"child")]);
    Copying {
        written: Written::Edited { descriptor, bytes, made: Vec::new() },
        kept,
        referrers: true,
    }
}

const ZSTD: Recipe = Recipe { codec: crate::oci::Codec::Zstd, level: 19, force: true };

/// An item whose layers are compressed anew.
fn packed(id: u64, expected: Expected) -> Item {
    let bytes = Bytes::from_static(b"{\"schemaVersion\":2,\"layers\":[]}");
    let draft = Descriptor::of_manifest(crate::oci::media_type::OCI_MANIFEST, &bytes);
    let written = Written::After { draft, bytes, made: Vec::new(), recipe: ZSTD };
    let copying = Copying { written, kept: Kept::All, referrers: true };
    Item { expected: Some(expected), ..item(id, Action::Copy, Some(copying)) }
}

fn listing() -> Listing {
    let names = NameList::from(["1", "2"].map(str::to_owned).to_vec());
    Listing::from_answer("upstream", &"a", &Ok::<_, ()>(names))
}

fn plan() -> Plan {
    let same = Copying { written: Written::Same(None), kept: Kept::All, referrers: true };
    let mut failed = item(4, Action::Fail, None);
    failed.pinned = super::super::make::unknown();
    failed.expected = None;
    failed.destination = reference("dir:out/3");
    let mut layout = item(5, Action::Unchanged, None);
    layout.destination = reference("oci:out:3.20");
    layout.source.name = crate::oci::Name::pinned("a", Digest::of(b"x"));
    let mut cut = item(2, Action::Move, Some(edited()));
    if let Some(Copying { written: Written::Edited { descriptor, .. }, .. }) = &cut.copying {
        cut.expected = Some(Expected::Exact(descriptor.digest.clone()));
    }
    let mut remembered = item(6, Action::Unchanged, None);
    remembered.expected = Some(Expected::Remembered(Digest::of(b"manifest")));
    Plan {
        items: vec![
            item(1, Action::Copy, Some(same)),
            cut,
            item(3, Action::Unchanged, None),
            failed,
            layout,
            remembered,
            packed(7, Expected::After(ZSTD)),
            packed(8, Expected::Remembered(Digest::of(b"packed"))),
        ],
        skips: vec![Skip {
            step: "versions".to_owned(),
            image: "a:1".to_owned(),
            why: "excluded".to_owned(),
        }],
        listings: vec![listing()],
        forecast: Forecast { bytes: 1 << 40, unknown: 1 },
        faults: vec![(
            "upstream".to_owned(),
            Fault::new(Code::new("x::y", Kind::Other), Origin::Source, "no"),
        )],
    }
}

#[test]
fn a_plan_comes_back_as_it_was() {
    let text = to_json(&plan()).unwrap();
    let again = from_json(&text).unwrap();
    assert_eq!(format!("{again:?}"), format!("{:?}", plan()));
    assert_eq!(to_json(&again).unwrap(), text);
}

#[test]
fn an_unchanged_item_is_small() {
    let one = serde_json::to_string(&SavedItem::from(&item(20_000, Action::Unchanged, None)));
    assert!(one.unwrap().len() <= 1024);
}

#[test]
fn what_was_tampered_with_is_refused() {
    let text = to_json(&plan()).unwrap();
    for (from, to) in [
        ("engine/plan/v1", "engine/plan/v2"),
        ("library/images/alpine", "../../etc"),
        ("3.20.1-slim", "-rm"),
        ("{\\\"schemaVersion\\\":2}", "{\\\"schemaVersion\\\":3}"),
        ("\"id\":2", "\"id\":3"),
        (
            "{\"after\":{\"codec\":\"zstd\",\"level\":19",
            "{\"after\":{\"codec\":\"zstd\",\"level\":18",
        ),
        ("\"expected\":{\"exact\"", "\"expected\":{\"remembered\""),
        ("\"action\":\"copy\"", "\"action\":\"unchanged\""),
        ("\"referrers\":true}", "\"referrers\":true},\"follow\":true"),
        ("\"sink\"", "\"drain\""),
        ("\"repository\":\"library/images/alpine\"", "\"repository\":\"a:b\",\"x\":1"),
    ] {
        assert!(text.contains(from), "{from}");
        let fault = from_json(&text.replacen(from, to, 1)).unwrap_err();
        assert_eq!(fault.code, "plan::saved", "{from}");
    }
}
