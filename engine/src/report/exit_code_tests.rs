use super::ExitCode as E;
use super::*;

const PAGE: &str = include_str!("../../../specs/exit-codes.md");

/// The columns of the page's second kind of table.
const ORIGINS: [Origin; 6] = [
    Origin::Spec,
    Origin::Source,
    Origin::Destination,
    Origin::Plugin,
    Origin::Policy,
    Origin::Local,
];

#[test]
fn the_order_is_that_of_the_design() {
    let order = [78, 64, 65, 70, 77, 69, 74, 130, 143, 4, 3, 1, 75, 2, 0];
    let mut rows: Vec<u8> = Vec::new();
    for line in PAGE.lines().filter_map(|line| line.strip_prefix("| ")) {
        rows.extend(line.split(" |").next().and_then(|number| number.parse::<u8>().ok()));
    }
    assert_eq!(rows, order, "the page has the same rows in the same order");
    let codes = [
        E::UnreadableConfig,
        E::Usage,
        E::InvalidSpec,
        E::Engine,
        E::Unauthorized,
        E::Unreachable,
        E::Unwritten,
        E::Interrupted,
        E::Terminated,
        E::Conflict,
        E::Refused,
        E::SomeFailed,
        E::Incomplete,
        E::Changes,
        E::Done,
    ];
    assert_eq!(codes.map(E::number), order);
    assert!(codes.is_sorted());
    assert_eq!(E::first([E::Incomplete, E::Conflict, E::SomeFailed]), E::Conflict);
    assert_eq!(E::first([]), E::Done);
}

/// The row of a kind in the table below a heading of the page: a number for each origin.
fn row(heading: &str, kind: Kind) -> Vec<u8> {
    let table = PAGE.split(heading).nth(1).unwrap_or_else(|| panic!("no heading `{heading}`"));
    let start = format!("| `{}` | ", kind.word());
    let line = table.lines().find_map(|line| line.strip_prefix(&start));
    let line = line.unwrap_or_else(|| panic!("{heading}: no row of `{}`", kind.word()));
    line.trim_end_matches(" |").split(" | ").map(|cell| cell.parse().unwrap()).collect()
}

#[test]
fn each_kind_of_each_origin_ends_as_the_page_says() {
    for (heading, stage) in [
        ("### Before anything is copied", FaultStage::Start),
        ("### One question to one place", FaultStage::Call),
        ("### An item that failed", FaultStage::Item),
        ("### An item that a policy refused", FaultStage::Judged),
        ("### An item that waits", FaultStage::Deferred),
    ] {
        for kind in Kind::ALL {
            let ends = ORIGINS.map(|origin| E::of(kind, origin, stage).number());
            assert_eq!(ends.as_slice(), row(heading, kind), "{stage:?}, {}", kind.word());
        }
    }
}

/// What the sentences of the page promise, one of each.
#[test]
fn what_people_are_promised() {
    let of = |kind, origin, stage| E::of(kind, origin, stage).number();
    assert_eq!(of(Kind::Held, Origin::Local, FaultStage::Start), 75, "another run holds the state");
    assert_eq!(of(Kind::Corrupt, Origin::Local, FaultStage::Start), 78, "a broken state file");
    assert_eq!(of(Kind::Corrupt, Origin::Spec, FaultStage::Start), 78, "the spec is no YAML");
    assert_eq!(of(Kind::Invalid, Origin::Spec, FaultStage::Start), 65);
    for stage in [FaultStage::Start, FaultStage::Call] {
        assert_eq!(of(Kind::Corrupt, Origin::Policy, stage), 78, "a broken policy.json");
    }
    assert_eq!(of(Kind::Unsupported, Origin::Policy, FaultStage::Call), 3, "a policy.json");
    assert_eq!(of(Kind::Crashed, Origin::Local, FaultStage::Item), 70);
    assert_eq!(of(Kind::Crashed, Origin::Plugin, FaultStage::Item), 1, "a plugin that trapped");
    assert_eq!(of(Kind::Crashed, Origin::Plugin, FaultStage::Judged), 3, "a policy that trapped");
    assert_eq!(of(Kind::Unauthorized, Origin::Source, FaultStage::Item), 77);
    assert_eq!(of(Kind::Conflict, Origin::Policy, FaultStage::Item), 4);
    assert_eq!(
        of(Kind::Conflict, Origin::Destination, FaultStage::Item),
        1,
        "a place's own conflict"
    );
    assert_eq!(of(Kind::Unreachable, Origin::Source, FaultStage::Call), 69);
    assert_eq!(
        of(Kind::Unreadable, Origin::Local, FaultStage::Call),
        1,
        "an image, and no setting"
    );
    assert_eq!(of(Kind::Quota, Origin::Source, FaultStage::Deferred), 75);
}
